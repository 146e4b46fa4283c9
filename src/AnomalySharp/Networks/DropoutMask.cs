namespace AnomalySharp.Networks;

/// <summary>
/// Masks of dropout follow from the seed and the number of batches seen, which is part of a network's state: a resumed training draws those that an
/// uninterrupted one would have drawn.
/// </summary>
internal static class DropoutMask
{
    /// <summary>Fills with 0 (dropped) and 1/(1 − <paramref name="rate"/>).</summary>
    public static void Fill(Span<float> mask, float rate, ulong seed, long batch)
    {
        ulong threshold = (ulong)(rate * 4294967296.0), state = UniformNoise.Start(seed, batch);
        float kept = 1 / (1 - rate);
        for (int i = 0; i < mask.Length; i++)
        {
            state += 0x9E3779B97F4A7C15UL;
            mask[i] = (UniformNoise.Mix(state) >> 32) < threshold ? 0 : kept;
        }
    }
}
