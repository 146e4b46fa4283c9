using System.Runtime.CompilerServices;
using AnomalySharp.Simd;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace AnomalySharp.Networks.Simd;

/// <summary>
/// Matrix products of one tile, rows × vectors, whose accumulators stay in registers. Every element is a chain of multiply-adds in the order of k,
/// the same in each tile: results do not depend on how rows are grouped.
/// </summary>
/// <remarks>Written out, since only named locals are kept in registers. Tiers of the compiler are skipped: unoptimised vector code is 100×
/// slower.</remarks>
internal static unsafe class TilesOf8<V> where V : struct, IVec<V>
{
    [MethodImpl(AggressiveOptimization)]
    public static void Tile8x3(in Product p, float* a, float* b, float* c, float* init)
    {
        nint aRow = p.ARow, aStep = p.AStep, bStep = p.BStep, cRow = p.CRow;
        nint iRow = p.InitRow;
        nint aRow2 = 2 * aRow, aRow3 = 3 * aRow;
        float* a4 = a + 4 * aRow;
        V c00 = V.Load(init), c01 = V.Load(init + V.Width), c02 = V.Load(init + 2 * V.Width);
        V c10 = V.Load(init + iRow), c11 = V.Load(init + iRow + V.Width), c12 = V.Load(init + iRow + 2 * V.Width);
        V c20 = V.Load(init + 2 * iRow), c21 = V.Load(init + 2 * iRow + V.Width), c22 = V.Load(init + 2 * iRow + 2 * V.Width);
        V c30 = V.Load(init + 3 * iRow), c31 = V.Load(init + 3 * iRow + V.Width), c32 = V.Load(init + 3 * iRow + 2 * V.Width);
        V c40 = V.Load(init + 4 * iRow), c41 = V.Load(init + 4 * iRow + V.Width), c42 = V.Load(init + 4 * iRow + 2 * V.Width);
        V c50 = V.Load(init + 5 * iRow), c51 = V.Load(init + 5 * iRow + V.Width), c52 = V.Load(init + 5 * iRow + 2 * V.Width);
        V c60 = V.Load(init + 6 * iRow), c61 = V.Load(init + 6 * iRow + V.Width), c62 = V.Load(init + 6 * iRow + 2 * V.Width);
        V c70 = V.Load(init + 7 * iRow), c71 = V.Load(init + 7 * iRow + V.Width), c72 = V.Load(init + 7 * iRow + 2 * V.Width);
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
            x = V.All(*a4);
            c40 = V.Fma(x, b0, c40);
            c41 = V.Fma(x, b1, c41);
            c42 = V.Fma(x, b2, c42);
            x = V.All(a4[aRow]);
            c50 = V.Fma(x, b0, c50);
            c51 = V.Fma(x, b1, c51);
            c52 = V.Fma(x, b2, c52);
            x = V.All(a4[aRow2]);
            c60 = V.Fma(x, b0, c60);
            c61 = V.Fma(x, b1, c61);
            c62 = V.Fma(x, b2, c62);
            x = V.All(a4[aRow3]);
            c70 = V.Fma(x, b0, c70);
            c71 = V.Fma(x, b1, c71);
            c72 = V.Fma(x, b2, c72);
            a += aStep;
            a4 += aStep;
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
        V.Store(V.Max(c40, slope * c40), c + 4 * cRow);
        V.Store(V.Max(c41, slope * c41), c + 4 * cRow + V.Width);
        V.Store(V.Max(c42, slope * c42), c + 4 * cRow + 2 * V.Width);
        V.Store(V.Max(c50, slope * c50), c + 5 * cRow);
        V.Store(V.Max(c51, slope * c51), c + 5 * cRow + V.Width);
        V.Store(V.Max(c52, slope * c52), c + 5 * cRow + 2 * V.Width);
        V.Store(V.Max(c60, slope * c60), c + 6 * cRow);
        V.Store(V.Max(c61, slope * c61), c + 6 * cRow + V.Width);
        V.Store(V.Max(c62, slope * c62), c + 6 * cRow + 2 * V.Width);
        V.Store(V.Max(c70, slope * c70), c + 7 * cRow);
        V.Store(V.Max(c71, slope * c71), c + 7 * cRow + V.Width);
        V.Store(V.Max(c72, slope * c72), c + 7 * cRow + 2 * V.Width);
    }

