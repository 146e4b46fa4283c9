using System.Buffers;
using System.Numerics.Tensors;
using AnomalySharp.Neighbors;

namespace AnomalySharp.SupportVectors;

/// <summary>The kernel k(x, r) = exp(−γ|x − r|²) between queries and fixed rows.</summary>
internal sealed class RadialKernel(ReadOnlySpan<float> rows, int width, double gamma)
{
    private const int BlockQueries = 16;

    // Sums of so few floats lose nothing that counts; they are added in double.
    private const int PartialSum = 128;

    private readonly TransposedRows _rows = new(rows, width);

    /// <summary>Number of rows.</summary>
    public int Count => _rows.Count;

    /// <summary>Values per query: the number of rows, rounded up.</summary>
    public int PaddedCount => _rows.PaddedCount;

    /// <summary>The kernel between every query and every row, <c>queries × PaddedCount</c>; what is beyond the rows means nothing.</summary>
    public void Evaluate(ReadOnlySpan<float> queries, Span<float> values)
    {
        values = values[..(queries.Length / width * PaddedCount)];
        _rows.SquaredDistances(queries, values);
        TensorPrimitives.Multiply(values, -(float)gamma, values);
        TensorPrimitives.Exp(values, values);
    }

    /// <summary>Σ_r weight_r k(x, r) of every query x.</summary>
    public void WeightedSums(ReadOnlySpan<float> queries, ReadOnlySpan<float> weights, Span<double> sums)
    {
        float[] values = ArrayPool<float>.Shared.Rent(BlockQueries * PaddedCount);
        for (int start = 0; start < sums.Length; start += BlockQueries)
        {
            int size = Math.Min(BlockQueries, sums.Length - start);
            Evaluate(queries.Slice(start * width, size * width), values);
            for (int i = 0; i < size; i++)
            {
                ReadOnlySpan<float> row = values.AsSpan(i * PaddedCount, Count);
                double sum = 0;
                for (int r = 0; r < Count; r += PartialSum)
                {
                    int length = Math.Min(PartialSum, Count - r);
                    sum += TensorPrimitives.Dot(row.Slice(r, length), weights.Slice(r, length));
                }
                sums[start + i] = sum;
            }
        }
        ArrayPool<float>.Shared.Return(values);
    }
}
