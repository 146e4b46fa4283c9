using System.Numerics.Tensors;
using AnomalySharp.Networks.Simd;
using AnomalySharp.Persistence;

namespace AnomalySharp.Networks;

/// <summary>
/// Normalises each column over the batch, then scales by γ and shifts by β, two rows of parameters (Ioffe and Szegedy, ICML 2015). One row has no
/// variance: it is normalised by the running statistics, which it leaves alone.
/// </summary>
internal sealed unsafe class BatchNormalization(DenseMath math, int width) : IDisposable
{
    private const float Momentum = 0.1f, Epsilon = 1e-5f;

    private readonly int _columns = DenseMath.Padded(width);
    private readonly AlignedBuffer _normalized = new(), _work = new(6 * DenseMath.Padded(width));
    private readonly float[] _mean = new float[width], _variance = [.. Enumerable.Repeat(1f, width)];
    private bool _byBatch;

    // One row each of padded columns.
    private float* Mean => _work.Pointer;

    private float* Variance => _work.Pointer + _columns;

    /// <summary>1/σ, and after <see cref="Backward"/> γ/σ.</summary>
    private float* Scale => _work.Pointer + 2 * _columns;

    private float* Shift => _work.Pointer + 3 * _columns;

    private float* GammaSums => _work.Pointer + 4 * _columns;

    private float* BetaSums => _work.Pointer + 5 * _columns;

    public void Forward(float* gamma, float* values, int count)
    {
        _byBatch = count > 1;
        if (_byBatch)
        {
            math.Moments(values, count, _columns, Mean, Variance);
            for (int j = 0; j < width; j++)
            {
                _mean[j] += Momentum * (Mean[j] - _mean[j]);
                _variance[j] += Momentum * (Variance[j] * count / (count - 1) - _variance[j]);
            }
        }
        else
        {
            _mean.CopyTo(new Span<float>(Mean, width));
            _variance.CopyTo(new Span<float>(Variance, width));
        }
        for (int j = 0; j < _columns; j++)
        {
            Scale[j] = 1 / MathF.Sqrt(Variance[j] + Epsilon);
            Shift[j] = -Mean[j] * Scale[j];
        }
        int length = count * _columns;
        _normalized.Require(length);
        math.ScaleAndShift(values, count, _columns, Scale, Shift);
        new Span<float>(values, length).CopyTo(_normalized.Span);
        math.ScaleAndShift(values, count, _columns, gamma, gamma + _columns);
    }

    public void Backward(float* gamma, float* gammaGradient, float* gradient, int count)
    {
        Span<float> gammaSums = new(GammaSums, _columns), betaSums = new(BetaSums, _columns), scale = new(Scale, _columns);
        gammaSums.Clear();
        betaSums.Clear();
        math.AddColumnSums(gradient, count, _columns, BetaSums);
        for (int i = 0; i < count; i++)
        {
            Span<float> row = new(gradient + i * _columns, _columns);
            TensorPrimitives.MultiplyAdd(row, _normalized.Span.Slice(i * _columns, _columns), gammaSums, gammaSums);
        }
        TensorPrimitives.Add(new Span<float>(gammaGradient, _columns), gammaSums, new Span<float>(gammaGradient, _columns));
        TensorPrimitives.Add(new Span<float>(gammaGradient + _columns, _columns), betaSums, new Span<float>(gammaGradient + _columns, _columns));
        if (!_byBatch)
        {
            // The running statistics are constants: the sums that come from differentiating the batch's own moments fall away.
            gammaSums.Clear();
            betaSums.Clear();
        }
        TensorPrimitives.Multiply(scale, new Span<float>(gamma, _columns), scale);
        math.NormalizationGradient(_normalized.Pointer, gradient, count, _columns, Scale, GammaSums, BetaSums);
    }

    /// <param name="gamma">γ, then β.</param>
    /// <param name="values">Replaced.</param>
    /// <param name="rows">Samples.</param>
    /// <param name="scratch">Two rows of columns.</param>
    public void Apply(float* gamma, float* values, int rows, float* scratch)
    {
        float* beta = gamma + _columns, shift = scratch + _columns;
        for (int j = 0; j < _columns; j++)
        {
            scratch[j] = j < width ? gamma[j] / MathF.Sqrt(_variance[j] + Epsilon) : 0;
            shift[j] = j < width ? beta[j] - _mean[j] * scratch[j] : 0;
        }
        math.ScaleAndShift(values, rows, _columns, scratch, shift);
    }

    public void WriteState(TensorState state, string name, ReadOnlySpan<float> gamma)
    {
        state.Set($"{name}.weight", gamma[..width]);
        state.Set($"{name}.bias", gamma.Slice(_columns, width));
        state.Set<float>($"{name}.running_mean", _mean);
        state.Set<float>($"{name}.running_var", _variance);
    }

    public Action ReadState(TensorState state, string name, Span<float> gamma)
    {
        state.Get<float>($"{name}.weight", width).CopyTo(gamma);
        state.Get<float>($"{name}.bias", width).CopyTo(gamma[_columns..]);
        float[] mean = state.Get<float>($"{name}.running_mean", width), variance = state.Get<float>($"{name}.running_var", width);
        return () =>
        {
            mean.CopyTo(_mean, 0);
            variance.CopyTo(_variance, 0);
        };
    }

    public void Dispose()
    {
        _normalized.Dispose();
        _work.Dispose();
    }
}
