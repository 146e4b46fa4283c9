using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AnomalySharp.Networks;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace AnomalySharp.Training;

/// <summary>
/// Normal and sign noise that follows from a seed and a number alone (a step, a draw): a resumed training, or another process, draws the same.
/// </summary>
internal static class GaussianNoise
{
    private const int Chunk = 256, WordBits = 64;

    /// <summary>Fills with independent N(0, 1) values (Box and Muller, 1958): √(−2 ln u)·cos 2πv and √(−2 ln u)·sin 2πv.</summary>
    [MethodImpl(AggressiveOptimization)]
    public static void Fill(Span<float> values, int seed, long number)
    {
        ulong state = Start(seed, number);
        Span<float> radius = stackalloc float[Chunk], turn = stackalloc float[Chunk];
        for (int start = 0; start < values.Length; start += 2 * Chunk)
        {
            Span<float> target = values[start..Math.Min(start + 2 * Chunk, values.Length)];
            int pairs = (target.Length + 1) / 2;
            for (int i = 0; i < pairs; i++)
            {
                state += UniformNoise.Increment;
                ulong bits = UniformNoise.Mix(state);
                // 32 bits for the radius, whose logarithm is far from 0 in the tails; never 0. Through signed numbers, see UniformNoise.
                radius[i] = ((long)(uint)bits + 0.5f) * (1f / 4294967296f);
                turn[i] = (int)(bits >> 40) * (1f / 16777216f) - 0.5f;
            }
            Span<float> cosines = target[..pairs], sines = target[pairs..];
            for (int i = 0; i < pairs; i += Lanes.Width)
            {
                Vector<float> u = Vector.Min(Vector.LoadUnsafe(ref radius[i]), Vector<float>.One), v = Vector.LoadUnsafe(ref turn[i]);
                // Turns v from −½ to ½ stand for v + ½: both functions change their signs.
                Vector<float> r = -Vector.SquareRoot(-2f * Vector.Log(u)), quarter = v - new Vector<float>(0.25f);
                Lanes.Store(r * SineOfTurn(new Vector<float>(0.25f) - Vector.Abs(v)), cosines, i);
                if (i < sines.Length) Lanes.Store(r * SineOfTurn(new Vector<float>(0.25f) - Vector.Abs(quarter - Vector.Round(quarter))), sines, i);
            }
        }
    }

    /// <summary>sin 2πt for |t| ≤ ¼ to 2·10⁻⁷: the polynomial of degree 9 with the least greatest error.</summary>
    [MethodImpl(AggressiveInlining)]
    private static Vector<float> SineOfTurn(Vector<float> t)
    {
        Vector<float> square = t * t, p = new(39.536701f);
        p = Vector.MultiplyAddEstimate(p, square, new Vector<float>(-76.549782f));
        p = Vector.MultiplyAddEstimate(p, square, new Vector<float>(81.601006f));
        p = Vector.MultiplyAddEstimate(p, square, new Vector<float>(-41.341656f));
        p = Vector.MultiplyAddEstimate(p, square, new Vector<float>(6.283185f));
        return p * t;
    }

    /// <summary>Fills with independent +1 and −1, equally likely (Rademacher).</summary>
    [MethodImpl(AggressiveOptimization)]
    public static void FillSigns(Span<float> values, int seed, long number)
    {
        ulong state = Start(seed, number);
        // A factor of 2³¹⁻ʲ brings bit j to where floats have their sign.
        Vector<uint> signBit = new(0x8000_0000), one = Vector.AsVectorUInt32(Vector<float>.One), factors = Vector<uint>.Zero;
        for (int j = 0; j < Vector<uint>.Count; j++) factors = factors.WithElement(j, 0x8000_0000u >> j);
        Span<float> last = stackalloc float[WordBits];
        for (int start = 0; start < values.Length; start += WordBits)
        {
            state += UniformNoise.Increment;
            ulong bits = UniformNoise.Mix(state);
            Span<float> target = values.Length - start >= WordBits ? values.Slice(start, WordBits) : last;
            ref float first = ref MemoryMarshal.GetReference(target);
            for (int j = 0; j < WordBits; j += Vector<uint>.Count)
            {
                Vector<uint> signs = new Vector<uint>((uint)(bits >> j)) * factors & signBit;
                Vector.AsVectorSingle(signs | one).StoreUnsafe(ref first, (nuint)j);
            }
            if (target == last) last[..(values.Length - start)].CopyTo(values[start..]);
        }
    }

    private static ulong Start(int seed, long number) => UniformNoise.Start((ulong)(uint)seed << 32, number);
}
