using System.Numerics.Tensors;

namespace AnomalySharp.Optimization;

/// <summary>The inverse of the Cholesky factor of a covariance matrix: what turns a deviation into independent ones of variance 1.</summary>
internal static class TriangularInverse
{
    /// <summary>
    /// W = L⁻¹, lower triangular, with Σ + εI = LLᵀ. ε is what is given, or the least power of ten times it that makes the sum positive definite.
    /// </summary>
    /// <param name="covariance">Σ, symmetric, row-major.</param>
    /// <param name="width">Its rows.</param>
    /// <param name="regularization">ε, above 0.</param>
    public static double[] Of(ReadOnlySpan<double> covariance, int width, double regularization)
    {
        double[] factor = new double[width * width];
        for (double added = regularization; ; added *= 10)
        {
            if (TryFactor(covariance, width, added, factor)) return Invert(factor, width);
            if (!double.IsFinite(added)) throw new TrainingException("A covariance matrix is not finite: the values are too large. Scale the data.");
        }
    }

    private static bool TryFactor(ReadOnlySpan<double> covariance, int width, double added, Span<double> factor)
    {
        for (int i = 0; i < width; i++)
        {
            Span<double> row = factor.Slice(i * width, width);
            for (int j = 0; j < i; j++)
            {
                ReadOnlySpan<double> other = factor.Slice(j * width, j);
                row[j] = (covariance[i * width + j] - TensorPrimitives.Dot(row[..j], other)) / factor[j * width + j];
            }
            double pivot = covariance[i * width + i] + added - TensorPrimitives.SumOfSquares<double>(row[..i]);
            // Less is rounding.
            if (!(pivot > 1e-14 * covariance[i * width + i])) return false;
            row[i] = Math.Sqrt(pivot);
        }
        return true;
    }

    private static double[] Invert(ReadOnlySpan<double> factor, int width)
    {
        double[] inverse = new double[width * width];
        for (int i = 0; i < width; i++)
        {
            Span<double> row = inverse.AsSpan(i * width, i + 1);
            row[i] = 1;
            for (int j = 0; j < i; j++)
            {
                TensorPrimitives.MultiplyAdd(inverse.AsSpan(j * width, j + 1), -factor[i * width + j], row[..(j + 1)], row[..(j + 1)]);
            }
            TensorPrimitives.Divide(row, factor[i * width + i], row);
        }
        return inverse;
    }
}
