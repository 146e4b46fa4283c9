using System.Numerics.Tensors;
using AnomalySharp.Networks;

namespace AnomalySharp.Training;

/// <summary>
/// Normal and sign noise that follows from a seed and a number alone (a step, a draw): a resumed training, or another process, draws the same.
/// </summary>
internal static class GaussianNoise
{
    private const int Chunk = 256;

    /// <summary>Fills with independent N(0, 1) values (Box and Muller, 1958).</summary>
    public static void Fill(Span<float> values, int seed, long number)
    {
        ulong state = Start(seed, number);
        Span<float> radius = stackalloc float[Chunk], angle = stackalloc float[Chunk], wave = stackalloc float[Chunk];
        for (int start = 0; start < values.Length; start += 2 * Chunk)
        {
            Span<float> target = values[start..Math.Min(start + 2 * Chunk, values.Length)];
            int pairs = (target.Length + 1) / 2;
            for (int i = 0; i < pairs; i++)
            {
                ulong bits = Next(ref state);
                // 32 bits for the radius, whose logarithm is far from 0 in the tails; never 0.
                radius[i] = ((uint)bits + 0.5f) * (1f / 4294967296f);
                angle[i] = (bits >> 40) * (2 * MathF.PI / 16777216f);
            }
            Span<float> r = radius[..pairs], a = angle[..pairs], w = wave[..pairs];
            TensorPrimitives.Min(r, 1f, r);
            TensorPrimitives.Log(r, r);
            TensorPrimitives.Multiply(r, -2f, r);
            TensorPrimitives.Sqrt(r, r);
            TensorPrimitives.Cos(a, w);
            TensorPrimitives.Multiply(r, w, target[..pairs]);
            TensorPrimitives.Sin(a, w);
            TensorPrimitives.Multiply(r, w, w);
            w[..(target.Length - pairs)].CopyTo(target[pairs..]);
        }
    }

    /// <summary>Fills with independent +1 and −1, equally likely (Rademacher).</summary>
    public static void FillSigns(Span<float> values, int seed, long number)
    {
        ulong state = Start(seed, number), bits = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (i % 64 == 0) bits = Next(ref state);
            values[i] = (bits & 1) == 0 ? 1 : -1;
            bits >>= 1;
        }
    }

    private static ulong Start(int seed, long number) => UniformNoise.Start((ulong)(uint)seed << 32, number);

    private static ulong Next(ref ulong state) => UniformNoise.Mix(state += 0x9E3779B97F4A7C15UL);
}
