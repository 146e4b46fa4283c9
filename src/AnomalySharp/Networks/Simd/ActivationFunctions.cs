using System.Runtime.CompilerServices;
using AnomalySharp.Simd;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace AnomalySharp.Networks.Simd;

/// <summary>A function between layers, and its slope as a function of its value.</summary>
internal interface IActivation
{
    static abstract V Value<V>(V x) where V : struct, IVec<V>;

    static abstract V Slope<V>(V y) where V : struct, IVec<V>;
}

internal readonly struct Relu : IActivation
{
    [MethodImpl(AggressiveInlining)]
    public static V Value<V>(V x) where V : struct, IVec<V> => V.Max(default, x);

    [MethodImpl(AggressiveInlining)]
    public static V Slope<V>(V y) where V : struct, IVec<V> => V.IfPositive(y, V.All(1), default);
}

internal readonly struct LeakyRelu : IActivation
{
    [MethodImpl(AggressiveInlining)]
    public static V Value<V>(V x) where V : struct, IVec<V> => V.Max(x * V.All(0.01f), x);

    [MethodImpl(AggressiveInlining)]
    public static V Slope<V>(V y) where V : struct, IVec<V> => V.IfPositive(y, V.All(1), V.All(0.01f));
}

internal readonly struct Elu : IActivation
{
    [MethodImpl(AggressiveInlining)]
    public static V Value<V>(V x) where V : struct, IVec<V> => V.IfPositive(x, x, VectorMath.Exp(x) - V.All(1));

    [MethodImpl(AggressiveInlining)]
    public static V Slope<V>(V y) where V : struct, IVec<V> => V.IfPositive(y, V.All(1), y + V.All(1));
}

internal readonly struct Tanh : IActivation
{
    [MethodImpl(AggressiveInlining)]
    public static V Value<V>(V x) where V : struct, IVec<V> => V.All(1) - V.All(2) / (VectorMath.Exp(x + x) + V.All(1));

    [MethodImpl(AggressiveInlining)]
    public static V Slope<V>(V y) where V : struct, IVec<V> => V.All(1) - y * y;
}

internal readonly struct Sigmoid : IActivation
{
    [MethodImpl(AggressiveInlining)]
    public static V Value<V>(V x) where V : struct, IVec<V> => V.All(1) / (VectorMath.Exp(default(V) - x) + V.All(1));

    [MethodImpl(AggressiveInlining)]
    public static V Slope<V>(V y) where V : struct, IVec<V> => y * (V.All(1) - y);
}

internal readonly struct Softplus : IActivation
{
    // log(1 + eˣ) overflows from 88 on; max(0, x) + log(1 + e⁻|ˣ|) is the same and does not.
    [MethodImpl(AggressiveInlining)]
    public static V Value<V>(V x) where V : struct, IVec<V> => V.Max(default, x) + V.Log(V.All(1) + VectorMath.Exp(default(V) - V.Abs(x)));

    [MethodImpl(AggressiveInlining)]
    public static V Slope<V>(V y) where V : struct, IVec<V> => V.All(1) - VectorMath.Exp(default(V) - y);
}

/// <summary>Functions that the hardware does not have.</summary>
internal static class VectorMath
{
    /// <summary>
    /// eˣ to 2 units in the last place (the polynomial of Cephes' expf); beyond ±87, where float32 ends, the last value inside. NaN stays NaN, since
    /// minimum and maximum return their second operand then: the order matters.
    /// </summary>
    [MethodImpl(AggressiveInlining)]
    public static V Exp<V>(V x) where V : struct, IVec<V>
    {
        x = V.Max(V.All(-87f), V.Min(V.All(88f), x));
        V n = V.Round(x * V.All(1.44269504f));
        V r = V.Fma(n, V.All(2.12194440e-4f), V.Fma(n, V.All(-0.693359375f), x));
        V p = V.All(1.9875691500e-4f);
        p = V.Fma(p, r, V.All(1.3981999507e-3f));
        p = V.Fma(p, r, V.All(8.3334519073e-3f));
        p = V.Fma(p, r, V.All(4.1665795894e-2f));
        p = V.Fma(p, r, V.All(1.6666665459e-1f));
        p = V.Fma(p, r, V.All(5.0000001201e-1f));
        return V.Fma(p, r * r, r + V.All(1)) * V.PowerOfTwo(n);
    }
}
