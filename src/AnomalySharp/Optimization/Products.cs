using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace AnomalySharp.Optimization;

/// <summary>Products of row-major matrices in double precision, on one thread.</summary>
internal static class Products
{
    /// <summary>Columns that are worked on at a time, so that four rows of them stay in the first cache.</summary>
    private const int ColumnBlock = 512;

    /// <summary>MᵀM of <paramref name="columns"/> × <paramref name="columns"/> values.</summary>
    public static void GramOfColumns(ReadOnlySpan<double> m, int columns, Span<double> gram)
    {
        gram.Clear();
        AddGramOfColumns(m, columns, gram);
        Mirror(gram, columns);
    }

    /// <summary>Adds MᵀM to the upper triangle of <paramref name="gram"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddGramOfColumns(ReadOnlySpan<double> m, int columns, Span<double> gram)
    {
        int rows = m.Length / columns, i = 0;
        for (; i + 4 <= rows; i += 4)
        {
            ReadOnlySpan<double> r0 = m.Slice(i * columns, columns), r1 = m.Slice((i + 1) * columns, columns);
            ReadOnlySpan<double> r2 = m.Slice((i + 2) * columns, columns), r3 = m.Slice((i + 3) * columns, columns);
            for (int j = 0; j < columns; j++)
            {
                AddFour(gram.Slice(j * columns + j, columns - j), r0[j..], r0[j], r1[j..], r1[j], r2[j..], r2[j], r3[j..], r3[j]);
            }
        }
        for (; i < rows; i++)
        {
            ReadOnlySpan<double> row = m.Slice(i * columns, columns);
            for (int j = 0; j < columns; j++)
            {
                Span<double> target = gram.Slice(j * columns + j, columns - j);
                TensorPrimitives.MultiplyAdd(row[j..], row[j], target, target);
            }
        }
    }

    /// <summary>MMᵀ of rows × rows values.</summary>
    public static void GramOfRows(ReadOnlySpan<double> m, int columns, Span<double> gram)
    {
        int rows = m.Length / columns;
        for (int i = 0; i < rows; i++)
        {
            for (int j = i; j < rows; j++) gram[i * rows + j] = TensorPrimitives.Dot(m.Slice(i * columns, columns), m.Slice(j * columns, columns));
        }
        Mirror(gram, rows);
    }

    /// <summary>C = A·B with A of any number of rows and as many columns as B has rows.</summary>
    public static void Multiply(ReadOnlySpan<double> a, ReadOnlySpan<double> b, int columns, Span<double> c)
    {
        int inner = b.Length / columns, rows = a.Length / inner;
        c.Clear();
        for (int start = 0; start < columns; start += ColumnBlock)
        {
            int width = Math.Min(ColumnBlock, columns - start);
            for (int i = 0; i < rows; i++)
            {
                ReadOnlySpan<double> weights = a.Slice(i * inner, inner);
                Span<double> target = c.Slice(i * columns + start, width);
                int j = 0;
                for (; j + 4 <= inner; j += 4)
                {
                    AddFour(
                        target,
                        b.Slice(j * columns + start, width), weights[j],
                        b.Slice((j + 1) * columns + start, width), weights[j + 1],
                        b.Slice((j + 2) * columns + start, width), weights[j + 2],
                        b.Slice((j + 3) * columns + start, width), weights[j + 3]);
                }
                for (; j < inner; j++) TensorPrimitives.MultiplyAdd(b.Slice(j * columns + start, width), weights[j], target, target);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFour(
        Span<double> target,
        ReadOnlySpan<double> x0, double a0, ReadOnlySpan<double> x1, double a1, ReadOnlySpan<double> x2, double a2, ReadOnlySpan<double> x3, double a3)
    {
        int i = 0, step = Vector<double>.Count;
        Vector<double> v0 = new(a0), v1 = new(a1), v2 = new(a2), v3 = new(a3);
        for (; i <= target.Length - step; i += step)
        {
            Vector<double> sum = Vector.FusedMultiplyAdd(v0, new Vector<double>(x0[i..]), new Vector<double>(target[i..]));
            sum = Vector.FusedMultiplyAdd(v1, new Vector<double>(x1[i..]), sum);
            sum = Vector.FusedMultiplyAdd(v2, new Vector<double>(x2[i..]), sum);
            Vector.FusedMultiplyAdd(v3, new Vector<double>(x3[i..]), sum).CopyTo(target[i..]);
        }
        for (; i < target.Length; i++) target[i] += a0 * x0[i] + a1 * x1[i] + a2 * x2[i] + a3 * x3[i];
    }

    /// <summary>Copies the upper triangle into the lower.</summary>
    public static void Mirror(Span<double> square, int size)
    {
        for (int i = 0; i < size; i++)
        {
            for (int j = i + 1; j < size; j++) square[j * size + i] = square[i * size + j];
        }
    }
}
