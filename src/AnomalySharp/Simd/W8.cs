using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace AnomalySharp.Simd;

/// <summary>Eight floats: AVX2, whose 16 registers hold tiles of 4×3.</summary>
internal readonly unsafe struct W8(Vector256<float> value) : IVec<W8>
{
    private readonly Vector256<float> _value = value;

    public Vector256<float> Value => _value;

    public static int Width => 8;

    public static int TileRows => 4;

    [MethodImpl(AggressiveInlining)]
    public static W8 Load(float* address) => new(Vector256.Load(address));

    [MethodImpl(AggressiveInlining)]
    public static void Store(W8 value, float* address) => value._value.Store(address);

    [MethodImpl(AggressiveInlining)]
    public static W8 All(float value) => new(Vector256.Create(value));

    [MethodImpl(AggressiveInlining)]
    public static W8 Fma(W8 a, W8 b, W8 c) => new(Vector256.MultiplyAddEstimate(a._value, b._value, c._value));

    [MethodImpl(AggressiveInlining)]
    public static W8 Max(W8 a, W8 b) => new(Vector256.MaxNative(a._value, b._value));

    [MethodImpl(AggressiveInlining)]
    public static W8 Min(W8 a, W8 b) => new(Vector256.MinNative(a._value, b._value));

    [MethodImpl(AggressiveInlining)]
    public static W8 Sqrt(W8 a) => new(Vector256.Sqrt(a._value));

    [MethodImpl(AggressiveInlining)]
    public static W8 Abs(W8 a) => new(Vector256.Abs(a._value));

    [MethodImpl(AggressiveInlining)]
    public static W8 Log(W8 a) => new(Vector256.Log(a._value));

    [MethodImpl(AggressiveInlining)]
    public static W8 Round(W8 a) => new(Vector256.Round(a._value));

    [MethodImpl(AggressiveInlining)]
    public static W8 PowerOfTwo(W8 n) => new(((Vector256.ConvertToInt32Native(n._value) + Vector256.Create(127)) << 23).AsSingle());

    [MethodImpl(AggressiveInlining)]
    public static W8 IfPositive(W8 test, W8 yes, W8 no) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThan(test._value, Vector256<float>.Zero), yes._value, no._value));

    [MethodImpl(AggressiveInlining)]
    public static uint Above(W8 a, W8 b) => Vector256.GreaterThan(a._value, b._value).ExtractMostSignificantBits();

    [MethodImpl(AggressiveInlining)]
    public static float Sum(W8 a) => Vector256.Sum(a._value);

    [MethodImpl(AggressiveInlining)]
    public static W8 operator +(W8 a, W8 b) => new(a._value + b._value);

    [MethodImpl(AggressiveInlining)]
    public static W8 operator -(W8 a, W8 b) => new(a._value - b._value);

    [MethodImpl(AggressiveInlining)]
    public static W8 operator *(W8 a, W8 b) => new(a._value * b._value);

    [MethodImpl(AggressiveInlining)]
    public static W8 operator /(W8 a, W8 b) => new(a._value / b._value);
}
