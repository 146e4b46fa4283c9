namespace AnomalySharp.Simd;

/// <summary>
/// A vector of floats of fixed width. Kernels are written once against it, and the compiler makes one version per width: the width is chosen
/// explicitly (<see cref="VectorWidths.Widest"/>), because code for 512 bits collapses on processors that have 256.
/// </summary>
internal unsafe interface IVec<V> where V : struct, IVec<V>
{
    /// <summary>Floats in a vector.</summary>
    static abstract int Width { get; }

    /// <summary>Rows that a register tile has: as many as the registers hold accumulators for.</summary>
    static abstract int TileRows { get; }

    static abstract V Load(float* address);

    static abstract void Store(V value, float* address);

    static abstract V All(float value);

    /// <summary>a·b + c, rounded once where the processor can.</summary>
    static abstract V Fma(V a, V b, V c);

    static abstract V Max(V a, V b);

    static abstract V Min(V a, V b);

    static abstract V Sqrt(V a);

    static abstract V Abs(V a);

    static abstract V Log(V a);

    static abstract V Round(V a);

    /// <summary>2ⁿ for whole n in −126 … 127.</summary>
    static abstract V PowerOfTwo(V n);

    /// <summary>Per element, <paramref name="yes"/> where <paramref name="test"/> is above zero, <paramref name="no"/> elsewhere.</summary>
    static abstract V IfPositive(V test, V yes, V no);

    /// <summary>One bit per element of <paramref name="a"/> that is above that of <paramref name="b"/>; not set where either is NaN.</summary>
    static abstract uint Above(V a, V b);

    static abstract float Sum(V a);

    static abstract V operator +(V a, V b);

    static abstract V operator -(V a, V b);

    static abstract V operator *(V a, V b);

    static abstract V operator /(V a, V b);
}
