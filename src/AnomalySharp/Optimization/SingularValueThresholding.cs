using System.Numerics.Tensors;

namespace AnomalySharp.Optimization;

/// <summary>
/// Proximal operator of the nuclear norm for matrices of one size: U·max(Σ − τ, 0)·Vᵀ (Cai, Candès, Shen 2010). Keeps its scratch and what it knows of
/// the spectrum between calls; for one thread.
/// </summary>
/// <remarks>
/// On the smaller side's Gram matrix, in double precision: L = M·V·diag(max(0, 1 − τ/σ))·Vᵀ for tall M needs no U and no more than a d × d
/// eigendecomposition. Singular values below about 1e-7 of the greatest are lost in its rounding, and with them at most as much of L.
/// </remarks>
internal sealed class SingularValueThresholding
{
    private readonly int _rows, _columns, _size;
    private readonly SymmetricSpectrum _spectrum;
    private readonly double[] _gram, _map;

    public SingularValueThresholding(int rows, int columns, bool? truncates = null)
    {
        (_rows, _columns, _size) = (rows, columns, Math.Min(rows, columns));
        _spectrum = truncates is bool choice ? new SymmetricSpectrum(_size) { Truncates = choice } : new SymmetricSpectrum(_size);
        (_gram, _map) = (new double[checked(_size * _size)], new double[_size * _size]);
    }

    /// <summary>Singular values of the last result, falling, <c>rank</c> of them; after <see cref="RightVectors"/>, those of its vectors.</summary>
    public double[] Values { get; private set; } = [];

    /// <summary>Writes the thresholded <paramref name="m"/>, row-major, to <paramref name="result"/>.</summary>
    /// <returns>The rank of the result.</returns>
    public int Apply(ReadOnlySpan<double> m, double tau, Span<double> result)
    {
        Gram(m);
        _spectrum.Decompose(_gram, tau * tau);
        double[] values = _spectrum.Values, vectors = _spectrum.Vectors;
        int rank = values.Count(value => Math.Sqrt(value) > tau);
        Values = [.. values.Take(rank).Select(value => Math.Sqrt(value) - tau)];
        if (rank == 0)
        {
            result.Clear();
            return 0;
        }
        // The map V·diag(1 − τ/σ)·Vᵀ, or U·…·Uᵀ, is size × size: one product with it gives the result.
        double[] scaled = vectors[..(rank * _size)];
        double[] transposed = new double[rank * _size];
        for (int i = 0; i < rank; i++)
        {
            Span<double> row = scaled.AsSpan(i * _size, _size);
            for (int j = 0; j < _size; j++) transposed[j * rank + i] = row[j];
            TensorPrimitives.Multiply(row, 1 - tau / Math.Sqrt(values[i]), row);
        }
        Products.Multiply(transposed, scaled, _size, _map);
        if (_columns <= _rows) Products.Multiply(m, _map, _columns, result);
        else Products.Multiply(_map, m, _columns, result);
        return rank;
    }

    /// <summary>‖M‖₂, the greatest singular value.</summary>
    public double SpectralNorm(ReadOnlySpan<double> m)
    {
        Gram(m);
        // Bounded below by the mean eigenvalue: a limit that is not above the greatest.
        _spectrum.Decompose(_gram, Enumerable.Range(0, _size).Sum(i => _gram[i * _size + i]) / _size);
        return Math.Sqrt(_spectrum.Values[0]);
    }

    /// <summary>
    /// Right singular vectors of <paramref name="m"/>, one per row, those of the greatest singular values first: <paramref name="most"/> of them, or fewer
    /// where the rest is lost in rounding.
    /// </summary>
    public double[] RightVectors(ReadOnlySpan<double> m, int most)
    {
        Gram(m);
        double limit = 1e-13 * Enumerable.Range(0, _size).Sum(i => _gram[i * _size + i]);
        _spectrum.Decompose(_gram, limit);
        int count = Math.Min(most, _spectrum.Values.Count(value => value > limit));
        double[] vectors = _spectrum.Vectors[..(count * _size)];
        Values = [.. _spectrum.Values.Take(count).Select(Math.Sqrt)];
        if (_columns <= _rows) return vectors;
        // vᵢ = Mᵀuᵢ/σᵢ
        double[] right = new double[count * _columns];
        Products.Multiply(vectors, m, _columns, right);
        for (int i = 0; i < count; i++)
        {
            Span<double> row = right.AsSpan(i * _columns, _columns);
            TensorPrimitives.Divide(row, TensorPrimitives.Norm<double>(row), row);
        }
        return right;
    }

    private void Gram(ReadOnlySpan<double> m)
    {
        if (_columns <= _rows) Products.GramOfColumns(m, _columns, _gram);
        else Products.GramOfRows(m, _columns, _gram);
    }
}
