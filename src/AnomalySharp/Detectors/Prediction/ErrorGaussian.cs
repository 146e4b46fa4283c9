using System.Numerics.Tensors;
using AnomalySharp.Optimization;
using AnomalySharp.Persistence;

namespace AnomalySharp.Detectors.Prediction;

/// <summary>
/// N(μ, Σ) of the error vectors of a forecast or a reconstruction. What errors score is (e − μ)ᵀΣ⁻¹(e − μ) = |W(e − μ)|², with W = L⁻¹ and Σ + εI =
/// LLᵀ: as −log p(e) without its constant.
/// </summary>
/// <remarks>
/// ε is a thousandth of the mean variance: a value that is always forecast without error would make any error of it infinitely improbable.
/// </remarks>
internal sealed class ErrorGaussian
{
    private const double Regularization = 1e-3, Least = 1e-10;

    private readonly double[] _sums, _products;
    private int _count;

    /// <summary>One that is to learn from errors of so many values.</summary>
    public ErrorGaussian(int width) => (_sums, _products) = (new double[width], new double[width * width]);

    /// <summary>Values of one error vector.</summary>
    public int Width => _sums.Length;

    /// <summary>μ.</summary>
    public float[] Mean { get; private set; } = [];

    /// <summary>W, lower triangular, row-major.</summary>
    public float[] Factor { get; private set; } = [];

    /// <summary>Learns from error vectors, one after the other.</summary>
    public void Add(ReadOnlySpan<float> errors)
    {
        double[] error = new double[Width];
        for (int start = 0; start < errors.Length; start += Width)
        {
            TensorPrimitives.ConvertTruncating<float, double>(errors.Slice(start, Width), error);
            TensorPrimitives.Add(_sums, error, _sums);
            for (int i = 0; i < error.Length; i++)
            {
                Span<double> row = _products.AsSpan(i * Width, Width);
                TensorPrimitives.MultiplyAdd(error, error[i], row, row);
            }
            _count++;
        }
    }

    /// <summary>μ and W of what was added.</summary>
    public void Complete()
    {
        double[] mean = [.. _sums.Select(sum => sum / _count)], covariance = new double[Width * Width];
        double trace = 0;
        for (int i = 0; i < Width; i++)
        {
            for (int j = 0; j < Width; j++) covariance[(i * Width) + j] = (_products[(i * Width) + j] / _count) - (mean[i] * mean[j]);
            trace += covariance[i * (Width + 1)];
        }
        Mean = Array.ConvertAll(mean, value => (float)value);
        Factor = Array.ConvertAll(TriangularInverse.Of(covariance, Width, Math.Max(Least, Regularization * trace / Width)), value => (float)value);
    }

    /// <summary>Stores μ and W.</summary>
    public void WriteState(TensorState state)
    {
        state.Set<float>("mean", Mean);
        state.Set<float>("factor", Factor, Width, Width);
    }

    /// <summary>The one that <see cref="WriteState"/> stored.</summary>
    /// <exception cref="ModelFileException">An array is missing or of the wrong size.</exception>
    public static ErrorGaussian ReadState(TensorState state, int width) =>
        new(width) { Mean = state.Get<float>("mean", width), Factor = state.Get<float>("factor", width * width) };
}
