using System.Runtime.CompilerServices;
using AnomalySharp.Simd;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace AnomalySharp.Networks.Simd;

/// <inheritdoc cref="TilesOf8{V}"/>
internal static unsafe class TilesOf4<V> where V : struct, IVec<V>
{
    [MethodImpl(AggressiveOptimization)]
    public static void Tile4x3(in Product p, float* a, float* b, float* c, float* init)
    {
        nint aRow = p.ARow, aStep = p.AStep, bStep = p.BStep, cRow = p.CRow;
        nint iRow = p.InitRow;
        nint aRow2 = 2 * aRow, aRow3 = 3 * aRow;
        V c00 = V.Load(init), c01 = V.Load(init + V.Width), c02 = V.Load(init + 2 * V.Width);
        V c10 = V.Load(init + iRow), c11 = V.Load(init + iRow + V.Width), c12 = V.Load(init + iRow + 2 * V.Width);
        V c20 = V.Load(init + 2 * iRow), c21 = V.Load(init + 2 * iRow + V.Width), c22 = V.Load(init + 2 * iRow + 2 * V.Width);
        V c30 = V.Load(init + 3 * iRow), c31 = V.Load(init + 3 * iRow + V.Width), c32 = V.Load(init + 3 * iRow + 2 * V.Width);
        for (nint k = p.Depth; k > 0; k--)
        {
            V b0 = V.Load(b), b1 = V.Load(b + V.Width), b2 = V.Load(b + 2 * V.Width);
            V x = V.All(*a);
            c00 = V.Fma(x, b0, c00);
            c01 = V.Fma(x, b1, c01);
            c02 = V.Fma(x, b2, c02);
            x = V.All(a[aRow]);
            c10 = V.Fma(x, b0, c10);
            c11 = V.Fma(x, b1, c11);
            c12 = V.Fma(x, b2, c12);
            x = V.All(a[aRow2]);
            c20 = V.Fma(x, b0, c20);
            c21 = V.Fma(x, b1, c21);
            c22 = V.Fma(x, b2, c22);
            x = V.All(a[aRow3]);
            c30 = V.Fma(x, b0, c30);
            c31 = V.Fma(x, b1, c31);
            c32 = V.Fma(x, b2, c32);
            a += aStep;
            b += bStep;
        }
        V slope = V.All(p.Slope);
        V.Store(V.Max(c00, slope * c00), c);
        V.Store(V.Max(c01, slope * c01), c + V.Width);
        V.Store(V.Max(c02, slope * c02), c + 2 * V.Width);
        V.Store(V.Max(c10, slope * c10), c + cRow);
        V.Store(V.Max(c11, slope * c11), c + cRow + V.Width);
        V.Store(V.Max(c12, slope * c12), c + cRow + 2 * V.Width);
        V.Store(V.Max(c20, slope * c20), c + 2 * cRow);
        V.Store(V.Max(c21, slope * c21), c + 2 * cRow + V.Width);
        V.Store(V.Max(c22, slope * c22), c + 2 * cRow + 2 * V.Width);
        V.Store(V.Max(c30, slope * c30), c + 3 * cRow);
        V.Store(V.Max(c31, slope * c31), c + 3 * cRow + V.Width);
        V.Store(V.Max(c32, slope * c32), c + 3 * cRow + 2 * V.Width);
    }

    [MethodImpl(AggressiveOptimization)]
    public static void Tile4x2(in Product p, float* a, float* b, float* c, float* init)
    {
        nint aRow = p.ARow, aStep = p.AStep, bStep = p.BStep, cRow = p.CRow;
        nint iRow = p.InitRow;
        nint aRow2 = 2 * aRow, aRow3 = 3 * aRow;
        V c00 = V.Load(init), c01 = V.Load(init + V.Width);
        V c10 = V.Load(init + iRow), c11 = V.Load(init + iRow + V.Width);
        V c20 = V.Load(init + 2 * iRow), c21 = V.Load(init + 2 * iRow + V.Width);
        V c30 = V.Load(init + 3 * iRow), c31 = V.Load(init + 3 * iRow + V.Width);
        for (nint k = p.Depth; k > 0; k--)
        {
            V b0 = V.Load(b), b1 = V.Load(b + V.Width);
            V x = V.All(*a);
            c00 = V.Fma(x, b0, c00);
            c01 = V.Fma(x, b1, c01);
            x = V.All(a[aRow]);
            c10 = V.Fma(x, b0, c10);
            c11 = V.Fma(x, b1, c11);
            x = V.All(a[aRow2]);
            c20 = V.Fma(x, b0, c20);
            c21 = V.Fma(x, b1, c21);
            x = V.All(a[aRow3]);
            c30 = V.Fma(x, b0, c30);
            c31 = V.Fma(x, b1, c31);
            a += aStep;
            b += bStep;
        }
        V slope = V.All(p.Slope);
        V.Store(V.Max(c00, slope * c00), c);
        V.Store(V.Max(c01, slope * c01), c + V.Width);
        V.Store(V.Max(c10, slope * c10), c + cRow);
        V.Store(V.Max(c11, slope * c11), c + cRow + V.Width);
        V.Store(V.Max(c20, slope * c20), c + 2 * cRow);
        V.Store(V.Max(c21, slope * c21), c + 2 * cRow + V.Width);
        V.Store(V.Max(c30, slope * c30), c + 3 * cRow);
        V.Store(V.Max(c31, slope * c31), c + 3 * cRow + V.Width);
    }
}
