using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using AnomalySharp.Networks.Simd;
using AnomalySharp.Simd;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace AnomalySharp.Networks;

/// <summary>
/// Vectors over spans of any length: the last one is filled up with zeros, so that a formula is written once, and a value has the same bits wherever
/// in memory it lies. Loops over them are marked <see cref="AggressiveOptimization"/>, as kernels are: a training is over before the runtime would
/// have optimised them.
/// </summary>
internal static class Lanes
{
    public static int Width => Vector<float>.Count;

    [MethodImpl(AggressiveInlining)]
    public static Vector<float> Load(ReadOnlySpan<float> values, int start) =>
        start <= values.Length - Width ? Vector.LoadUnsafe(ref MemoryMarshal.GetReference(values), (nuint)start) : LoadLast(values, start);

    [MethodImpl(AggressiveInlining)]
    public static void Store(Vector<float> vector, Span<float> values, int start)
    {
        if (start <= values.Length - Width) vector.StoreUnsafe(ref MemoryMarshal.GetReference(values), (nuint)start);
        else StoreLast(vector, values, start);
    }

    /// <summary>As <see cref="VectorMath.Exp"/>; the runtime's own goes through double precision, ten times as slow.</summary>
    [MethodImpl(AggressiveInlining)]
    public static Vector<float> Exp(Vector<float> x) => Width switch
    {
        16 => VectorMath.Exp(new W16(x.AsVector512())).Value.AsVector(),
        8 => VectorMath.Exp(new W8(x.AsVector256())).Value.AsVector(),
        _ => VectorMath.Exp(new W4(x.AsVector128())).Value.AsVector(),
    };

    [MethodImpl(AggressiveOptimization)]
    public static float Sum(ReadOnlySpan<float> values)
    {
        Vector<float> sums = Vector<float>.Zero;
        for (int i = 0; i < values.Length; i += Width) sums += Load(values, i);
        return Vector.Sum(sums);
    }

    // Apart from the rest: memory on the stack would keep it from being compiled into the loops.
    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static Vector<float> LoadLast(ReadOnlySpan<float> values, int start)
    {
        Span<float> last = stackalloc float[Width];
        last.Clear();
        values[start..].CopyTo(last);
        return new Vector<float>(last);
    }

    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static void StoreLast(Vector<float> vector, Span<float> values, int start)
    {
        Span<float> last = stackalloc float[Width];
        vector.CopyTo(last);
        last[..(values.Length - start)].CopyTo(values[start..]);
    }
}
