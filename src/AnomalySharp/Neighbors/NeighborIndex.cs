using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using AnomalySharp.Persistence;
using AnomalySharp.Simd;

namespace AnomalySharp.Neighbors;

/// <summary>
/// Exact nearest neighbours by Euclidean distance among a fixed set of rows: through a k-d tree where rows are many and short, elsewhere by brute
/// force in one fused pass (products, selection and exact distances) that never holds a matrix of distances. Both find the same.
/// </summary>
/// <remarks>
/// Safe from several threads at once. What a query gets depends on nothing but the query and the rows: not on the other queries, the order of
/// queries or the processor's vector width. Distances are sums of squared differences of the rows as given.
/// </remarks>
public sealed unsafe class NeighborIndex
{
    // Queries that share a panel while it is in the cache.
    private const int BlockQueries = 64;

    private readonly PackedReferences? _packed;
    private readonly KdTree? _tree;
    private readonly float _stretch;
    private readonly float[] _rows;
    private readonly int _stride;
    private readonly VectorWidth _vectors;

    /// <summary>Copies the rows to search among.</summary>
    /// <param name="rows">Row-major finite values, a whole number of rows, at least one.</param>
    /// <param name="width">Values per row.</param>
    /// <param name="slack">
    /// ε ≥ 0: distances found are at most 1 + ε times the exact ones. The default value is 0; with more, a tree leaves out most of the rows.
    /// </param>
    /// <exception cref="DataException">More values than one index can hold: about two thousand million.</exception>
    public NeighborIndex(ReadOnlySpan<float> rows, int width, double slack = 0) : this(rows, width, VectorWidths.Widest, slack: slack) { }

