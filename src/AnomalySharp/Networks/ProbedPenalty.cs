using System.Numerics.Tensors;
using AnomalySharp.Training;

namespace AnomalySharp.Networks;

/// <summary>
/// Any encoder: ‖J‖²_F = E‖Jv‖² over directions v of independent signs (Hutchinson, 1989), one or a few of them per sample and step, and Jv from the
/// difference quotient (f(x + εv) − f(x))/ε. So the penalty is one pass over a batch of twice the size (or more), on whatever the encoder runs.
/// </summary>
/// <remarks>
/// Signs instead of normal values: the same mean and a smaller variance. The quotient's error is of order ε², since that of order ε changes its sign with v.
/// </remarks>
internal sealed class ProbedPenalty(Network encoder, int seed, int probes = 1, float epsilon = 0.01f) : JacobianPenalty(encoder)
{
    private float[] _all = [], _gradient = [];

    public override ReadOnlySpan<float> Forward(ReadOnlySpan<float> x, int count, long number) =>
        Encoder.Forward(Move(x, number), (1 + probes) * count);

    public override double Backward(ReadOnlySpan<float> x, ReadOnlySpan<float> codes, int count, Span<float> gradient, float weight)
    {
        int part = codes.Length / (1 + probes);
        if (_gradient.Length < codes.Length) _gradient = new float[codes.Length];
        Span<float> atSamples = _gradient.AsSpan(0, part), atMoved = _gradient.AsSpan(part, probes * part);
        double penalty = Quotients(codes, atMoved);
        TensorPrimitives.Multiply(atMoved, 2 * weight / (probes * epsilon), atMoved);
        gradient[..part].CopyTo(atSamples);
        for (int p = 0; p < probes; p++) TensorPrimitives.Subtract(atSamples, atMoved.Slice(p * part, part), atSamples);
        Encoder.Backward(_gradient.AsSpan(0, codes.Length));
        return penalty;
    }

    public override double Of(ReadOnlySpan<float> x, int count)
    {
        float[] codes = new float[(1 + probes) * count * Encoder.OutputSize];
        Encoder.Infer(Move(x, -1), (1 + probes) * count, codes);
        return Quotients(codes, codes.AsSpan(codes.Length / (1 + probes)));
    }

    /// <summary>The samples, and then the samples a step along v, for one v after the other.</summary>
    private ReadOnlySpan<float> Move(ReadOnlySpan<float> x, long number)
    {
        if (_all.Length < (1 + probes) * x.Length) _all = new float[(1 + probes) * x.Length];
        x.CopyTo(_all);
        Span<float> moved = _all.AsSpan(x.Length, probes * x.Length);
        GaussianNoise.FillSigns(moved, seed, number);
        for (int p = 0; p < probes; p++)
        {
            Span<float> along = moved.Slice(p * x.Length, x.Length);
            TensorPrimitives.MultiplyAdd(along, epsilon, x, along);
        }
        return _all.AsSpan(0, (1 + probes) * x.Length);
    }

    /// <summary>Jv of every sample and v, and the sum over the samples of the mean of their squares.</summary>
    private double Quotients(ReadOnlySpan<float> codes, Span<float> target)
    {
        int part = codes.Length / (1 + probes);
        for (int p = 0; p < probes; p++) TensorPrimitives.Subtract(codes.Slice((1 + p) * part, part), codes[..part], target.Slice(p * part, part));
        TensorPrimitives.Multiply(target, 1 / epsilon, target);
        return TensorPrimitives.SumOfSquares<float>(target) / probes;
    }
}
