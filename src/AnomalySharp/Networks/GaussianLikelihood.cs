using System.Numerics;
using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace AnomalySharp.Networks;

/// <summary>N(x; m, σ²): the decoder gives m, and log σ² of every value where that is learnt.</summary>
internal static class GaussianLikelihood
{
    public const float LogTwoPi = 1.8378770664093453f;
}

/// <summary>The same σ for every value: half the squared error by σ², and a constant.</summary>
internal sealed class FixedGaussianLikelihood(double deviation) : Likelihood
{
    private readonly float _precision = (float)(1 / (deviation * deviation)), _logVariance = (float)(2 * Math.Log(deviation));

    [MethodImpl(AggressiveOptimization)]
    public override void Evaluate(ReadOnlySpan<float> x, ReadOnlySpan<float> output, Span<float> terms, Span<float> gradient = default, float scale = 1)
    {
        for (int i = 0; i < x.Length; i += Lanes.Width)
        {
            Vector<float> difference = Lanes.Load(output, i) - Lanes.Load(x, i);
            Lanes.Store(0.5f * (difference * difference * _precision + new Vector<float>(_logVariance + GaussianLikelihood.LogTwoPi)), terms, i);
            if (!gradient.IsEmpty) Lanes.Store(difference * (_precision * scale), gradient, i);
        }
    }
}

/// <summary>A variance of its own for every value, kept between <c>lowest</c> and <c>highest</c>: on a constant feature it would fall without end.</summary>
internal sealed class LearntGaussianLikelihood(double lowestDeviation, float highest = 8) : Likelihood
{
    private readonly float _lowest = (float)(2 * Math.Log(lowestDeviation));

    public override int HeadCount => 2;

    [MethodImpl(AggressiveOptimization)]
    public override void Evaluate(ReadOnlySpan<float> x, ReadOnlySpan<float> output, Span<float> terms, Span<float> gradient = default, float scale = 1)
    {
        ReadOnlySpan<float> means = output[..x.Length], logVariances = output[x.Length..];
        for (int i = 0; i < x.Length; i += Lanes.Width)
        {
            Vector<float> difference = Lanes.Load(means, i) - Lanes.Load(x, i), raw = Lanes.Load(logVariances, i);
            Vector<float> logVariance = Clamped.Value(raw, _lowest, highest), precision = Lanes.Exp(-logVariance);
            Vector<float> squared = difference * difference * precision;
            Lanes.Store(0.5f * (squared + logVariance + new Vector<float>(GaussianLikelihood.LogTwoPi)), terms, i);
            if (gradient.IsEmpty) continue;
            Lanes.Store(difference * precision * scale, gradient[..x.Length], i);
            Lanes.Store(Clamped.Gradient(raw, 0.5f * scale * (Vector<float>.One - squared), _lowest, highest), gradient[x.Length..], i);
        }
    }
}

/// <summary>
/// Values kept in a range. Outside of it, only the gradient that leads back in is passed on: with that of the clamped function, which is zero there, a
/// variance that once fell to its floor could never rise again.
/// </summary>
internal static class Clamped
{
    [MethodImpl(AggressiveInlining)]
    public static Vector<float> Value(Vector<float> raw, float lowest, float highest) =>
        Vector.Min(Vector.Max(raw, new Vector<float>(lowest)), new Vector<float>(highest));

    [MethodImpl(AggressiveInlining)]
    public static Vector<float> Gradient(Vector<float> raw, Vector<float> gradient, float lowest, float highest)
    {
        Vector<int> leadsOut = (Vector.LessThan(raw, new Vector<float>(lowest)) & Vector.GreaterThan(gradient, Vector<float>.Zero))
            | (Vector.GreaterThan(raw, new Vector<float>(highest)) & Vector.LessThan(gradient, Vector<float>.Zero));
        return Vector.ConditionalSelect(leadsOut, Vector<float>.Zero, gradient);
    }
}
