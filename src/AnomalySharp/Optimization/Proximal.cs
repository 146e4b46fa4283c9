using System.Numerics;
using System.Numerics.Tensors;

namespace AnomalySharp.Optimization;

/// <summary>
/// Proximal operators of norms that make a matrix sparse: argmin over S of t·‖S‖ + ½‖S − A‖². Each works in place and is non-expansive; t = 0 changes
/// nothing, t = ∞ gives 0.
/// </summary>
/// <remarks>Parikh and Boyd: Proximal Algorithms (2014), §6.5. Matrices are row-major; a row is a sample.</remarks>
public static class Proximal
{
    /// <summary>Of the entrywise ℓ1 norm: sign(a)·max(|a| − t, 0).</summary>
    /// <param name="values">A; receives S.</param>
    /// <param name="threshold">t, at least 0.</param>
    /// <returns>How many values are not 0 afterwards.</returns>
    public static int Shrink<T>(Span<T> values, T threshold) where T : unmanaged, IFloatingPointIeee754<T>
    {
        int left = values.Length, i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            Vector<T> high = new(threshold), low = new(-threshold);
            Vector<T> zeros = Vector<T>.Zero;
            for (; i <= values.Length - Vector<T>.Count; i += Vector<T>.Count)
            {
                Vector<T> value = new(values[i..]);
                Vector<T> shrunk = value - Vector.Min(Vector.Max(value, low), high);
                shrunk.CopyTo(values[i..]);
                if (Vector.EqualsAny(shrunk, zeros)) left -= ZerosIn(values.Slice(i, Vector<T>.Count));
            }
        }
        for (; i < values.Length; i++)
        {
            values[i] -= T.Clamp(values[i], -threshold, threshold);
            if (values[i] == T.Zero) left--;
        }
        return left;
    }

    /// <summary>Of the ℓ2,1 norm over rows, Σᵢ‖Sᵢ·‖₂: each row times max(0, 1 − t/‖aᵢ‖₂).</summary>
    /// <param name="values">A; receives S.</param>
    /// <param name="columns">Values per row.</param>
    /// <param name="threshold">t, at least 0.</param>
    /// <returns>How many rows are not 0 afterwards.</returns>
    public static int ShrinkRows<T>(Span<T> values, int columns, T threshold) where T : unmanaged, IFloatingPointIeee754<T>
    {
        int left = 0;
        for (int start = 0; start < values.Length; start += columns)
        {
            Span<T> row = values.Slice(start, columns);
            T norm = TensorPrimitives.Norm<T>(row);
            if (norm > threshold)
            {
                TensorPrimitives.Multiply(row, T.One - threshold / norm, row);
                left++;
            }
            else
            {
                row.Clear();
            }
        }
        return left;
    }

    /// <summary>Of the ℓ2,1 norm over columns, Σⱼ‖S·ⱼ‖₂: each column times max(0, 1 − t/‖a·ⱼ‖₂).</summary>
    /// <inheritdoc cref="ShrinkRows" path="/param"/>
    /// <returns>How many columns are not 0 afterwards.</returns>
    public static int ShrinkColumns<T>(Span<T> values, int columns, T threshold) where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] factors = new T[columns];
        ColumnNorms(values, columns, factors);
        int left = 0;
        foreach (ref T factor in factors.AsSpan())
        {
            if (factor > threshold) left++;
            factor = factor > threshold ? T.One - threshold / factor : T.Zero;
        }
        for (int start = 0; start < values.Length; start += columns) TensorPrimitives.Multiply(values.Slice(start, columns), factors, values.Slice(start, columns));
        return left;
    }

    /// <summary>‖a·ⱼ‖₂ of each column.</summary>
    public static void ColumnNorms<T>(ReadOnlySpan<T> values, int columns, Span<T> norms) where T : unmanaged, IFloatingPointIeee754<T>
    {
        norms.Clear();
        for (int start = 0; start < values.Length; start += columns)
        {
            ReadOnlySpan<T> row = values.Slice(start, columns);
            TensorPrimitives.MultiplyAdd(row, row, norms, norms);
        }
        TensorPrimitives.Sqrt(norms, norms);
    }

    /// <summary>‖aᵢ·‖₂ of each row.</summary>
    public static void RowNorms<T>(ReadOnlySpan<T> values, int columns, Span<T> norms) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int i = 0; i < norms.Length; i++) norms[i] = TensorPrimitives.Norm<T>(values.Slice(i * columns, columns));
    }

    private static int ZerosIn<T>(ReadOnlySpan<T> values) where T : unmanaged, IFloatingPointIeee754<T>
    {
        int zeros = 0;
        foreach (T value in values) zeros += value == T.Zero ? 1 : 0;
        return zeros;
    }
}