    internal NeighborIndex(ReadOnlySpan<float> rows, int width, VectorWidth vectors, bool? tree = null, double slack = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slack);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        if (rows.IsEmpty || rows.Length % width != 0) throw NotWhole(rows.Length, width, nameof(rows));
        (Width, Count, _vectors) = (width, rows.Length / width, vectors);
        _stride = (width + NearestList.RowAlignment - 1) / NearestList.RowAlignment * NearestList.RowAlignment;
        if (((long)Count + PackedReferences.PanelColumns) * _stride >= Array.MaxLength)
        {
            throw new DataException($"{Count} rows of {width} values are too many to search for neighbours. Use a random part of the rows.");
        }
        _rows = new float[Count * _stride];
        Pad(rows, _rows);
        _stretch = (float)((1 + slack) * (1 + slack));
        if (tree ?? (slack > 0 || KdTree.Pays(Count, width))) _tree = new KdTree(_rows, _stride);
        else _packed = new PackedReferences(rows, width);
    }

    /// <summary>Number of rows searched among.</summary>
    public int Count { get; }

    /// <summary>Values per row.</summary>
    public int Width { get; }

    /// <summary>Row <paramref name="i"/>.</summary>
    public ReadOnlySpan<float> this[int i] => _rows.AsSpan(i * _stride, Width);

    /// <summary>Finds the <paramref name="k"/> nearest rows of every query, nearest first; equally near ones in order of position.</summary>
    /// <param name="queries">Row-major finite values, a whole number of rows.</param>
    /// <param name="k">Rows per query, 1 to <see cref="Count"/>.</param>
    /// <param name="neighbors">Receives the positions of the rows: <c>queries × k</c>, row-major.</param>
    /// <param name="squaredDistances">Receives the squared distances; infinite where they are beyond float32.</param>
    public void Search(ReadOnlySpan<float> queries, int k, Span<int> neighbors, Span<float> squaredDistances)
    {
        int count = RequireFit(queries, k, Count, neighbors, squaredDistances);
        if (_tree is not null) SearchTree(queries, k, neighbors, squaredDistances);
        else CompareAll(_packed!, queries, count, k, neighbors, squaredDistances);
    }

    /// <summary>
    /// As <see cref="Search"/>, except that one row at distance 0 is passed over where there is one: the query itself, where it is one of the rows.
    /// </summary>
    /// <param name="queries">Row-major finite values, a whole number of rows.</param>
    /// <param name="k">Rows per query, 1 to <see cref="Count"/> − 1.</param>
    /// <param name="neighbors">Receives the positions of the rows: <c>queries × k</c>, row-major.</param>
    /// <param name="squaredDistances">Receives the squared distances; infinite where they are beyond float32.</param>
    public void SearchOthers(ReadOnlySpan<float> queries, int k, Span<int> neighbors, Span<float> squaredDistances)
    {
        int count = RequireFit(queries, k, Count - 1, neighbors, squaredDistances);
        int more = k + 1;
        int[] positions = ArrayPool<int>.Shared.Rent(BlockQueries * more);
        float[] distances = ArrayPool<float>.Shared.Rent(BlockQueries * more);
        for (int start = 0; start < count; start += BlockQueries)
        {
            int size = Math.Min(BlockQueries, count - start);
            Search(queries.Slice(start * Width, size * Width), more, positions.AsSpan(0, size * more), distances.AsSpan(0, size * more));
            for (int i = 0; i < size; i++)
            {
                int first = i * more + (distances[i * more] == 0 ? 1 : 0);
                positions.AsSpan(first, k).CopyTo(neighbors[((start + i) * k)..]);
                distances.AsSpan(first, k).CopyTo(squaredDistances[((start + i) * k)..]);
            }
        }
        ArrayPool<int>.Shared.Return(positions);
        ArrayPool<float>.Shared.Return(distances);
    }

    /// <summary>The <paramref name="k"/> nearest rows of every query, blocks of queries in parallel.</summary>
    /// <param name="queries">Row-major finite values, a whole number of rows.</param>
    /// <param name="k">Rows per query, 1 to <see cref="Count"/>, or less by one with <paramref name="others"/>.</param>
    /// <param name="others">Whether to pass over the query itself, as <see cref="SearchOthers"/> does.</param>
    /// <param name="threads">Most threads to use, at least 1.</param>
    /// <param name="cancellation">Looked at before every block.</param>
    /// <returns>Positions and squared distances, <c>queries × k</c>, row-major.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public (int[] Neighbors, float[] SquaredDistances) SearchAll(
        ReadOnlyMemory<float> queries, int k, bool others, int threads, CancellationToken cancellation = default)
    {
        ParallelOptions options = new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        int[] neighbors = new int[checked(queries.Length / Width * k)];
        float[] distances = new float[neighbors.Length];
        int count = RequireFit(queries.Span, k, others ? Count - 1 : Count, neighbors, distances);
        Parallel.For(0, (count + BlockQueries - 1) / BlockQueries, options, block =>
        {
            int start = block * BlockQueries, size = Math.Min(BlockQueries, count - start);
            ReadOnlySpan<float> part = queries.Span.Slice(start * Width, size * Width);
            Span<int> positions = neighbors.AsSpan(start * k, size * k);
            Span<float> squares = distances.AsSpan(start * k, size * k);
            if (others) SearchOthers(part, k, positions, squares);
            else Search(part, k, positions, squares);
        });
        return (neighbors, distances);
    }

    /// <summary>Adds to every feature the squared differences between a sample and rows, each times the weight of its row.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="rows">Positions of the rows.</param>
    /// <param name="weights">One weight per row.</param>
    /// <param name="sums">Receives the sums, at most the greatest finite number.</param>
    internal void AddSquaredDifferences(ReadOnlySpan<float> sample, ReadOnlySpan<int> rows, ReadOnlySpan<float> weights, Span<float> sums)
    {
        float[] rented = ArrayPool<float>.Shared.Rent(Width);
        Span<float> difference = rented.AsSpan(0, Width);
        for (int i = 0; i < rows.Length; i++)
        {
            TensorPrimitives.Subtract(sample, this[rows[i]], difference);
            TensorPrimitives.Multiply(difference, difference, difference);
            TensorPrimitives.MultiplyAdd(difference, weights[i], sums, sums);
        }
        // Only rows far beyond float32's squares: still an ordering.
        TensorPrimitives.Min(sums, float.MaxValue, sums);
        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>Stores the rows as the array <c>rows</c>.</summary>
    internal void WriteRows(TensorState state)
    {
        float[] rows = new float[Count * Width];
        for (int i = 0; i < Count; i++) this[i].CopyTo(rows.AsSpan(i * Width));
        state.Set<float>("rows", rows, Count, Width);
    }

    /// <summary>The rows that <see cref="WriteRows"/> stored.</summary>
    /// <exception cref="ModelFileException">Not a whole number of rows, fewer than <paramref name="fewest"/>, or one that is not finite.</exception>
    internal static Samples ReadRows(TensorState state, SampleShape shape, int fewest)
    {
        float[] rows = state.Get<float>("rows");
        if (rows.Length % shape.Length != 0 || rows.Length / shape.Length < fewest)
        {
            throw new ModelFileException(
                $"The model's array 'rows' has {rows.Length} values: not a whole number, at least {fewest}, of rows of {shape.Length}.");
        }
        foreach (float value in rows)
        {
            if (!float.IsFinite(value)) throw new ModelFileException($"The model's array 'rows' holds {value}.");
        }
        return new Samples(rows, shape);
    }

    private void SearchTree(ReadOnlySpan<float> queries, int k, Span<int> neighbors, Span<float> squaredDistances)
    {
        float[] padded = ArrayPool<float>.Shared.Rent(_stride);
        fixed (float* query = padded, distances = squaredDistances)
        fixed (int* positions = neighbors)
        {
            for (int i = 0; i < queries.Length / Width; i++)
            {
                Pad(queries.Slice(i * Width, Width), padded);
                _tree!.Search(query, k, _stretch, positions + (nint)i * k, distances + (nint)i * k);
            }
        }
        ArrayPool<float>.Shared.Return(padded);
    }

    private void CompareAll(PackedReferences packed, ReadOnlySpan<float> queries, int count, int k, Span<int> neighbors, Span<float> squaredDistances)
    {
        int tileLength = PackedReferences.TileQueries * Width, block = Math.Min(BlockQueries, count + PackedReferences.TileQueries - 1);
        float[] tiles = ArrayPool<float>.Shared.Rent(block / PackedReferences.TileQueries * tileLength + tileLength);
        float[] padded = ArrayPool<float>.Shared.Rent(block * _stride);
        NearestList* lists = stackalloc NearestList[BlockQueries];
        fixed (float* rows = _rows, exact = padded, distances = squaredDistances)
        fixed (int* positions = neighbors)
        {
            for (int start = 0; start < count; start += BlockQueries)
            {
                int size = Math.Min(BlockQueries, count - start);
                ReadOnlySpan<float> part = queries.Slice(start * Width, size * Width);
                Pad(part, padded);
                for (int i = 0; i < size; i++)
                {
                    (int tile, int place) = Math.DivRem(i, PackedReferences.TileQueries);
                    float norm = packed.PackQuery(part.Slice(i * Width, Width), tiles.AsSpan(tile * tileLength), place);
                    nint output = (nint)(start + i) * k;
                    lists[i] = new NearestList(rows, exact + i * _stride, _stride, k, positions + output, distances + output, norm, packed.Shrink);
                }
                for (int panel = 0; panel < packed.PanelCount; panel++)
                {
                    for (int i = 0; i < size; i += PackedReferences.TileQueries)
                    {
                        Span<NearestList> best = new(lists + i, Math.Min(PackedReferences.TileQueries, size - i));
                        packed.Scan(_vectors, panel, tiles.AsSpan(i * Width, tileLength), best);
                    }
                }
                for (int i = 0; i < size; i++)
                {
                    if (!lists[i].IsFull) lists[i].OfferAll(Count);
                }
            }
        }
        ArrayPool<float>.Shared.Return(tiles);
        ArrayPool<float>.Shared.Return(padded);
    }

    private void Pad(ReadOnlySpan<float> rows, Span<float> padded)
    {
        int count = rows.Length / Width;
        for (int i = 0; i < count; i++)
        {
            rows.Slice(i * Width, Width).CopyTo(padded[(i * _stride)..]);
            padded[(i * _stride + Width)..((i + 1) * _stride)].Clear();
        }
    }

    private int RequireFit(ReadOnlySpan<float> queries, int k, int most, Span<int> neighbors, Span<float> squaredDistances)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, most);
        int count = queries.Length / Width;
        if (count * Width != queries.Length) throw NotWhole(queries.Length, Width, nameof(queries));
        if (neighbors.Length < (long)count * k || squaredDistances.Length < (long)count * k)
        {
            throw new ArgumentException($"{count} queries with {k} neighbours each need room for {(long)count * k} results.", nameof(neighbors));
        }
        return count;
    }

    private static ArgumentException NotWhole(int values, int width, string parameter) =>
        new($"{values} values are not a whole number, at least one, of rows of {width}.", parameter);
}
