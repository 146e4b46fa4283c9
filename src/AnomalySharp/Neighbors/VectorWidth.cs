using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AnomalySharp.Neighbors;

/// <summary>The vector registers that the distance kernel can be compiled for.</summary>
internal enum VectorWidth
{
    /// <summary>4 floats: what every processor has.</summary>
    Portable,

    /// <summary>8 floats.</summary>
    Bits256,

    /// <summary>16 floats.</summary>
    Bits512,
}

/// <summary>One vector register of floats: lets one generic source serve every width, at no cost once compiled.</summary>
internal unsafe interface IFloatVector<TSelf> where TSelf : struct, IFloatVector<TSelf>
{
    /// <summary>Floats per register.</summary>
    static abstract int Width { get; }

    /// <summary>The floats from <paramref name="source"/> on.</summary>
    static abstract TSelf Load(float* source);

    /// <summary>The same number everywhere.</summary>
    static abstract TSelf All(float value);

    /// <summary><paramref name="a"/>·<paramref name="b"/> + <paramref name="c"/></summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>One bit per float of <paramref name="a"/> that is above that of <paramref name="b"/>; not set where either is NaN.</summary>
    static abstract uint Above(TSelf a, TSelf b);
}

internal readonly unsafe struct Float4(Vector128<float> value) : IFloatVector<Float4>
{
    private readonly Vector128<float> _value = value;

    public static int Width => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Load(float* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 All(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 MultiplyAdd(Float4 a, Float4 b, Float4 c) => new(Vector128.MultiplyAddEstimate(a._value, b._value, c._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Above(Float4 a, Float4 b) => Vector128.GreaterThan(a._value, b._value).ExtractMostSignificantBits();
}

internal readonly unsafe struct Float8(Vector256<float> value) : IFloatVector<Float8>
{
    private readonly Vector256<float> _value = value;

    public static int Width => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float8 Load(float* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float8 All(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float8 MultiplyAdd(Float8 a, Float8 b, Float8 c) => new(Vector256.MultiplyAddEstimate(a._value, b._value, c._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Above(Float8 a, Float8 b) => Vector256.GreaterThan(a._value, b._value).ExtractMostSignificantBits();
}

internal readonly unsafe struct Float16(Vector512<float> value) : IFloatVector<Float16>
{
    private readonly Vector512<float> _value = value;

    public static int Width => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float16 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float16 All(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float16 MultiplyAdd(Float16 a, Float16 b, Float16 c) => new(Vector512.MultiplyAddEstimate(a._value, b._value, c._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Above(Float16 a, Float16 b) => (uint)Vector512.GreaterThan(a._value, b._value).ExtractMostSignificantBits();
}
