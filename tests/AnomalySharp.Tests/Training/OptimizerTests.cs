using AnomalySharp.Detectors.Reconstruction;
using AnomalySharp.Networks;
using AnomalySharp.Networks.Simd;
using AnomalySharp.Persistence;
using AnomalySharp.Tests.Common;
using AnomalySharp.Training;

namespace AnomalySharp.Tests.Training;

public class OptimizerTests
{
    public static TheoryData<OptimizerKind, int> AllKinds
    {
        get
        {
            TheoryData<OptimizerKind, int> data = [];
            foreach (OptimizerKind kind in Enum.GetValues<OptimizerKind>())
            {
                foreach (int length in (int[])[1, 16, 83]) data.Add(kind, length);
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(AllKinds))]
    public void Steps_are_those_of_the_papers_algorithm_on_every_vector_width(OptimizerKind kind, int length)
    {
        foreach (DenseMath math in (DenseMath[])[DenseMath.Vector512Bits, DenseMath.Vector256Bits, DenseMath.Portable])
        {
            using Plain network = new(length);
            Optimizer optimizer = Create(kind, network);
            optimizer.GetType().GetProperty("Math")!.SetValue(optimizer, math);
            float[] start = FiniteDifferences.Normal(1, length);
            start.CopyTo(network.Parameters.Values);
            double[] theta = [.. start.Select(value => (double)value)], m = new double[length], v = new double[length];
            for (int t = 1; t <= 5; t++)
            {
                float[] gradient = FiniteDifferences.Normal(10 + t, length);
                gradient.CopyTo(network.Parameters.Gradients);
                optimizer.Step();
                for (int i = 0; i < length; i++) Move(kind, t, gradient[i], ref theta[i], ref m[i], ref v[i]);
                Assert.All(network.Parameters.Gradients.ToArray(), value => Assert.Equal(0, value));
            }
            for (int i = 0; i < length; i++) Assert.Equal(theta[i], network.Parameters.Values[i], 2e-6);
        }
    }

    [Theory, MemberData(nameof(AllKinds))]
    public void A_restored_optimiser_goes_on_as_the_first_would_have(OptimizerKind kind, int length)
    {
        using Plain a = new(length), b = new(length);
        Optimizer first = Create(kind, a), second = Create(kind, b);
        void Step(Plain network, Optimizer optimizer, int seed)
        {
            FiniteDifferences.Normal(seed, length).CopyTo(network.Parameters.Gradients);
            optimizer.Step();
        }
        for (int i = 0; i < 3; i++) Step(a, first, i);
        TensorState state = new();
        first.WriteState(state);
        second.ReadState(state);
        a.Parameters.Values.CopyTo(b.Parameters.Values);
        Step(a, first, 9);
        Step(b, second, 9);
        Assert.Equal(a.Parameters.Values.ToArray(), b.Parameters.Values.ToArray());
        Assert.Equal(4, second.Steps);
    }

    // λ = 0.1, η = 0.01.
    private static Optimizer Create(OptimizerKind kind, Network network) =>
        Optimizer.Create(new AutoencoderOptions { Optimizer = kind, LearningRate = 0.01, WeightDecay = 0.1, Momentum = 0.8 }, network);

    private static void Move(OptimizerKind kind, int t, double g, ref double theta, ref double m, ref double v)
    {
        const double Rate = 0.01, Decay = 0.1;
        if (kind == OptimizerKind.AdamW) theta -= Rate * Decay * theta;
        else g += Decay * theta;
        switch (kind)
        {
            case OptimizerKind.Sgd:
                m = 0.8 * m + g;
                theta -= Rate * m;
                break;
            case OptimizerKind.RmsProp:
                v = 0.9 * v + 0.1 * g * g;
                theta -= Rate * g / (Math.Sqrt(v) + 1e-8);
                break;
            case OptimizerKind.Adadelta:
                v = 0.95 * v + 0.05 * g * g;
                double step = Math.Sqrt(m + 1e-6) / Math.Sqrt(v + 1e-6) * g;
                m = 0.95 * m + 0.05 * step * step;
                theta -= Rate * step;
                break;
            default:
                m = 0.9 * m + 0.1 * g;
                v = 0.999 * v + 0.001 * g * g;
                theta -= Rate * (m / (1 - Math.Pow(0.9, t))) / (Math.Sqrt(v / (1 - Math.Pow(0.999, t))) + 1e-8);
                break;
        }
    }

    /// <summary>Nothing but parameters, of any number.</summary>
    private sealed class Plain(int length) : Network
    {
        public override int InputSize => 1;

        public override int OutputSize => 1;

        public override ParameterBuffer Parameters { get; } = new(length);

        public override IReadOnlyList<Range> Weights => [];

        public override ReadOnlySpan<float> Forward(ReadOnlySpan<float> input, int count) => throw new NotSupportedException();

        public override ReadOnlySpan<float> Backward(ReadOnlySpan<float> outputGradient, bool needInputGradient = false) => throw new NotSupportedException();

        public override void Infer(ReadOnlySpan<float> input, int count, Span<float> output) => throw new NotSupportedException();

        public override void WriteState(TensorState state) => throw new NotSupportedException();

        public override void ReadState(TensorState state) => throw new NotSupportedException();
    }
}
