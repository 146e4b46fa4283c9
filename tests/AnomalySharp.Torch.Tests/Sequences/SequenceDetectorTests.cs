using AnomalySharp.Evaluation;
using AnomalySharp.Sequences;
using AnomalySharp.Tests.Sequences;
using AnomalySharp.Torch.Detectors.Prediction;
using AnomalySharp.Torch.Detectors.Reconstruction;
using AnomalySharp.Torch.Native;
using AnomalySharp.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Tests.Sequences;

public class SequenceDetectorTests
{
    private static readonly TrainingSettings Settings = new()
    {
        Windows = new WindowSettings { Length = WaveSeries.Window },
        Context = new FitContext { Seed = 1, Threads = 1 },
    };

    [Fact]
    public void The_convolutional_forecaster_finds_spikes_and_flat_stretches_of_a_wave()
    {
        // Without dropout, as an independent implementation that had 0.976 after 12 epochs.
        Assert.InRange(RocAuc(new CnnForecasterOptions { Epochs = 12, Dropout = 0 }), 0.93, 1);
    }

    [Fact]
    public void The_recurrent_forecaster_finds_them_too()
    {
        // With larger steps than the default, for few epochs; an independent implementation had 0.79 after 12.
        Assert.InRange(RocAuc(new LstmForecasterOptions { Epochs = 8, LearningRate = 1e-2 }), 0.85, 1);
    }

    [Fact]
    public void A_row_is_judged_by_what_comes_before_it_alone()
    {
        Samples training = WaveSeries.Training(400), test = WaveSeries.Test(400).WithLabels(null);
        using AnomalyModel model = AnomalyModel.Train(training, new LstmForecasterOptions { Epochs = 1 }, Settings);
        float[] values = test.Values.ToArray(), scores = model.Score(test, cancellation: TestContext.Current.CancellationToken).Scores.ToArray();
        values.AsSpan(200).Fill(5);
        float[] changed = model.Score(new Samples(values, test.Shape), cancellation: TestContext.Current.CancellationToken).Scores.ToArray();
        Assert.Equal(scores[..200], changed[..200]);
        Assert.NotEqual(scores[200], changed[200]);
    }

    [Fact]
    public void A_decoder_that_is_guided_and_one_that_is_not_begin_alike_and_go_apart()
    {
        TorchRuntime.Prepare();
        using DisposeScope scope = NewDisposeScope();
        using EncoderDecoder module = new(2, 5, seed: 3);
        Tensor x = tensor(Enumerable.Range(0, 3 * 4 * 2).Select(i => MathF.Sin(i)).ToArray()).view(3, 4, 2);
        Tensor guided = module.Guided(x), free = module.call(x);
        Assert.Equal([3, 4, 2], guided.shape);
        Assert.Equal([3, 4, 2], free.shape);
        Assert.Equal(0, (guided.select(1, 3) - free.select(1, 3)).abs().max().Number(), 1e-6);
        Assert.True((guided.select(1, 2) - free.select(1, 2)).abs().max().Number() > 1e-4);
        // What the decoder is told is x_t before it says x̂_{t−1}: of x_1 it is told nothing, except through the code.
        Tensor other = x.clone();
        other.select(1, 1).fill_(2);
        Tensor code = (module.Guided(other) - guided).abs();
        Assert.True(code.select(1, 0).max().Number() > 0.01);
    }

    [Fact]
    public void The_recurrent_autoencoder_reconstructs_a_wave_better_than_its_mean_does()
    {
        TrainingSettings settings = Settings with { Windows = new WindowSettings { Length = 10, Stride = 2 } };
        LstmAutoencoderOptions options = new() { Epochs = 25, LearningRate = 5e-3 };
        using AnomalyModel model = AnomalyModel.Train(WaveSeries.Training(1000), options, settings);
        // Standardised values: their mean has an error of 1.
        Assert.True(model.Summary.History.Min(epoch => epoch.ValidationLoss) < 0.3, $"{model.Summary.History[^1].ValidationLoss}");
    }

    [Theory]
    [InlineData("lstm-forecaster")]
    [InlineData("cnn-forecaster")]
    public void A_horizon_that_windows_do_not_hold_is_refused(string name)
    {
        DetectorOptions options = DetectorOption.Apply(DetectorCatalog.Find(name).CreateOptions(), [new("horizon", "4")]);
        using Detector detector = options.CreateDetector();
        DataException refused = Assert.Throws<DataException>(() => detector.Fit(new Samples(new float[80], new SampleShape(4, 1)), new FitContext()));
        Assert.Contains($"{name} forecasts 4 steps, and windows have 4", refused.Message, StringComparison.Ordinal);
    }

    private static double RocAuc(DetectorOptions options)
    {
        using AnomalyModel model = AnomalyModel.Train(WaveSeries.Training(), options, Settings);
        Samples test = WaveSeries.Test();
        return DetectionMetrics.Compute(model.Score(test.WithLabels(null)).Scores.Span, test.Labels!, float.PositiveInfinity).RocAuc;
    }
}
