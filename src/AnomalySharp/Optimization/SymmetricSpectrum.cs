using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace AnomalySharp.Optimization;

/// <summary>
/// The greatest eigenvalues of a symmetric positive semi-definite matrix, with their eigenvectors: all of a small matrix; of a large one those above a
/// limit, by subspace iteration on a subspace that grows until its least eigenvalue is below the limit.
/// </summary>
/// <remarks>
/// The subspace of one call is the start of the next: matrices of neighbouring iterations of a solver have neighbouring spectra. Predicting the rank from
/// the last one is from Lin, Chen, Ma: The Augmented Lagrange Multiplier Method for Exact Recovery of Corrupted Low-Rank Matrices (2010), §4.2.
/// </remarks>
internal sealed class SymmetricSpectrum(int size)
{
    /// <summary>Up to here all eigenvalues are cheaper than some.</summary>
    public const int Small = 200;

    private const int MostSweeps = 60;

    private const double Tolerance = 1e-12;

    private double[] _basis = [];

    /// <summary>Eigenvalues of the last call, falling; negative ones (rounding) are 0.</summary>
    public double[] Values { get; private set; } = [];

    /// <summary>Their eigenvectors, one per row.</summary>
    public double[] Vectors { get; private set; } = [];

    /// <summary>Whether large matrices are decomposed in part; tests compare both.</summary>
    public bool Truncates { get; init; } = size > Small;

    /// <summary>Finds at least the eigenvalues above <paramref name="limit"/>.</summary>
    public void Decompose(ReadOnlySpan<double> matrix, double limit)
    {
        if (Truncates && TryTruncated(matrix, limit)) return;
        (Values, Vectors) = All(matrix, size);
    }

    private bool TryTruncated(ReadOnlySpan<double> matrix, double limit)
    {
        int wanted = Math.Max(_basis.Length / size, 10);
        while (2 * wanted <= size)
        {
            Widen(wanted);
            Iterate(matrix, limit);
            int above = Values.Count(value => value > limit);
            if (above < Values.Length)
            {
                // Some beyond those that count: they are what makes the last ones converge.
                _basis = Vectors[..(Math.Min(above + Math.Max(10, above / 5), Values.Length) * size)];
                return true;
            }
            wanted = Math.Max(wanted + 10, wanted * 3 / 2);
        }
        _basis = [];
        return false;
    }

    /// <summary>Adds random rows to the basis; a fixed sequence, so that results are the same every time.</summary>
    private void Widen(int wanted)
    {
        int old = _basis.Length;
        if (old >= wanted * size) return;
        Array.Resize(ref _basis, wanted * size);
        Random random = new(old);
        for (int i = old; i < _basis.Length; i++) _basis[i] = random.NextDouble() - 0.5;
    }

    private void Iterate(ReadOnlySpan<double> matrix, double limit)
    {
        int rank = _basis.Length / size;
        double[] image = new double[_basis.Length], small = new double[rank * rank];
        double before = double.NaN;
        for (int sweep = 0; sweep < MostSweeps; sweep++)
        {
            Orthonormalize(_basis, size);
            Products.Multiply(_basis, matrix, size, image);
            // Rayleigh-Ritz: the matrix seen from within the subspace.
            for (int i = 0; i < rank; i++)
            {
                for (int j = 0; j < rank; j++) small[i * rank + j] = TensorPrimitives.Dot<double>(_basis.AsSpan(i * size, size), image.AsSpan(j * size, size));
            }
            (Values, double[] rotation) = All(small, rank);
            Vectors = new double[_basis.Length];
            Products.Multiply(rotation, _basis, size, Vectors);
            double kept = Values.Where(value => value > limit).Sum(value => Math.Sqrt(value) - Math.Sqrt(limit));
            if (Math.Abs(kept - before) <= Tolerance * Math.Max(Math.Sqrt(Values[0]), double.Epsilon)) return;
            before = kept;
            Products.Multiply(rotation, image, size, _basis);
        }
        _basis = Vectors;
    }

    /// <summary>Gram and Schmidt, twice over each row, which is enough (Giraud et al. 2005); what is left of nothing stays nothing.</summary>
    private static void Orthonormalize(double[] basis, int size)
    {
        for (int i = 0; i < basis.Length; i += size)
        {
            Span<double> row = basis.AsSpan(i, size);
            double start = TensorPrimitives.Norm<double>(row);
            for (int again = 0; again < 2; again++)
            {
                for (int j = 0; j < i; j += size)
                {
                    ReadOnlySpan<double> other = basis.AsSpan(j, size);
                    TensorPrimitives.MultiplyAdd(other, -TensorPrimitives.Dot(row, other), row, row);
                }
            }
            double norm = TensorPrimitives.Norm<double>(row);
            if (norm > 1e-14 * start) TensorPrimitives.Divide(row, norm, row);
            else row.Clear();
        }
    }

    private static (double[] Values, double[] Vectors) All(ReadOnlySpan<double> matrix, int size)
    {
        // Symmetric, so that the order of storage (here rows, there columns) makes no difference.
        var evd = new DenseMatrix(size, size, matrix[..(size * size)].ToArray()).Evd(Symmetricity.Symmetric);
        double[] values = new double[size], vectors = new double[size * size], columns = ((DenseMatrix)evd.EigenVectors).Values;
        for (int i = 0; i < size; i++)
        {
            // They come rising.
            values[i] = Math.Max(0, evd.EigenValues[size - 1 - i].Real);
            columns.AsSpan((size - 1 - i) * size, size).CopyTo(vectors.AsSpan(i * size));
        }
        return (values, vectors);
    }
}
