using AnomalySharp.Detectors.Reconstruction;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Tests.Training;
using AnomalySharp.Training;

namespace AnomalySharp.Tests.Reconstruction;

public class StackedDenoisingAutoencoderTests
{
    private static readonly StackedDenoisingAutoencoderOptions Quick = new() { Hidden = [8], Latent = 4, Epochs = 5, BatchSize = 50, LearningRate = 0.01, FineTuningEpochs = 0 };

    private readonly Samples _samples = TrainingLoopTests.Data(3, 300);

    [Fact]
    public void Training_a_layer_leaves_those_below_as_they_are_bit_by_bit()
    {
        using Detector two = Fit(Quick), three = Fit(Quick with { Hidden = [8, 6] });
        TensorState shallow = two.GetState(), deep = three.GetState();
        foreach (string part in (string[])["weight", "bias"])
        {
            Assert.Equal(shallow.Get<float>($"encoder.layer1.{part}"), deep.Get<float>($"encoder.layer1.{part}"));
            Assert.Equal(shallow.Get<float>($"decoder.layer2.{part}"), deep.Get<float>($"decoder.layer3.{part}"));
        }
    }

    [Fact]
    public void Layers_below_see_clean_samples_and_only_the_layer_in_training_is_corrupted()
    {
        using Probe below = new(6);
        using DenoisingLayer layer = new([below], new DenseLayer(3), new DenseLayer(6), Quick, Quick.Corruption, Quick.NoiseLevel, seed: 1);
        TrainingPhase phase = layer.Phase(_samples, "layer 2 of 2");
        float[] weights = layer.Networks.Encoder.Parameters.Values.ToArray();
        float[] batch = _samples.Slice(0, 50).Values.ToArray();
        for (int step = 0; step < 3; step++) phase.Step(new TrainingBatch { Values = batch, Rows = Enumerable.Range(0, 50).ToArray(), Step = step });
        Assert.Equal(3, below.Seen.Count);
        Assert.All(below.Seen, seen => Assert.Equal(batch, seen));
        Assert.NotEqual(weights, layer.Networks.Encoder.Parameters.Values.ToArray());
        // Another step draws other noise for the same samples: the losses of the same weights differ.
        double first = phase.Validation!(batch, 50);
        Assert.Equal(first, phase.Validation(batch, 50));
        using DenoisingLayer clean = new([below], new DenseLayer(3), new DenseLayer(6), Quick, Quick.Corruption, level: 0, seed: 1);
        Assert.NotEqual(first, clean.Phase(_samples, "").Validation!(batch, 50));
    }

    [Fact]
    public void Fine_tuning_does_not_make_the_clean_error_larger()
    {
        using Detector stacked = Fit(Quick with { Epochs = 30 }), tuned = Fit(Quick with { Epochs = 30, FineTuningEpochs = 20 });
        Assert.True(tuned.Score(_samples).Average() < stacked.Score(_samples).Average());
    }

    [Fact]
    public void Progress_names_the_layer_and_then_fine_tuning()
    {
        List<string> phases = [];
        using Detector detector = (Quick with { Hidden = [8, 6], Epochs = 2, FineTuningEpochs = 1, Patience = 0 }).CreateDetector();
        detector.Fit(_samples, new FitContext { Progress = new Listener(report => phases.Add($"{report.Phase} {report.Done}/{report.Total}")) });
        Assert.Equal(
            ["layer 1 of 3 1/2", "layer 1 of 3 2/2", "layer 2 of 3 1/2", "layer 2 of 3 2/2", "layer 3 of 3 1/2", "layer 3 of 3 2/2", "fine-tuning 1/1"], phases);
    }

    [Fact]
    public void Pictures_are_flattened_and_need_no_convolutions()
    {
        Samples pictures = new(_samples.Values, new SampleShape(1, 2, 3));
        using Detector flat = Fit(Quick), picture = Quick.CreateDetector();
        picture.Fit(pictures, new FitContext { Seed = 2 });
        Assert.Equal(flat.Score(_samples), picture.Score(pictures));
    }

    [Fact]
    public void What_a_layer_by_layer_training_does_not_have_is_refused()
    {
        Assert.Contains("dropout", Assert.Throws<OptionException>(() => (Quick with { Dropout = 0.1 }).CreateDetector()).Message, StringComparison.Ordinal);
        Assert.Contains("batchNormalization", Assert.Throws<OptionException>(() => (Quick with { BatchNormalization = true }).CreateDetector()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_cross_entropy_of_codes_has_the_gradient_that_is_its_slope_and_survives_saturation()
    {
        float[] p = [0.2f, 0.9f, 0.5f], t = [0.3f, 0.6f, 0.5f], gradient = new float[3], unused = new float[3];
        Assert.Equal(0.6931472, DenoisingLayer.CrossEntropy([0.5f], [0.5f], unused), 1e-6);
        Assert.Equal(0.3250830, DenoisingLayer.CrossEntropy([0.1f], [0.1f], unused), 1e-6);
        DenoisingLayer.CrossEntropy(p, t, gradient);
        for (int i = 0; i < 3; i++)
        {
            float[] up = [.. p], down = [.. p];
            up[i] += 1e-2f;
            down[i] -= 1e-2f;
            Assert.Equal((DenoisingLayer.CrossEntropy(up, t, unused) - DenoisingLayer.CrossEntropy(down, t, unused)) / 2e-2, gradient[i], 1e-2);
        }
        Assert.True(double.IsFinite(DenoisingLayer.CrossEntropy([0, 1], [1, 0], unused)));
        Assert.All(unused, value => Assert.True(float.IsFinite(value)));
    }

    private Detector Fit(StackedDenoisingAutoencoderOptions options)
    {
        Detector detector = options.CreateDetector();
        detector.Fit(_samples, new FitContext { Seed = 2 });
        return detector;
    }

    private sealed class Listener(Action<FitProgress> report) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => report(value);
    }

    /// <summary>A finished layer that gives back what it gets, and tells.</summary>
    private sealed class Probe(int width) : Network
    {
        public List<float[]> Seen { get; } = [];

        public override int InputSize => width;

        public override int OutputSize => width;

        public override ParameterBuffer Parameters { get; } = new(16);

        public override IReadOnlyList<Range> Weights => [];

        public override ReadOnlySpan<float> Forward(ReadOnlySpan<float> input, int count) => throw new NotSupportedException();

        public override ReadOnlySpan<float> Backward(ReadOnlySpan<float> outputGradient, bool needInputGradient = false) => throw new NotSupportedException();

        public override void Infer(ReadOnlySpan<float> input, int count, Span<float> output)
        {
            Seen.Add(input[..(count * width)].ToArray());
            input[..(count * width)].CopyTo(output);
        }

        public override void WriteState(TensorState state) { }

        public override void ReadState(TensorState state) { }
    }
}
