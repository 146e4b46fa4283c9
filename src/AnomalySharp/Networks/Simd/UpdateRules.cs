using System.Runtime.CompilerServices;
using AnomalySharp.Simd;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace AnomalySharp.Networks.Simd;

/// <summary>The numbers in an optimiser's rule that are the same for every parameter of one step.</summary>
internal struct StepSizes
{
    /// <summary>Step size; with Adam divided by the bias correction of the mean.</summary>
    public float Rate;

    /// <summary>λ, or with AdamW 1 − rate·λ.</summary>
    public float Decay;

    /// <summary>How much of the running mean (β₁, momentum) and of the running square (β₂, ρ) stays.</summary>
    public float First, Second;

    /// <summary>1/√(1 − β₂ᵗ)</summary>
    public float SecondCorrection;

    /// <summary>ε</summary>
    public float Epsilon;
}

/// <summary>How one parameter follows its gradient; m and v are what the optimiser remembers of it.</summary>
internal interface IUpdateRule
{
    static abstract void Apply<V>(in StepSizes s, V gradient, ref V value, ref V m, ref V v) where V : struct, IVec<V>;
}

internal readonly struct SgdRule : IUpdateRule
{
    [MethodImpl(AggressiveInlining)]
    public static void Apply<V>(in StepSizes s, V gradient, ref V value, ref V m, ref V v) where V : struct, IVec<V>
    {
        m = V.Fma(m, V.All(s.First), V.Fma(value, V.All(s.Decay), gradient));
        value -= V.All(s.Rate) * m;
    }
}

internal readonly struct RmsPropRule : IUpdateRule
{
    [MethodImpl(AggressiveInlining)]
    public static void Apply<V>(in StepSizes s, V gradient, ref V value, ref V m, ref V v) where V : struct, IVec<V>
    {
        V g = V.Fma(value, V.All(s.Decay), gradient);
        v = V.Fma(v, V.All(s.Second), g * g * V.All(1 - s.Second));
        value -= V.All(s.Rate) * g / (V.Sqrt(v) + V.All(s.Epsilon));
    }
}

internal readonly struct AdamRule : IUpdateRule
{
    [MethodImpl(AggressiveInlining)]
    public static void Apply<V>(in StepSizes s, V gradient, ref V value, ref V m, ref V v) where V : struct, IVec<V> =>
        Move(s, V.Fma(value, V.All(s.Decay), gradient), ref value, ref m, ref v);

    [MethodImpl(AggressiveInlining)]
    public static void Move<V>(in StepSizes s, V g, ref V value, ref V m, ref V v) where V : struct, IVec<V>
    {
        m = V.Fma(m, V.All(s.First), g * V.All(1 - s.First));
        v = V.Fma(v, V.All(s.Second), g * g * V.All(1 - s.Second));
        value -= V.All(s.Rate) * m / V.Fma(V.Sqrt(v), V.All(s.SecondCorrection), V.All(s.Epsilon));
    }
}

internal readonly struct AdamWRule : IUpdateRule
{
    [MethodImpl(AggressiveInlining)]
    public static void Apply<V>(in StepSizes s, V gradient, ref V value, ref V m, ref V v) where V : struct, IVec<V>
    {
        value *= V.All(s.Decay);
        AdamRule.Move(s, gradient, ref value, ref m, ref v);
    }
}

internal readonly struct AdadeltaRule : IUpdateRule
{
    [MethodImpl(AggressiveInlining)]
    public static void Apply<V>(in StepSizes s, V gradient, ref V value, ref V m, ref V v) where V : struct, IVec<V>
    {
        V g = V.Fma(value, V.All(s.Decay), gradient), epsilon = V.All(s.Epsilon), share = V.All(1 - s.Second);
        v = V.Fma(v, V.All(s.Second), g * g * share);
        V delta = V.Sqrt(m + epsilon) / V.Sqrt(v + epsilon) * g;
        m = V.Fma(m, V.All(s.Second), delta * delta * share);
        value -= V.All(s.Rate) * delta;
    }
}