    [MethodImpl(AggressiveOptimization)]
    public static void Tile8x2(in Product p, float* a, float* b, float* c, float* init)
    {
        nint aRow = p.ARow, aStep = p.AStep, bStep = p.BStep, cRow = p.CRow;
        nint iRow = p.InitRow;
        nint aRow2 = 2 * aRow, aRow3 = 3 * aRow;
        float* a4 = a + 4 * aRow;
        V c00 = V.Load(init), c01 = V.Load(init + V.Width);
        V c10 = V.Load(init + iRow), c11 = V.Load(init + iRow + V.Width);
        V c20 = V.Load(init + 2 * iRow), c21 = V.Load(init + 2 * iRow + V.Width);
        V c30 = V.Load(init + 3 * iRow), c31 = V.Load(init + 3 * iRow + V.Width);
        V c40 = V.Load(init + 4 * iRow), c41 = V.Load(init + 4 * iRow + V.Width);
        V c50 = V.Load(init + 5 * iRow), c51 = V.Load(init + 5 * iRow + V.Width);
        V c60 = V.Load(init + 6 * iRow), c61 = V.Load(init + 6 * iRow + V.Width);
        V c70 = V.Load(init + 7 * iRow), c71 = V.Load(init + 7 * iRow + V.Width);
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
            x = V.All(*a4);
            c40 = V.Fma(x, b0, c40);
            c41 = V.Fma(x, b1, c41);
            x = V.All(a4[aRow]);
            c50 = V.Fma(x, b0, c50);
            c51 = V.Fma(x, b1, c51);
            x = V.All(a4[aRow2]);
            c60 = V.Fma(x, b0, c60);
            c61 = V.Fma(x, b1, c61);
            x = V.All(a4[aRow3]);
            c70 = V.Fma(x, b0, c70);
            c71 = V.Fma(x, b1, c71);
            a += aStep;
            a4 += aStep;
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
        V.Store(V.Max(c40, slope * c40), c + 4 * cRow);
        V.Store(V.Max(c41, slope * c41), c + 4 * cRow + V.Width);
        V.Store(V.Max(c50, slope * c50), c + 5 * cRow);
        V.Store(V.Max(c51, slope * c51), c + 5 * cRow + V.Width);
        V.Store(V.Max(c60, slope * c60), c + 6 * cRow);
        V.Store(V.Max(c61, slope * c61), c + 6 * cRow + V.Width);
        V.Store(V.Max(c70, slope * c70), c + 7 * cRow);
        V.Store(V.Max(c71, slope * c71), c + 7 * cRow + V.Width);
    }

    [MethodImpl(AggressiveOptimization)]
    public static void Tile8x1(in Product p, float* a, float* b, float* c, float* init)
    {
        nint aRow = p.ARow, aStep = p.AStep, bStep = p.BStep, cRow = p.CRow;
        nint iRow = p.InitRow;
        nint aRow2 = 2 * aRow, aRow3 = 3 * aRow;
        float* a4 = a + 4 * aRow;
        V c00 = V.Load(init);
        V c10 = V.Load(init + iRow);
        V c20 = V.Load(init + 2 * iRow);
        V c30 = V.Load(init + 3 * iRow);
        V c40 = V.Load(init + 4 * iRow);
        V c50 = V.Load(init + 5 * iRow);
        V c60 = V.Load(init + 6 * iRow);
        V c70 = V.Load(init + 7 * iRow);
        for (nint k = p.Depth; k > 0; k--)
        {
            V b0 = V.Load(b);
            V x = V.All(*a);
            c00 = V.Fma(x, b0, c00);
            x = V.All(a[aRow]);
            c10 = V.Fma(x, b0, c10);
            x = V.All(a[aRow2]);
            c20 = V.Fma(x, b0, c20);
            x = V.All(a[aRow3]);
            c30 = V.Fma(x, b0, c30);
            x = V.All(*a4);
            c40 = V.Fma(x, b0, c40);
            x = V.All(a4[aRow]);
            c50 = V.Fma(x, b0, c50);
            x = V.All(a4[aRow2]);
            c60 = V.Fma(x, b0, c60);
            x = V.All(a4[aRow3]);
            c70 = V.Fma(x, b0, c70);
            a += aStep;
            a4 += aStep;
            b += bStep;
        }
        V slope = V.All(p.Slope);
        V.Store(V.Max(c00, slope * c00), c);
        V.Store(V.Max(c10, slope * c10), c + cRow);
        V.Store(V.Max(c20, slope * c20), c + 2 * cRow);
        V.Store(V.Max(c30, slope * c30), c + 3 * cRow);
        V.Store(V.Max(c40, slope * c40), c + 4 * cRow);
        V.Store(V.Max(c50, slope * c50), c + 5 * cRow);
        V.Store(V.Max(c60, slope * c60), c + 6 * cRow);
        V.Store(V.Max(c70, slope * c70), c + 7 * cRow);
    }
}
