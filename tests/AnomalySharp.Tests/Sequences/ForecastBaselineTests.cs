using AnomalySharp.Detectors.Prediction;
using AnomalySharp.Evaluation;
using AnomalySharp.Sequences;

namespace AnomalySharp.Tests.Sequences;

public class ForecastBaselineTests
{
    private static readonly TrainingSettings Settings = new()
    {
        Windows = new WindowSettings { Length = WaveSeries.Window + 1 },
        Context = new FitContext { Threads = 1 },
    };

    [Fact]
    public void Autoregression_finds_spikes_and_flat_stretches_of_a_wave_and_persistence_takes_flat_ones_for_the_most_normal()
    {
        // An independent implementation of AR(30) had 0.957 on such a series, the naive forecast 0.175.
        Assert.InRange(RocAuc(new AutoregressionOptions()), 0.9, 1);
        Assert.InRange(RocAuc(new PersistenceOptions()), 0, 0.4);
    }

    [Fact]
    public void The_coefficients_of_an_autoregressive_series_are_found()
    {
        Random random = new(5);
        float[] values = new float[5000];
        for (int t = 2; t < values.Length; t++)
        {
            values[t] = (float)(0.5 + (1.2 * values[t - 1]) - (0.6 * values[t - 2]) + (0.1 * (random.NextDouble() - 0.5)));
        }
        float[] overlapping = [.. Enumerable.Range(0, 4990).SelectMany(i => values[i..(i + 10)])];
        Samples windows = new(overlapping, new SampleShape(10, 1));
        using Detector detector = new AutoregressionOptions { Order = 2 }.CreateDetector();
        detector.Fit(windows, new FitContext { Threads = 1 });
        double[] coefficients = detector.GetState().Get<double>("coefficients");
        Assert.Equal([-0.6, 1.2, 0.5], coefficients.Select(value => Math.Round(value, 1)));
        // The score is a square over that of training: 1 on average.
        Assert.Equal(1, detector.Score(windows).Average(), 0.01);
    }

    [Fact]
    public void The_naive_forecast_scores_a_step_by_its_difference_from_the_one_before()
    {
        using Detector detector = new PersistenceOptions().CreateDetector();
        detector.Fit(new Samples(new float[] { 0, 1, 0, 1, 0, 1, 2, 1 }, new SampleShape(4, 1)), new FitContext());
        float[] steps = ((IStepScores)detector).ScoreSteps(new Samples(new float[] { 5, 5, 8, 7 }, new SampleShape(4, 1)));
        // σ² is 1: every step of training is one away from the one before.
        Assert.Equal([float.NaN, 0, 9, 1], steps);
    }

    [Fact]
    public void An_order_that_windows_do_not_hold_is_refused()
    {
        using Detector detector = new AutoregressionOptions { Order = 4 }.CreateDetector();
        DataException refused = Assert.Throws<DataException>(() => detector.Fit(new Samples(new float[40], new SampleShape(4, 1)), new FitContext()));
        Assert.Contains("from the 4 before it, and the windows have 4", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_of_a_gaussian_have_on_average_as_many_squared_deviations_as_dimensions()
    {
        Random random = new(3);
        float[] errors = new float[3 * 20_000];
        for (int i = 0; i < errors.Length; i += 3)
        {
            double common = Normal();
            (errors[i], errors[i + 1], errors[i + 2]) = ((float)(common + 4), (float)(common + (0.5 * Normal())), (float)(2 * Normal()));
        }
        ErrorGaussian gaussian = new(3);
        gaussian.Add(errors);
        gaussian.Complete();
        double sum = 0;
        for (int i = 0; i < errors.Length; i += 3) sum += Distance(gaussian, errors.AsSpan(i, 3));
        Assert.Equal(3, sum / 20_000, 0.05);
        // In one dimension it is ((e − μ)/σ)².
        ErrorGaussian single = new(1);
        single.Add([1, 3]);
        single.Complete();
        Assert.Equal(9, Distance(single, [5]), 0.02);

        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }

    private static double Distance(ErrorGaussian gaussian, ReadOnlySpan<float> error)
    {
        double sum = 0;
        for (int i = 0; i < gaussian.Width; i++)
        {
            double part = 0;
            for (int j = 0; j < gaussian.Width; j++) part += gaussian.Factor[(i * gaussian.Width) + j] * (error[j] - gaussian.Mean[j]);
            sum += part * part;
        }
        return sum;
    }

    private static double RocAuc(DetectorOptions options)
    {
        using AnomalyModel model = AnomalyModel.Train(WaveSeries.Training(), options, Settings);
        Samples test = WaveSeries.Test();
        return DetectionMetrics.Compute(model.Score(test.WithLabels(null)).Scores.Span, test.Labels!, float.PositiveInfinity).RocAuc;
    }
}
