using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace AnomalySharp.Networks;

/// <summary>
/// Masks of dropout follow from the seed and the number of batches seen, which is part of a network's state: a resumed training draws those that an
/// uninterrupted one would have drawn.
/// </summary>
internal static class DropoutMask
{
    /// <summary>Fills with 0 (dropped) and 1/(1 − <paramref name="rate"/>).</summary>
    [MethodImpl(AggressiveOptimization)]
    public static void Fill(Span<float> mask, float rate, ulong seed, long batch)
    {
        long threshold = (long)(rate * 4294967296.0);
        ulong state = UniformNoise.Start(seed, batch);
        int kept = BitConverter.SingleToInt32Bits(1 / (1 - rate));
        for (int i = 0; i < mask.Length; i++)
        {
            state += UniformNoise.Increment;
            // All bits set below the threshold, none above: a branch would be mispredicted as often as a unit is dropped.
            int dropped = (int)(((long)(UniformNoise.Mix(state) >> 32) - threshold) >> 63);
            mask[i] = BitConverter.Int32BitsToSingle(kept & ~dropped);
        }
    }
}
