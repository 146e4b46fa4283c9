using System.Numerics.Tensors;
using AnomalySharp.Training;

namespace AnomalySharp.Networks;

/// <summary>
/// Any encoder: ‖J‖²_F = E‖Jv‖² over directions v of independent signs (Hutchinson, 1989), one of them per sample and step, and Jv from the difference
/// quotient (f(x + εv) − f(x))/ε. So the penalty is one pass over a batch of twice the size, on whatever the encoder runs.
/// </summary>
/// <remarks>
/// Signs instead of normal values: the same mean and a smaller variance. The quotient's error is of order ε², since that of order ε changes its sign with v.
/// </remarks>
internal sealed class ProbedPenalty(Network encoder, int seed, float epsilon = 0.01f) : JacobianPenalty(encoder)
{
    private float[] _both = [], _gradient = [];

    public override ReadOnlySpan<float> Forward(ReadOnlySpan<float> x, int count, long number)
    {
        Pair(x, number);
        return Encoder.Forward(_both.AsSpan(0, 2 * x.Length), 2 * count);
    }

    public override double Backward(ReadOnlySpan<float> x, ReadOnlySpan<float> codes, int count, Span<float> gradient, float weight)
    {
        int half = codes.Length / 2;
        if (_gradient.Length < codes.Length) _gradient = new float[codes.Length];
        Span<float> atSamples = _gradient.AsSpan(0, half), atMoved = _gradient.AsSpan(half, half);
        double penalty = Quotients(codes, atMoved);
        TensorPrimitives.Multiply(atMoved, 2 * weight / epsilon, atMoved);
        TensorPrimitives.Subtract(gradient[..half], atMoved, atSamples);
        Encoder.Backward(_gradient.AsSpan(0, codes.Length));
        return penalty;
    }

    public override double Of(ReadOnlySpan<float> x, int count)
    {
        Pair(x, -1);
        float[] codes = new float[2 * count * Encoder.OutputSize];
        Encoder.Infer(_both.AsSpan(0, 2 * x.Length), 2 * count, codes);
        return Quotients(codes, codes.AsSpan(codes.Length / 2));
    }

    /// <summary>The samples, and then the samples a step along v.</summary>
    private void Pair(ReadOnlySpan<float> x, long number)
    {
        if (_both.Length < 2 * x.Length) _both = new float[2 * x.Length];
        Span<float> moved = _both.AsSpan(x.Length, x.Length);
        x.CopyTo(_both);
        GaussianNoise.FillSigns(moved, seed, number);
        TensorPrimitives.MultiplyAdd(moved, epsilon, x, moved);
    }

    /// <summary>Jv of every sample, and the sum of their squares.</summary>
    private double Quotients(ReadOnlySpan<float> codes, Span<float> target)
    {
        int half = codes.Length / 2;
        TensorPrimitives.Subtract(codes[half..], codes[..half], target);
        TensorPrimitives.Multiply(target, 1 / epsilon, target);
        return TensorPrimitives.SumOfSquares<float>(target);
    }
}
