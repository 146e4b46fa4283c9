namespace AnomalySharp.Networks;

/// <summary>Random numbers that follow from a seed and a counter alone.</summary>
internal static class UniformNoise
{
    /// <summary>Fills with numbers from 0 up to but not including 1, in steps of 2⁻²⁴.</summary>
    public static void Fill(Span<float> target, ulong seed, long counter)
    {
        ulong state = Start(seed, counter);
        for (int i = 0; i < target.Length; i++)
        {
            state += 0x9E3779B97F4A7C15UL;
            target[i] = (Mix(state) >> 40) * (1f / (1 << 24));
        }
    }

    public static ulong Start(ulong seed, long counter) => Mix(seed ^ Mix((ulong)counter + 0x9E3779B97F4A7C15UL));

    /// <summary>SplitMix64's finaliser.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
