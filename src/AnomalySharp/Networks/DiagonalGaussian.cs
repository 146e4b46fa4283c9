using System.Numerics;

namespace AnomalySharp.Networks;

/// <summary>
/// q(z|x) = N(μ, diag σ²) as an encoder gives it: a row of 2k values, μ and then log σ², which is kept between −8 and 8.
/// </summary>
internal static class DiagonalGaussian
{
    private const float Lowest = -8, Highest = 8;

    /// <summary>z = μ + σ⊙ε of one row.</summary>
    public static void Draw(ReadOnlySpan<float> code, ReadOnlySpan<float> noise, Span<float> z)
    {
        int k = z.Length;
        for (int i = 0; i < k; i += Lanes.Width)
        {
            Vector<float> deviation = Vector.Exp(0.5f * LogVariance(code, k, i));
            Lanes.Store(Lanes.Load(code[..k], i) + deviation * Lanes.Load(noise, i), z, i);
        }
    }

    /// <summary>KL(q ‖ N(0, I)) = ½ Σ (μ² + σ² − 1 − log σ²) of one row, in nats.</summary>
    public static float Divergence(ReadOnlySpan<float> code)
    {
        int k = code.Length / 2;
        Vector<float> sums = Vector<float>.Zero;
        for (int i = 0; i < k; i += Lanes.Width)
        {
            Vector<float> mean = Lanes.Load(code[..k], i), logVariance = LogVariance(code, k, i);
            sums += mean * mean + (Vector.Exp(logVariance) - Vector<float>.One) - logVariance;
        }
        return 0.5f * Vector.Sum(sums);
    }

    /// <summary>log p(z) − log q(z|x) of z = μ + σ⊙ε, one row.</summary>
    public static float LogRatio(ReadOnlySpan<float> code, ReadOnlySpan<float> noise, ReadOnlySpan<float> z)
    {
        int k = z.Length;
        Vector<float> sums = Vector<float>.Zero;
        for (int i = 0; i < k; i += Lanes.Width)
        {
            Vector<float> e = Lanes.Load(noise, i), drawn = Lanes.Load(z, i);
            sums += e * e - drawn * drawn + LogVariance(code, k, i);
        }
        return 0.5f * Vector.Sum(sums);
    }

    /// <summary>
    /// The gradient at the encoder's output: that of the reconstruction, which comes back through z (∂z/∂μ = 1, ∂z/∂σ = ε), and that of the divergence.
    /// </summary>
    /// <param name="codes">count × 2k.</param>
    /// <param name="noise">count × k: the ε of <see cref="Draw"/>.</param>
    /// <param name="drawn">count × k: the gradient at z.</param>
    /// <param name="count">Samples.</param>
    /// <param name="weight">Factor of every sample's divergence: β by the batch.</param>
    /// <param name="gradient">Receives count × 2k values.</param>
    /// <returns>The sum of the divergences.</returns>
    public static double Backward(
        ReadOnlySpan<float> codes, ReadOnlySpan<float> noise, ReadOnlySpan<float> drawn, int count, float weight, Span<float> gradient)
    {
        int k = drawn.Length / count;
        double divergence = 0;
        for (int row = 0; row < count; row++)
        {
            ReadOnlySpan<float> code = codes.Slice(row * 2 * k, 2 * k), e = noise.Slice(row * k, k), atZ = drawn.Slice(row * k, k);
            Span<float> target = gradient.Slice(row * 2 * k, 2 * k);
            Vector<float> sums = Vector<float>.Zero;
            for (int i = 0; i < k; i += Lanes.Width)
            {
                Vector<float> mean = Lanes.Load(code[..k], i), raw = Lanes.Load(code[k..], i), back = Lanes.Load(atZ, i);
                Vector<float> logVariance = Clamped.Value(raw, Lowest, Highest), deviation = Vector.Exp(0.5f * logVariance), variance = deviation * deviation;
                Vector<float> slope = 0.5f * (back * deviation * Lanes.Load(e, i) + weight * (variance - Vector<float>.One));
                sums += mean * mean + (variance - Vector<float>.One) - logVariance;
                Lanes.Store(back + weight * mean, target[..k], i);
                Lanes.Store(Clamped.Gradient(raw, slope, Lowest, Highest), target[k..], i);
            }
            divergence += 0.5f * Vector.Sum(sums);
        }
        return divergence;
    }

    private static Vector<float> LogVariance(ReadOnlySpan<float> code, int k, int i) => Clamped.Value(Lanes.Load(code[k..], i), Lowest, Highest);
}
