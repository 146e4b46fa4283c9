using System.Numerics;
using System.Runtime.CompilerServices;
using AnomalySharp.Simd;

namespace AnomalySharp.Neighbors;

/// <summary>
/// Reference rows in the layout that the distance kernel wants: panels of 48 columns, <c>[panel][feature][48]</c>, so that one pass over a panel
/// compares four queries with 48 references in registers.
/// </summary>
/// <remarks>
/// The kernel bounds squared distances from below by |q|² + |r|² − 2·q·r less its rounding error, which is at most ε·(|q|² + |r|²); whatever
/// falls below the k-th best so far is measured exactly by the caller. So the expansion's cancellation costs time, never accuracy: neighbours
/// do not depend on it, nor on the vector width. Rows are centred first, which keeps |q|² and |r|², and with them the false hits, few.
/// </remarks>
internal sealed unsafe class PackedReferences
{
    /// <summary>References per panel: three registers of the widest kind.</summary>
    public const int PanelColumns = 48;

    /// <summary>Queries per tile: 4 × 3 sums leave registers for what is loaded, with 16 of them as with 32.</summary>
    public const int TileQueries = 4;

    private readonly int _count, _width;
    private readonly float[] _storage, _starts, _center;
    private readonly float* _panels;
    private readonly float _shrink;

    public PackedReferences(ReadOnlySpan<float> rows, int width)
    {
        _width = width;
        _count = rows.Length / width;
        // Rounding: one unit for each of d + 1 sums, up to two for centring both rows, one for each norm; (|q| + |r|)² ≤ 2·(|q|² + |r|²).
        _shrink = 1 - 2 * (width + 6) * float.Pow(2, -24);
        double[] mean = new double[width];
        for (int i = 0; i < _count; i++)
        {
            for (int j = 0; j < width; j++) mean[j] += rows[i * width + j];
        }
        _center = [.. mean.Select(sum => (float)(sum / _count))];
        int panels = (_count + PanelColumns - 1) / PanelColumns;
        // Pinned, and moved to a whole cache line: a register of 16 floats that straddles two lines is loaded twice.
        _storage = GC.AllocateArray<float>(checked(panels * width * PanelColumns + 16), pinned: true);
        float* storage = (float*)Unsafe.AsPointer(ref _storage[0]);
        _panels = storage + (64 - (nint)storage % 64) % 64 / sizeof(float);
        _starts = new float[panels * PanelColumns];
        // Columns beyond the last reference start at −∞ and stay there: they are never hit.
        Array.Fill(_starts, float.NegativeInfinity);
        for (int i = 0; i < _count; i++)
        {
            int panel = i / PanelColumns, column = i % PanelColumns;
            double norm = 0;
            for (int j = 0; j < width; j++)
            {
                float value = rows[i * width + j] - _center[j];
                norm += (double)value * value;
                _panels[((nint)panel * width + j) * PanelColumns + column] = value;
            }
            _starts[i] = (float)(norm * _shrink / -2);
        }
    }

    /// <summary>A lower bound of a squared distance is |q|² times this, less twice the kernel's sum.</summary>
    public float Shrink => _shrink;

    /// <summary>Centres a query into place <paramref name="place"/> of a tile, <c>[feature][4]</c>.</summary>
    /// <returns>|q|² less the rounding error; not finite where the query is too far away for float32.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public float PackQuery(ReadOnlySpan<float> query, Span<float> tile, int place)
    {
        double norm = 0;
        for (int j = 0; j < query.Length; j++)
        {
            float value = query[j] - _center[j];
            norm += (double)value * value;
            tile[j * TileQueries + place] = value;
        }
        return (float)(norm * _shrink);
    }

    /// <summary>Number of panels.</summary>
    public int PanelCount => _starts.Length / PanelColumns;

    /// <summary>
    /// Compares a tile of queries with a panel and tells <paramref name="best"/> every reference that may be nearer than the worst it holds.
    /// </summary>
    public void Scan(VectorWidth vectors, int panel, ReadOnlySpan<float> tile, Span<NearestList> best)
    {
        switch (vectors)
        {
            case VectorWidth.Bits512: Scan<W16>(panel, tile, best); break;
            case VectorWidth.Bits256: Scan<W8>(panel, tile, best); break;
            default: Scan<W4>(panel, tile, best); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scan<V>(int panel, ReadOnlySpan<float> tile, Span<NearestList> best) where V : struct, IVec<V>
    {
        fixed (float* starts = _starts, queries = tile)
        {
            for (int strip = 0; strip < PanelColumns; strip += 3 * V.Width)
            {
                float* start = starts + panel * PanelColumns + strip;
                float* reference = _panels + (nint)panel * _width * PanelColumns + strip;
                float* query = queries;
                V a0 = V.Load(start), a1 = V.Load(start + V.Width), a2 = V.Load(start + 2 * V.Width);
                V b0 = a0, b1 = a1, b2 = a2, c0 = a0, c1 = a1, c2 = a2, d0 = a0, d1 = a1, d2 = a2;
                for (int j = 0; j < _width; j++, reference += PanelColumns, query += TileQueries)
                {
                    V r0 = V.Load(reference), r1 = V.Load(reference + V.Width), r2 = V.Load(reference + 2 * V.Width);
                    V q = V.All(query[0]);
                    a0 = V.Fma(q, r0, a0);
                    a1 = V.Fma(q, r1, a1);
                    a2 = V.Fma(q, r2, a2);
                    q = V.All(query[1]);
                    b0 = V.Fma(q, r0, b0);
                    b1 = V.Fma(q, r1, b1);
                    b2 = V.Fma(q, r2, b2);
                    q = V.All(query[2]);
                    c0 = V.Fma(q, r0, c0);
                    c1 = V.Fma(q, r1, c1);
                    c2 = V.Fma(q, r2, c2);
                    q = V.All(query[3]);
                    d0 = V.Fma(q, r0, d0);
                    d1 = V.Fma(q, r1, d1);
                    d2 = V.Fma(q, r2, d2);
                }
                int first = panel * PanelColumns + strip;
                Offer(ref best[0], first, a0, a1, a2);
                // The last tile may be short: its other places hold old queries that nobody asks about.
                if (best.Length > 1) Offer(ref best[1], first, b0, b1, b2);
                if (best.Length > 2) Offer(ref best[2], first, c0, c1, c2);
                if (best.Length > 3) Offer(ref best[3], first, d0, d1, d2);
            }
        }
        GC.KeepAlive(_storage);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Offer<V>(ref NearestList best, int first, V x0, V x1, V x2) where V : struct, IVec<V>
    {
        V bar = V.All(best.Bar);
        ulong hits = V.Above(x0, bar) | (ulong)V.Above(x1, bar) << V.Width | (ulong)V.Above(x2, bar) << (2 * V.Width);
        if (hits != 0) best.Offer(first, hits);
    }
}
