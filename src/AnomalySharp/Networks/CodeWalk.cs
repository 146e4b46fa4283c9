using System.Numerics.Tensors;

namespace AnomalySharp.Networks;

/// <summary>Straight lines in a space of latent codes.</summary>
internal static class CodeWalk
{
    /// <summary>Codes in equal steps from one to another, both included: row-major, <paramref name="steps"/> of them.</summary>
    public static float[] Between(ReadOnlySpan<float> from, ReadOnlySpan<float> to, int steps)
    {
        int k = from.Length;
        float[] codes = new float[steps * k];
        for (int i = 0; i < codes.Length; i++)
        {
            float share = i / k / (float)(steps - 1);
            codes[i] = (from[i % k] * (1 - share)) + (to[i % k] * share);
        }
        return codes;
    }

    /// <summary>The same between two drawn codes that are far enough apart, see <see cref="IGenerativeDetector.Interpolate"/>.</summary>
    /// <param name="draw">Two codes for each number, row-major.</param>
    /// <param name="deviation">Standard deviation of a unit.</param>
    /// <param name="steps">Codes on the way.</param>
    public static float[] BetweenDrawn(Func<long, float[]> draw, double deviation, int steps)
    {
        for (long number = 0; ; number++)
        {
            float[] pair = draw(number);
            int k = pair.Length / 2;
            ReadOnlySpan<float> from = pair.AsSpan(0, k), to = pair.AsSpan(k);
            if (TensorPrimitives.Distance(from, to) >= deviation * Math.Sqrt(k)) return Between(from, to, steps);
        }
    }
}
