using AnomalySharp.Persistence;
using AnomalySharp.Preprocessing;
using AnomalySharp.Sequences;

namespace AnomalySharp.Detectors.Prediction;

/// <summary>
/// What forecasters without a network share: x̂_t from the steps of the window before it, errors e_t = x_t − x̂_t, and the score mean over the
/// channels of (e_tj/σ_j)², σ_j² being the mean of e_tj² in training; of clips over the pixels, with one σ for each channel of colour. The score of a
/// window is the mean over the steps that can be forecast.
/// </summary>
internal abstract class BaselineForecaster : Detector, IStepScores
{
    // A channel that is forecast without error in training would make any error of it infinitely many σ.
    private const double LeastShare = 1e-3, LeastDeviation = 1e-6;

    private double[] _deviations = [];
    private int[] _groupOf = [];

    public bool LooksBack => true;

    /// <summary>Steps that a forecast needs before it, in windows of the given shape.</summary>
    protected abstract int Past(SampleShape shape);

    /// <summary>Learns how to forecast.</summary>
    protected abstract void Learn(Samples windows, FitContext context);

    /// <summary>Whether windows may be clips of frames.</summary>
    protected virtual bool ForecastsFrames => false;

    /// <summary>Values of a step: its channels, or the pixels of a frame.</summary>
    protected int Width => _groupOf.Length;

    /// <summary>x̂ of one value of one step of a window.</summary>
    protected abstract double Forecast(ReadOnlySpan<float> window, int step, int channel);

    protected override void FitCore(Samples samples, FitContext context)
    {
        SampleShape shape = samples.Shape;
        if (!Fits(shape))
        {
            throw new DataException($"{DisplayName} forecasts steps of windows [steps, channels], and the samples have shape {shape}.");
        }
        if (shape[0] <= Past(shape))
        {
            throw new DataException(
                $"{DisplayName} forecasts a step from the {Past(shape)} before it, and the windows have {shape[0]}. Take longer ones (--window).");
        }
        _groupOf = GroupOfEachValue(shape);
        Learn(samples, context);
        double[] squares = new double[new ValueGroups(shape).Count];
        int count = 0;
        for (int i = 0; i < samples.Count; i++)
        {
            for (int step = Past(shape); step < shape[0]; step++, count++)
            {
                for (int j = 0; j < Width; j++) squares[_groupOf[j]] += Square(samples[i], step, j);
            }
        }
        double each = (double)count * Width / squares.Length;
        double[] deviations = [.. squares.Select(square => Math.Sqrt(square / each))];
        double least = Math.Max(LeastDeviation, LeastShare * deviations.Max());
        _deviations = [.. deviations.Select(deviation => Math.Max(deviation, least))];
        context.Progress?.Report(new FitProgress("forecasting", 1, 1, deviations.Average(deviation => deviation * deviation)));
    }

    protected override float[] ScoreCore(Samples samples)
    {
        float[] scores = new float[samples.Count];
        int past = Past(samples.Shape), steps = samples.Shape[0];
        for (int i = 0; i < scores.Length; i++)
        {
            double sum = 0;
            for (int step = past; step < steps; step++) sum += StepScore(samples[i], step);
            scores[i] = (float)Math.Min(sum / (steps - past), float.MaxValue);
        }
        return scores;
    }

    public float[] ScoreSteps(Samples windows)
    {
        int past = Past(windows.Shape), steps = windows.Shape[0];
        float[] scores = new float[windows.Count * steps];
        for (int k = 0; k < scores.Length; k++)
        {
            scores[k] = k % steps < past ? float.NaN : (float)Math.Min(StepScore(windows[k / steps], k % steps), float.MaxValue);
        }
        return scores;
    }

    /// <summary>The terms of the score.</summary>
    protected override float[] AttributeCore(Samples samples)
    {
        int past = Past(samples.Shape), width = Width, length = samples.Shape.Length;
        float[] attributions = new float[samples.Count * length];
        for (int k = 0; k < attributions.Length; k++)
        {
            int step = k % length / width, channel = k % width;
            if (step < past) continue;
            double share = Term(samples[k / length], step, channel) / (length - (past * width));
            attributions[k] = (float)Math.Min(share, float.MaxValue);
        }
        return attributions;
    }

    protected override void WriteState(TensorState state) => state.Set<double>("deviations", _deviations);

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        if (!Fits(shape)) throw new ModelFileException($"A model of shape {shape} is none of windows. Train it again.");
        (_groupOf, _deviations) = (GroupOfEachValue(shape), state.Get<double>("deviations", new ValueGroups(shape).Count));
    }

    private double StepScore(ReadOnlySpan<float> window, int step)
    {
        double sum = 0;
        for (int j = 0; j < Width; j++) sum += Term(window, step, j);
        return sum / Width;
    }

    /// <summary>(e_tj/σ_j)².</summary>
    private double Term(ReadOnlySpan<float> window, int step, int channel)
    {
        double deviation = _deviations[_groupOf[channel]];
        return Square(window, step, channel) / (deviation * deviation);
    }

    private double Square(ReadOnlySpan<float> window, int step, int channel)
    {
        double error = window[(step * Width) + channel] - Forecast(window, step, channel);
        return error * error;
    }

    private bool Fits(SampleShape shape) => shape.Kind == DataKinds.Sequence || (ForecastsFrames && shape.Kind == DataKinds.Video);

    private static int[] GroupOfEachValue(SampleShape shape)
    {
        ValueGroups groups = new(shape);
        return [.. Enumerable.Range(0, shape.Length / shape[0]).Select(groups.Of)];
    }
}
