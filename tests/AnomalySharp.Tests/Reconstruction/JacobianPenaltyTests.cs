using AnomalySharp.Networks;
using AnomalySharp.Tests.Common;

namespace AnomalySharp.Tests.Reconstruction;

public class JacobianPenaltyTests
{
    private const int Inputs = 7, Count = 5;

    private static readonly float[] X = FiniteDifferences.Normal(1, Count * Inputs);

    [Theory]
    [InlineData(Activation.Sigmoid)]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Identity)]
    [InlineData(Activation.Softplus)]
    [InlineData(Activation.Elu)]
    [InlineData(Activation.LeakyRelu)]
    public void The_closed_form_and_its_gradient_are_those_of_the_exact_Jacobian(Activation activation)
    {
        using DenseNetwork encoder = new(Inputs, [new DenseLayer(9, activation)], seed: 3);
        (double closed, float[] closedGradient) = Run(new ClosedFormPenalty(encoder), encoder);
        (double exact, float[] exactGradient) = Run(new ExactJacobianPenalty(encoder), encoder);
        Assert.Equal(exact, closed, 1e-5 * exact);
        Assert.Equal(exact, new ClosedFormPenalty(encoder).Of(X, Count), 1e-5 * exact);
        for (int i = 0; i < exactGradient.Length; i++) Assert.Equal(exactGradient[i], closedGradient[i], 1e-4);
        // A linear code has the same Jacobian everywhere: the penalty is weight decay.
        if (activation == Activation.Identity) Assert.Equal(Count * Norm(encoder.Parameters.Values[encoder.Stages[0].WeightRange]), closed, 1e-4);
    }

    [Fact]
    public void The_exact_Jacobian_is_what_differences_of_the_network_show()
    {
        using DenseNetwork encoder = Deep();
        float[,] jacobian = new ExactJacobianPenalty(encoder).Jacobian(X.AsSpan(0, Inputs));
        const float Step = 1e-2f;
        for (int i = 0; i < Inputs; i++)
        {
            float[] above = X[..Inputs], below = X[..Inputs], high = new float[4], low = new float[4];
            above[i] += Step;
            below[i] -= Step;
            encoder.Infer(above, 1, high);
            encoder.Infer(below, 1, low);
            for (int j = 0; j < 4; j++) Assert.Equal((high[j] - low[j]) / (2 * Step), jacobian[i, j], 2e-3);
        }
    }

    [Fact]
    public void The_gradient_of_the_exact_penalty_is_its_slope()
    {
        using DenseNetwork encoder = Deep();
        ExactJacobianPenalty penalty = new(encoder);
        (_, float[] gradient) = Run(penalty, encoder);
        float[] values = encoder.Parameters.Values.ToArray();
        // Along the gradient itself, and along directions that are not it; padding stays zero.
        for (int direction = 0; direction < 4; direction++)
        {
            float[] along = direction == 0 ? gradient : FiniteDifferences.Normal(40 + direction, gradient.Length);
            for (int i = 0; i < along.Length; i++) along[i] = values[i] == 0 && gradient[i] == 0 ? 0 : along[i];
            double length = Math.Sqrt(FiniteDifferences.Dot(along, along)), step = 1e-2 / length;
            double slope = (At(step) - At(-step)) / (2 * step), expected = FiniteDifferences.Dot(gradient, along);
            Assert.Equal(slope, expected, 1e-2 * length * Math.Sqrt(FiniteDifferences.Dot(gradient, gradient)));

            double At(double h)
            {
                for (int i = 0; i < values.Length; i++) encoder.Parameters.Values[i] = values[i] + (float)(h * along[i]);
                double value = penalty.Of(X, Count);
                values.CopyTo(encoder.Parameters.Values);
                return value;
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void The_mean_of_many_probes_and_of_their_gradients_is_the_exact_penalty(int together)
    {
        using DenseNetwork encoder = Deep();
        (double exact, float[] exactGradient) = Run(new ExactJacobianPenalty(encoder), encoder);
        ProbedPenalty probed = new(encoder, seed: 5, together);
        const int Probes = 2000;
        double sum = 0, squares = 0;
        double[] gradient = new double[exactGradient.Length];
        for (int probe = 0; probe < Probes; probe++)
        {
            (double one, float[] ofOne) = Run(probed, encoder, probe);
            (sum, squares) = (sum + one, squares + one * one);
            for (int i = 0; i < gradient.Length; i++) gradient[i] += ofOne[i] / (double)Probes;
        }
        double mean = sum / Probes, error = Math.Sqrt((squares / Probes - mean * mean) / Probes);
        Assert.True(error < 0.02 * exact, $"Standard error {error} of {exact}.");
        Assert.Equal(exact, mean, 4 * error + 1e-3 * exact);
        float[] difference = [.. gradient.Select((value, i) => (float)value - exactGradient[i])];
        Assert.True(Norm(difference) < 0.01 * Norm(exactGradient), $"{Norm(difference)} of {Norm(exactGradient)}.");
    }

    [Fact]
    public void A_small_step_moves_the_code_by_the_Jacobian()
    {
        using DenseNetwork encoder = Deep();
        float[,] jacobian = new ExactJacobianPenalty(encoder).Jacobian(X.AsSpan(0, Inputs));
        float[] step = [.. FiniteDifferences.Normal(6, Inputs).Select(value => 1e-2f * value)], code = new float[4], moved = new float[4];
        encoder.Infer(X.AsSpan(0, Inputs), 1, code);
        encoder.Infer([.. step.Zip(X, (a, b) => a + b)], 1, moved);
        double expected = 0;
        for (int j = 0; j < 4; j++) expected += Math.Pow(Enumerable.Range(0, Inputs).Sum(i => (double)step[i] * jacobian[i, j]), 2);
        double actual = code.Zip(moved, (a, b) => Math.Pow(a - b, 2)).Sum();
        Assert.Equal(expected, actual, 0.05 * expected);
    }

    private static DenseNetwork Deep() => new(
        Inputs, [new DenseLayer(12, Activation.Tanh), new DenseLayer(10, Activation.Softplus), new DenseLayer(6, Activation.Elu), new DenseLayer(4, Activation.Sigmoid)], seed: 4);

    /// <summary>The penalty, and the gradient of that and of nothing else.</summary>
    private static (double Penalty, float[] Gradient) Run(JacobianPenalty penalty, DenseNetwork encoder, long number = 0)
    {
        encoder.Parameters.Gradients.Clear();
        ReadOnlySpan<float> codes = penalty.Forward(X, Count, number);
        double value = penalty.Backward(X, codes, Count, new float[Count * encoder.OutputSize], 1);
        float[] gradient = encoder.Parameters.Gradients.ToArray();
        encoder.Parameters.Gradients.Clear();
        return (value, gradient);
    }

    private static double Norm(ReadOnlySpan<float> values) => FiniteDifferences.Dot(values, values);
}
