using System.Numerics;
using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace AnomalySharp.Networks;

/// <summary>
/// Bernoulli(x; σ(a)) for values from 0 to 1: the decoder gives the logits a, and −log p is the cross-entropy.
/// </summary>
/// <remarks>
/// Beyond 0 and 1 the cross-entropy would fall without end, so a scored value there counts as 0 or 1, and the square of its distance is added: it has
/// left the range that was learnt.
/// </remarks>
internal sealed class BernoulliLikelihood : Likelihood
{
    // Scaling to 0…1 rounds.
    private const float Tolerance = 1e-5f;

    private const float SmallestNormal = 1.17549435e-38f;

    [MethodImpl(AggressiveOptimization)]
    public override void Evaluate(ReadOnlySpan<float> x, ReadOnlySpan<float> output, Span<float> terms, Span<float> gradient = default, float scale = 1)
    {
        for (int i = 0; i < x.Length; i += Lanes.Width)
        {
            Vector<float> value = Lanes.Load(x, i), logit = Lanes.Load(output, i);
            Vector<float> inside = Vector.Min(Vector.Max(value, Vector<float>.Zero), Vector<float>.One), beyond = value - inside;
            // log(1 + eᵃ) − a·x; written with e⁻ᵃ for a > 0, which does not overflow.
            Vector<float> small = Lanes.Exp(-Vector.Abs(logit));
            Vector<float> softplus = Vector.Max(logit, Vector<float>.Zero) + Vector.Log(Vector<float>.One + small);
            Lanes.Store(softplus - logit * inside + beyond * beyond, terms, i);
            if (!gradient.IsEmpty) Lanes.Store((Probability(logit, small) - inside) * scale, gradient, i);
        }
    }

    /// <summary>
    /// The entropy of a grey value, 0 for 0 and 1: the cross-entropy of x and p is KL(x‖p) and this, which is greatest for middle greys and says
    /// nothing of how well they are explained.
    /// </summary>
    public override void OwnTerms(ReadOnlySpan<float> x, Span<float> terms)
    {
        Vector<float> least = new(SmallestNormal);
        for (int i = 0; i < x.Length; i += Lanes.Width)
        {
            Vector<float> inside = Vector.Min(Vector.Max(Lanes.Load(x, i), Vector<float>.Zero), Vector<float>.One), rest = Vector<float>.One - inside;
            // 0·log 0 = 0.
            Lanes.Store(-inside * Vector.Log(Vector.Max(inside, least)) - rest * Vector.Log(Vector.Max(rest, least)), terms, i);
        }
    }

    [MethodImpl(AggressiveOptimization)]
    public override void Mean(ReadOnlySpan<float> output, Span<float> mean)
    {
        for (int i = 0; i < mean.Length; i += Lanes.Width)
        {
            Vector<float> logit = Lanes.Load(output, i);
            Lanes.Store(Probability(logit, Lanes.Exp(-Vector.Abs(logit))), mean, i);
        }
    }

    public override void Require(Samples samples)
    {
        ReadOnlySpan<float> values = samples.Values.Span;
        int width = samples.Shape.Length;
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] is >= -Tolerance and <= 1 + Tolerance) continue;
            throw new DataException(
                $"The value in row {samples.RowName(i / width)}, column '{samples.FeatureName(i % width)}' is {values[i]} after scaling, and the Bernoulli "
                + "likelihood needs values from 0 to 1. Use --scaling min-max, or likelihood=gaussian.");
        }
    }

    [MethodImpl(AggressiveInlining)]
    private static Vector<float> Probability(Vector<float> logit, Vector<float> small) =>
        Vector.ConditionalSelect(Vector.GreaterThanOrEqual(logit, Vector<float>.Zero), Vector<float>.One, small) / (Vector<float>.One + small);
}
