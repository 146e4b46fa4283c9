using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace AnomalySharp.Networks;

/// <summary>
/// q(z|x) = N(μ, diag σ²) as an encoder gives it: a row of 2k values, μ and then log σ², which is kept between −8 and 8.
/// </summary>
internal static class DiagonalGaussian
{
    private const float Lowest = -8, Highest = 8;

    /// <summary>z = μ + σ⊙ε of every row.</summary>
    /// <param name="codes">count × 2k.</param>
    /// <param name="noise">count × k: one ε per row.</param>
    /// <param name="count">Rows.</param>
    /// <param name="z">Receives count × k values.</param>
    public static void Draw(ReadOnlySpan<float> codes, ReadOnlySpan<float> noise, int count, Span<float> z)
    {
        int k = codes.Length / count / 2, rows = Math.Min(Heads.RowsPerBlock(k), count);
        float[] joined = ArrayPool<float>.Shared.Rent(2 * rows * k);
        for (int row = 0; row < count; row += rows)
        {
            int block = Math.Min(rows, count - row), values = block * k;
            Heads.Join(codes.Slice(row * 2 * k, 2 * values), block, 2, joined);
            Draw(joined.AsSpan(0, 2 * values), noise.Slice(row * k, values), z.Slice(row * k, values));
        }
        ArrayPool<float>.Shared.Return(joined);
    }

    /// <summary>z = μ + σ⊙ε of one row.</summary>
    [MethodImpl(AggressiveOptimization)]
    public static void Draw(ReadOnlySpan<float> code, ReadOnlySpan<float> noise, Span<float> z)
    {
        int k = z.Length;
        for (int i = 0; i < k; i += Lanes.Width)
        {
            Vector<float> deviation = Lanes.Exp(0.5f * LogVariance(code, k, i));
            Lanes.Store(Lanes.Load(code[..k], i) + deviation * Lanes.Load(noise, i), z, i);
        }
    }

    /// <summary>KL(q ‖ N(0, I)) = ½ Σ (μ² + σ² − 1 − log σ²) of one row, in nats.</summary>
    [MethodImpl(AggressiveOptimization)]
    public static float Divergence(ReadOnlySpan<float> code)
    {
        int k = code.Length / 2;
        Vector<float> sums = Vector<float>.Zero;
        for (int i = 0; i < k; i += Lanes.Width)
        {
            Vector<float> mean = Lanes.Load(code[..k], i), logVariance = LogVariance(code, k, i);
            sums += mean * mean + (Lanes.Exp(logVariance) - Vector<float>.One) - logVariance;
        }
        return 0.5f * Vector.Sum(sums);
    }

    /// <summary>log p(z) − log q(z|x) of z = μ + σ⊙ε, one row.</summary>
    [MethodImpl(AggressiveOptimization)]
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
    /// <param name="noise">count × k: the ε that the codes were drawn with.</param>
    /// <param name="drawn">count × k: the gradient at z.</param>
    /// <param name="count">Samples.</param>
    /// <param name="weight">Factor of every sample's divergence: β by the batch.</param>
    /// <param name="gradient">Receives count × 2k values.</param>
    /// <returns>The sum of the divergences.</returns>
    public static double Backward(
        ReadOnlySpan<float> codes, ReadOnlySpan<float> noise, ReadOnlySpan<float> drawn, int count, float weight, Span<float> gradient)
    {
        int k = drawn.Length / count, rows = Math.Min(Heads.RowsPerBlock(k), count);
        float[] joined = ArrayPool<float>.Shared.Rent(2 * rows * k), joinedGradient = ArrayPool<float>.Shared.Rent(2 * rows * k);
        double divergence = 0;
        for (int row = 0; row < count; row += rows)
        {
            int block = Math.Min(rows, count - row), values = block * k;
            Span<float> code = joined.AsSpan(0, 2 * values), target = joinedGradient.AsSpan(0, 2 * values);
            Heads.Join(codes.Slice(row * 2 * k, 2 * values), block, 2, code);
            divergence += Backward(code, noise.Slice(row * k, values), drawn.Slice(row * k, values), weight, target);
            Heads.Split(target, block, 2, gradient.Slice(row * 2 * k, 2 * values));
        }
        ArrayPool<float>.Shared.Return(joined);
        ArrayPool<float>.Shared.Return(joinedGradient);
        return divergence;
    }

    [MethodImpl(AggressiveOptimization)]
    private static float Backward(ReadOnlySpan<float> code, ReadOnlySpan<float> noise, ReadOnlySpan<float> drawn, float weight, Span<float> gradient)
    {
        int k = drawn.Length;
        ReadOnlySpan<float> means = code[..k], logVariances = code[k..];
        Span<float> atMeans = gradient[..k], atLogVariances = gradient[k..];
        Vector<float> sums = Vector<float>.Zero;
        for (int i = 0; i < k; i += Lanes.Width)
        {
            Vector<float> mean = Lanes.Load(means, i), raw = Lanes.Load(logVariances, i), back = Lanes.Load(drawn, i);
            Vector<float> logVariance = Clamped.Value(raw, Lowest, Highest), deviation = Lanes.Exp(0.5f * logVariance);
            Vector<float> variance = deviation * deviation;
            Vector<float> slope = 0.5f * (back * deviation * Lanes.Load(noise, i) + weight * (variance - Vector<float>.One));
            sums += mean * mean + (variance - Vector<float>.One) - logVariance;
            Lanes.Store(back + weight * mean, atMeans, i);
            Lanes.Store(Clamped.Gradient(raw, slope, Lowest, Highest), atLogVariances, i);
        }
        return 0.5f * Vector.Sum(sums);
    }

    [MethodImpl(AggressiveInlining)]
    private static Vector<float> LogVariance(ReadOnlySpan<float> code, int k, int i) => Clamped.Value(Lanes.Load(code[k..], i), Lowest, Highest);
}
