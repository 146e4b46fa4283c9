using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace AnomalySharp.Simd;

/// <summary>Sixteen floats: AVX-512, whose 32 registers hold tiles of 8×3.</summary>
internal readonly unsafe struct W16(Vector512<float> value) : IVec<W16>
{
    private readonly Vector512<float> _value = value;

    public Vector512<float> Value => _value;

    public static int Width => 16;

    public static int TileRows => 8;

    [MethodImpl(AggressiveInlining)]
    public static W16 Load(float* address) => new(Vector512.Load(address));

    [MethodImpl(AggressiveInlining)]
    public static void Store(W16 value, float* address) => value._value.Store(address);

    [MethodImpl(AggressiveInlining)]
    public static W16 All(float value) => new(Vector512.Create(value));

    [MethodImpl(AggressiveInlining)]
    public static W16 Fma(W16 a, W16 b, W16 c) => new(Vector512.MultiplyAddEstimate(a._value, b._value, c._value));

    [MethodImpl(AggressiveInlining)]
    public static W16 Max(W16 a, W16 b) => new(Vector512.MaxNative(a._value, b._value));

    [MethodImpl(AggressiveInlining)]
    public static W16 Min(W16 a, W16 b) => new(Vector512.MinNative(a._value, b._value));

    [MethodImpl(AggressiveInlining)]
    public static W16 Sqrt(W16 a) => new(Vector512.Sqrt(a._value));

    [MethodImpl(AggressiveInlining)]
    public static W16 Abs(W16 a) => new(Vector512.Abs(a._value));

    [MethodImpl(AggressiveInlining)]
    public static W16 Log(W16 a) => new(Vector512.Log(a._value));

    [MethodImpl(AggressiveInlining)]
    public static W16 Round(W16 a) => new(Vector512.Round(a._value));

    [MethodImpl(AggressiveInlining)]
    public static W16 PowerOfTwo(W16 n) => new(((Vector512.ConvertToInt32Native(n._value) + Vector512.Create(127)) << 23).AsSingle());

    [MethodImpl(AggressiveInlining)]
    public static W16 IfPositive(W16 test, W16 yes, W16 no) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThan(test._value, Vector512<float>.Zero), yes._value, no._value));

    [MethodImpl(AggressiveInlining)]
    public static uint Above(W16 a, W16 b) => (uint)Vector512.GreaterThan(a._value, b._value).ExtractMostSignificantBits();

    [MethodImpl(AggressiveInlining)]
    public static float Sum(W16 a) => Vector512.Sum(a._value);

    [MethodImpl(AggressiveInlining)]
    public static W16 operator +(W16 a, W16 b) => new(a._value + b._value);

    [MethodImpl(AggressiveInlining)]
    public static W16 operator -(W16 a, W16 b) => new(a._value - b._value);

    [MethodImpl(AggressiveInlining)]
    public static W16 operator *(W16 a, W16 b) => new(a._value * b._value);

    [MethodImpl(AggressiveInlining)]
    public static W16 operator /(W16 a, W16 b) => new(a._value / b._value);
}
