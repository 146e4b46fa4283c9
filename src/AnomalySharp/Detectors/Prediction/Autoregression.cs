using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Numerics.Tensors;
using AnomalySharp.Optimization;
using AnomalySharp.Persistence;

namespace AnomalySharp.Detectors.Prediction;

/// <summary>Options of the detector <c>autoregression</c>.</summary>
[Detector(
    "autoregression",
    Family = DetectorFamily.Prediction,
    Summary = "Forecasts every channel from its own past by least squares; where the forecast fails, is abnormal. The linear method that a network "
        + "must beat.",
    Paper = "Box, Jenkins: Time Series Analysis: Forecasting and Control. Holden-Day, 1970.",
    Kinds = DataKinds.Sequence)]
public sealed record AutoregressionOptions : DetectorOptions
{
    /// <summary>p: steps that a forecast looks back. The default value, null, is one less than a window has.</summary>
    [Description("Steps that a forecast looks back; auto = one less than a window has."), Range(1, 10_000)]
    public int? Order { get; init; }

    /// <inheritdoc/>
    protected override Detector Create() => new Autoregression(this);
}

/// <summary>
/// x̂_t = a₀ + Σ a_k·x_{t−k}, k = 1…p, of each channel for itself, by least squares over all steps of the windows that have p before them.
/// </summary>
/// <remarks>
/// A millionth of the mean square is added to the diagonal of the normal equations: a series that repeats itself leaves them singular.
/// </remarks>
internal sealed class Autoregression(AutoregressionOptions options) : BaselineForecaster
{
    private const double Ridge = 1e-6;

    // Channel after channel: the oldest step's coefficient first, the constant last.
    private double[] _coefficients = [];
    private int _order;

    protected override int Past(SampleShape shape) => options.Order ?? Math.Max(1, shape[0] - 1);

    protected override void Learn(Samples windows, FitContext context)
    {
        _order = Past(windows.Shape);
        int terms = _order + 1;
        _coefficients = new double[Width * terms];
        double[] past = new double[terms], squares = new double[terms * terms], products = new double[terms];
        for (int channel = 0; channel < Width; channel++)
        {
            Array.Clear(squares);
            Array.Clear(products);
            int count = 0;
            for (int i = 0; i < windows.Count; i++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                ReadOnlySpan<float> window = windows[i];
                for (int step = _order; step < windows.Shape[0]; step++, count++)
                {
                    for (int k = 0; k < _order; k++) past[k] = window[((step - _order + k) * Width) + channel];
                    past[_order] = 1;
                    double target = window[(step * Width) + channel];
                    TensorPrimitives.MultiplyAdd(past, target, products, products);
                    for (int k = 0; k < terms; k++)
                    {
                        Span<double> row = squares.AsSpan(k * terms, terms);
                        TensorPrimitives.MultiplyAdd(past, past[k], row, row);
                    }
                }
            }
            TensorPrimitives.Divide(squares, count, squares);
            TensorPrimitives.Divide(products, count, products);
            double trace = 0;
            for (int k = 0; k < terms; k++) trace += squares[k * (terms + 1)];
            Solve(squares, products, Ridge * trace / terms).CopyTo(_coefficients, channel * terms);
        }
    }

    protected override double Forecast(ReadOnlySpan<float> window, int step, int channel)
    {
        ReadOnlySpan<double> coefficients = _coefficients.AsSpan(channel * (_order + 1), _order + 1);
        double forecast = coefficients[_order];
        for (int k = 0; k < _order; k++) forecast += coefficients[k] * window[((step - _order + k) * Width) + channel];
        return forecast;
    }

    protected override void WriteState(TensorState state)
    {
        base.WriteState(state);
        state.Set<double>("coefficients", _coefficients, Width, _order + 1);
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        base.ReadState(state, shape);
        _order = Past(shape);
        if (_order >= shape[0])
        {
            throw new ModelFileException($"The order {_order} of the model does not fit windows of {shape[0]} steps. Train it again.");
        }
        _coefficients = state.Get<double>("coefficients", shape[1] * (_order + 1));
    }

    /// <summary>(A + εI)⁻¹b with A + εI = LLᵀ and W = L⁻¹: WᵀWb.</summary>
    private static double[] Solve(double[] matrix, double[] vector, double added)
    {
        int width = vector.Length;
        double[] inverse = TriangularInverse.Of(matrix, width, added), solution = new double[width];
        for (int i = 0; i < width; i++)
        {
            ReadOnlySpan<double> row = inverse.AsSpan(i * width, i + 1);
            double part = TensorPrimitives.Dot(row, vector.AsSpan(0, i + 1));
            TensorPrimitives.MultiplyAdd(row, part, solution.AsSpan(0, i + 1), solution.AsSpan(0, i + 1));
        }
        return solution;
    }
}
