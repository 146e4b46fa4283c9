using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AnomalySharp.Neighbors;

/// <summary>
/// Rows in panels of 32 columns, <c>[panel][feature][32]</c>: squared Euclidean distances from queries to all of them, as sums of squared
/// differences. For what needs every distance, not the nearest.
/// </summary>
internal sealed unsafe class TransposedRows
{
    private const int PanelRows = 32;

    private readonly float[] _panels;
    private readonly int _width;

    /// <param name="rows">Row-major values, a whole number of rows, at least one.</param>
    /// <param name="width">Values per row.</param>
    /// <exception cref="DataException">More values than one array can hold.</exception>
    public TransposedRows(ReadOnlySpan<float> rows, int width)
    {
        (_width, Count) = (width, rows.Length / width);
        long length = (Count + PanelRows - 1L) / PanelRows * width * PanelRows;
        if (length > Array.MaxLength)
        {
            throw new DataException($"{Count} rows of {width} values are too many to measure distances to. Use a random part of the rows.");
        }
        _panels = new float[length];
        for (int i = 0; i < Count; i++)
        {
            int start = i / PanelRows * width * PanelRows + i % PanelRows;
            for (int j = 0; j < width; j++) _panels[start + j * PanelRows] = rows[i * width + j];
        }
    }

    /// <summary>Number of rows.</summary>
    public int Count { get; }

    /// <summary>Distances per query: <see cref="Count"/>, rounded up; those beyond it mean nothing.</summary>
    public int PaddedCount => (Count + PanelRows - 1) / PanelRows * PanelRows;

    /// <summary>The squared distances from every query to every row: <c>queries × PaddedCount</c>; infinite where they are beyond float32.</summary>
    /// <remarks>Each depends on its query and its row alone, and on no vector width.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void SquaredDistances(ReadOnlySpan<float> queries, Span<float> distances)
    {
        int count = queries.Length / _width, padded = PaddedCount;
        ArgumentOutOfRangeException.ThrowIfLessThan(distances.Length, count * padded);
        fixed (float* panels = _panels, first = queries, output = distances)
        {
            // A panel stays in the cache for all queries.
            for (int start = 0; start < padded; start += PanelRows)
            {
                float* panel = panels + (nint)start * _width;
                for (int i = 0; i < count; i++)
                {
                    float* row = panel, query = first + (nint)i * _width, result = output + (nint)i * padded + start;
                    Vector256<float> a = default, b = default, c = default, d = default;
                    for (int j = 0; j < _width; j++, row += PanelRows)
                    {
                        Vector256<float> q = Vector256.Create(query[j]);
                        Vector256<float> x = q - Vector256.Load(row), y = q - Vector256.Load(row + 8);
                        Vector256<float> z = q - Vector256.Load(row + 16), w = q - Vector256.Load(row + 24);
                        a += x * x;
                        b += y * y;
                        c += z * z;
                        d += w * w;
                    }
                    a.Store(result);
                    b.Store(result + 8);
                    c.Store(result + 16);
                    d.Store(result + 24);
                }
            }
        }
    }
}
