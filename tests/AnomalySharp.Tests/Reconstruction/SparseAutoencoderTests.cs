using AnomalySharp.Detectors.Reconstruction;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Tests.Training;
using AnomalySharp.Training;

namespace AnomalySharp.Tests.Reconstruction;

public class SparseAutoencoderTests
{
    [Theory, InlineData(0.05, 0), InlineData(0.2, 0.0939430), InlineData(0.5, 0.4946319), InlineData(0.01, 0.0412911)]
    public void The_divergence_from_a_share_of_five_percent_is_that_of_the_table(double mean, double nats) =>
        Assert.Equal(nats, SparsityTerm.Divergence(0.05, mean), 1e-6);

    [Theory, InlineData(0f), InlineData(1f)]
    public void Saturated_units_have_a_finite_penalty_and_slope(float activation)
    {
        SparsityTerm term = new(2, 0.05, 0.5, 0);
        float[] activations = [activation, activation, activation, activation], gradient = new float[4];
        term.Observe(activations);
        Assert.True(double.IsFinite(term.AddGradient(2, gradient)));
        Assert.All(gradient, value => Assert.True(float.IsFinite(value) && Math.Sign(value) == (activation == 0 ? -1 : 1)));
        Assert.True(double.IsFinite(term.Of(activations)));
    }

    [Fact]
    public void Units_that_saturate_in_training_are_a_remark_and_scores_stay_finite()
    {
        // Features that nobody scaled: every unit is on, or off, for all of them.
        Samples samples = TrainingLoopTests.Data(3, 200);
        Samples far = samples.WithValues(samples.Values.ToArray().Select(value => value + 1000).ToArray(), samples.Shape);
        List<string> remarks = [];
        using Detector detector = new SparseAutoencoderOptions { Epochs = 3 }.CreateDetector();
        detector.Fit(far, new FitContext { Remark = remarks.Add });
        Assert.Contains("of 12 units of the code", Assert.Single(remarks), StringComparison.Ordinal);
        Assert.Contains("scaled features", remarks[0], StringComparison.Ordinal);
        Assert.All(detector.Score(far), score => Assert.True(float.IsFinite(score)));
        remarks.Clear();
        using Detector usual = new SparseAutoencoderOptions { Epochs = 20 }.CreateDetector();
        usual.Fit(samples, new FitContext { Remark = remarks.Add });
        Assert.Empty(remarks);
    }

    [Fact]
    public void The_gradient_is_the_slope_of_the_term_over_the_batch_not_per_sample()
    {
        float[] activations = [0.1f, 0.7f, 0.3f, 0.2f, 0.05f, 0.9f], gradient = new float[6];
        SparsityTerm term = new(2, 0.05, 3, 0);
        term.Observe(activations);
        double value = term.AddGradient(3, gradient);
        Assert.Equal(3 * (SparsityTerm.Divergence(0.05, 0.15) + SparsityTerm.Divergence(0.05, 0.6)), value, 1e-5);
        Assert.Equal(value, term.Of(activations), 1e-5);
        for (int i = 0; i < activations.Length; i++)
        {
            float[] up = [.. activations], down = [.. activations];
            up[i] += 0.01f;
            down[i] -= 0.01f;
            Assert.Equal((term.Of(up) - term.Of(down)) / 0.02, gradient[i], 2e-2 * Math.Abs(gradient[i]));
        }
    }

    [Fact]
    public void The_moving_average_starts_with_the_first_batch_and_goes_on_after_its_state_was_read()
    {
        SparsityTerm term = new(1, 0.05, 1, 0.9), resumed = new(1, 0.05, 1, 0.9);
        term.Observe([0.4f, 0.6f]);
        Assert.Equal(0.5, term.Mean[0], 1e-6);
        TensorState state = new();
        term.WriteState(state);
        resumed.ReadState(state);
        foreach (SparsityTerm each in (SparsityTerm[])[term, resumed])
        {
            each.Observe([0.1f, 0.1f]);
            Assert.Equal(0.46, each.Mean[0], 1e-6);
        }
    }

