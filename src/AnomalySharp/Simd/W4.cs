using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace AnomalySharp.Simd;

/// <summary>Four floats: every processor, such as those with NEON or SSE.</summary>
internal readonly unsafe struct W4(Vector128<float> value) : IVec<W4>
{
    private readonly Vector128<float> _value = value;

    public Vector128<float> Value => _value;

    public static int Width => 4;

    public static int TileRows => 4;

    [MethodImpl(AggressiveInlining)]
    public static W4 Load(float* address) => new(Vector128.Load(address));

    [MethodImpl(AggressiveInlining)]
    public static void Store(W4 value, float* address) => value._value.Store(address);

    [MethodImpl(AggressiveInlining)]
    public static W4 All(float value) => new(Vector128.Create(value));

    [MethodImpl(AggressiveInlining)]
    public static W4 Fma(W4 a, W4 b, W4 c) => new(Vector128.MultiplyAddEstimate(a._value, b._value, c._value));

    [MethodImpl(AggressiveInlining)]
    public static W4 Max(W4 a, W4 b) => new(Vector128.MaxNative(a._value, b._value));

    [MethodImpl(AggressiveInlining)]
    public static W4 Min(W4 a, W4 b) => new(Vector128.MinNative(a._value, b._value));

    [MethodImpl(AggressiveInlining)]
    public static W4 Sqrt(W4 a) => new(Vector128.Sqrt(a._value));

    [MethodImpl(AggressiveInlining)]
    public static W4 Abs(W4 a) => new(Vector128.Abs(a._value));

    [MethodImpl(AggressiveInlining)]
    public static W4 Log(W4 a) => new(Vector128.Log(a._value));

    [MethodImpl(AggressiveInlining)]
    public static W4 Round(W4 a) => new(Vector128.Round(a._value));

    [MethodImpl(AggressiveInlining)]
    public static W4 PowerOfTwo(W4 n) => new(((Vector128.ConvertToInt32Native(n._value) + Vector128.Create(127)) << 23).AsSingle());

    [MethodImpl(AggressiveInlining)]
    public static W4 IfPositive(W4 test, W4 yes, W4 no) =>
        new(Vector128.ConditionalSelect(Vector128.GreaterThan(test._value, Vector128<float>.Zero), yes._value, no._value));

    [MethodImpl(AggressiveInlining)]
    public static uint Above(W4 a, W4 b) => Vector128.GreaterThan(a._value, b._value).ExtractMostSignificantBits();

    [MethodImpl(AggressiveInlining)]
    public static float Sum(W4 a) => Vector128.Sum(a._value);

    [MethodImpl(AggressiveInlining)]
    public static W4 operator +(W4 a, W4 b) => new(a._value + b._value);

    [MethodImpl(AggressiveInlining)]
    public static W4 operator -(W4 a, W4 b) => new(a._value - b._value);

    [MethodImpl(AggressiveInlining)]
    public static W4 operator *(W4 a, W4 b) => new(a._value * b._value);

    [MethodImpl(AggressiveInlining)]
    public static W4 operator /(W4 a, W4 b) => new(a._value / b._value);
}
