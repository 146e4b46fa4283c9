using System.Runtime.CompilerServices;
using AnomalySharp.Simd;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace AnomalySharp.Networks.Simd;

/// <inheritdoc cref="TilesOf8{V}"/>
internal static unsafe class TilesOf1<V> where V : struct, IVec<V>
{
    [MethodImpl(AggressiveOptimization)]
    public static void Tile1x4(in Product p, float* a, float* b, float* c, float* init)
    {
        nint aRow = p.ARow, aStep = p.AStep, bStep = p.BStep, cRow = p.CRow;
        V c00 = V.Load(init), c01 = V.Load(init + V.Width), c02 = V.Load(init + 2 * V.Width), c03 = V.Load(init + 3 * V.Width);
        for (nint k = p.Depth; k > 0; k--)
        {
            V b0 = V.Load(b), b1 = V.Load(b + V.Width), b2 = V.Load(b + 2 * V.Width), b3 = V.Load(b + 3 * V.Width);
            V x = V.All(*a);
            c00 = V.Fma(x, b0, c00);
            c01 = V.Fma(x, b1, c01);
            c02 = V.Fma(x, b2, c02);
            c03 = V.Fma(x, b3, c03);
            a += aStep;
            b += bStep;
        }
        V slope = V.All(p.Slope);
        V.Store(V.Max(c00, slope * c00), c);
        V.Store(V.Max(c01, slope * c01), c + V.Width);
        V.Store(V.Max(c02, slope * c02), c + 2 * V.Width);
        V.Store(V.Max(c03, slope * c03), c + 3 * V.Width);
    }

    [MethodImpl(AggressiveOptimization)]
    public static void Tile1x1(in Product p, float* a, float* b, float* c, float* init)
    {
        nint aRow = p.ARow, aStep = p.AStep, bStep = p.BStep, cRow = p.CRow;
        V c00 = V.Load(init);
        for (nint k = p.Depth; k > 0; k--)
        {
            V b0 = V.Load(b);
            V x = V.All(*a);
            c00 = V.Fma(x, b0, c00);
            a += aStep;
            b += bStep;
        }
        V slope = V.All(p.Slope);
        V.Store(V.Max(c00, slope * c00), c);
    }
}