    [Theory, InlineData(0.0), InlineData(0.9)]
    public void Training_drives_the_mean_activation_to_the_wanted_share(double averaging)
    {
        Samples samples = BrokenDependence.Training(1);
        SparseAutoencoderOptions options = new() { Epochs = 150, BatchSize = 100, LearningRate = 0.01, Averaging = averaging, ValidationFraction = 0 };
        Assert.InRange(MeanActivation(options, samples), 0.045, 0.06);
        // Without the penalty it stays where it is.
        Assert.InRange(MeanActivation(options with { PenaltyWeight = 0, Epochs = 20 }, samples), 0.2, 0.8);
    }

    [Fact]
    public void Weight_decay_leaves_biases_alone()
    {
        using DenseNetwork network = new(3, [new DenseLayer(4, Activation.Relu) { BatchNormalization = true }, new DenseLayer(2)], seed: 1);
        TensorState state = new();
        network.WriteState(state);
        int weights = 0;
        foreach ((string name, StoredTensor tensor) in state.Tensors.ToArray())
        {
            bool weight = tensor.Shape.Count == 2;
            if (weight) weights += tensor.Shape[0] * tensor.Shape[1];
            state.Set<float>(name, [.. Enumerable.Repeat(weight ? 2f : 5f, tensor.Bytes.Length / 4)], [.. tensor.Shape]);
        }
        network.ReadState(state);
        Assert.Equal(20, weights);
        Assert.Equal(0.1 * 4 * weights, WeightPenalty.AddGradient(network, 0.1), 1e-4);
        Assert.Equal(weights, network.Parameters.Gradients.ToArray().Count(value => Math.Abs(value - 0.4f) < 1e-6));
        Assert.Equal(weights, network.Parameters.Gradients.ToArray().Count(value => value != 0));
    }

    [Fact]
    public void More_weight_decay_gives_smaller_weights()
    {
        Samples samples = TrainingLoopTests.Data(3, 300);
        double Size(double weight)
        {
            using Detector detector = Fit(new SparseAutoencoderOptions { Penalty = SparsityPenalty.WeightDecay, PenaltyWeight = weight, Epochs = 60, LearningRate = 0.01 }, samples);
            return detector.GetState().Get<float>("encoder.layer1.weight").Sum(value => value * value);
        }
        Assert.True(Size(0.1) < 0.5 * Size(0), $"{Size(0.1)} against {Size(0)}");
    }

    private static double MeanActivation(SparseAutoencoderOptions options, Samples samples)
    {
        using Detector detector = Fit(options, samples);
        TensorState state = detector.GetState();
        float[] weight = state.Get<float>("encoder.layer1.weight"), bias = state.Get<float>("encoder.layer1.bias");
        int width = samples.Shape.Length;
        Assert.Equal(2 * width, bias.Length);
        return Enumerable.Range(0, samples.Count).Average(i => bias.Select((b, j) =>
        {
            double sum = b;
            for (int k = 0; k < width; k++) sum += weight[j * width + k] * samples[i][k];
            return 1 / (1 + Math.Exp(-sum));
        }).Average());
    }

    private static Detector Fit(DetectorOptions options, Samples samples)
    {
        Detector detector = options.CreateDetector();
        detector.Fit(samples, new FitContext { Seed = 1 });
        return detector;
    }

    [Fact]
    public void A_killed_and_resumed_detector_remembers_its_moving_average_and_scores_as_an_uninterrupted_one()
    {
        string path = Path.Combine(Path.GetTempPath(), $"sparse-{Guid.NewGuid():N}");
        SparseAutoencoderOptions options = new() { Averaging = 0.9, Epochs = 8, BatchSize = 64, Patience = 0 };
        Samples samples = TrainingLoopTests.Data(3, 300);
        FitContext context = new() { CheckpointPath = path, CheckpointInterval = TimeSpan.Zero };
        using Detector whole = options.CreateDetector(), killed = options.CreateDetector(), resumed = options.CreateDetector();
        whole.Fit(samples, new FitContext());
        Epochs untilKilled = new(epoch =>
        {
            if (epoch == 4) throw new TimeoutException();
        });
        Assert.Throws<TimeoutException>(() => killed.Fit(samples, context with { Progress = untilKilled }));
        List<int> epochs = [];
        resumed.Fit(samples, context with { Resume = true, Progress = new Epochs(epochs.Add) });
        Assert.Equal([5, 6, 7, 8], epochs);
        Assert.Equal(whole.Score(samples), resumed.Score(samples));
        Assert.False(File.Exists(path));
    }

    private sealed class Epochs(Action<int> done) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => done(value.Done);
    }
}
