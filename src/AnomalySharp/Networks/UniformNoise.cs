using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace AnomalySharp.Networks;

/// <summary>Random numbers that follow from a seed and a counter alone.</summary>
internal static class UniformNoise
{
    /// <summary>Fills with numbers from 0 up to but not including 1, in steps of 2⁻²⁴.</summary>
    [MethodImpl(AggressiveOptimization)]
    public static void Fill(Span<float> target, ulong seed, long counter)
    {
        ulong state = Start(seed, counter);
        for (int i = 0; i < target.Length; i++)
        {
            state += Increment;
            // Through a signed number: unsigned ones of 64 bits have no conversion in hardware.
            target[i] = (int)(Mix(state) >> 40) * (1f / (1 << 24));
        }
    }

    /// <summary>What the state grows by from one number to the next: 2⁶⁴ by the golden ratio.</summary>
    public const ulong Increment = 0x9E3779B97F4A7C15UL;

    public static ulong Start(ulong seed, long counter) => Mix(seed ^ Mix((ulong)counter + Increment));

    /// <summary>SplitMix64's finaliser.</summary>
    [MethodImpl(AggressiveInlining)]
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
