using AnomalySharp.Detectors.Reconstruction;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Tests.Training;

namespace AnomalySharp.Tests.Networks;

public class AutoencoderTests
{
    private static readonly AutoencoderOptions Quick = new() { Epochs = 30, Hidden = [16], Latent = 2 };

    [Fact]
    public void A_linear_autoencoder_comes_close_to_the_error_of_principal_components()
    {
        Samples samples = TrainingLoopTests.Data(3, 600);
        AutoencoderOptions options = new()
        {
            Hidden = [8],
            Latent = 2,
            Activation = Activation.Identity,
            Epochs = 200,
            BatchSize = 50,
            LearningRate = 3e-3,
            ValidationFraction = 0,
        };
        using Detector detector = Fit(options, samples);
        double error = detector.Score(samples).Average(), best = PrincipalComponentsError(samples, 2);
        Assert.InRange(error, 0.999 * best, 1.05 * best);
    }

    [Fact]
    public void Rows_off_the_plane_of_the_others_get_the_highest_scores_and_the_changed_column_the_attribution()
    {
        Samples samples = TrainingLoopTests.Data(3, 500);
        using Detector detector = Fit(Quick with { Activation = Activation.Identity, BatchSize = 25, LearningRate = 3e-3 }, samples);
        float[] moved = [.. samples[7]];
        moved[4] += 6;
        Samples odd = new(moved, samples.Shape);
        Assert.True(detector.Score(odd)[0] > detector.Score(samples).Max());
        ReadOnlyMemory<float> attribution = detector.Attribute(odd).Values;
        Assert.Equal(4, System.Numerics.Tensors.TensorPrimitives.IndexOfMax(attribution.Span));
        Assert.Equal(detector.Score(odd)[0], attribution.ToArray().Average(), 1e-3);
    }

    [Fact]
    public void Scores_do_not_depend_on_grouping_and_survive_saving()
    {
        Samples samples = TrainingLoopTests.Data(3, 3000);
        AutoencoderOptions options = Quick with { Epochs = 2, BatchNormalization = true, Dropout = 0.1, Activation = Activation.Elu };
        using Detector detector = Fit(options, samples), loaded = options.CreateDetector();
        float[] scores = detector.Score(samples);
        foreach (int row in (int[])[0, 1, 1023, 1500, 2999]) Assert.Equal(scores[row], detector.Score(samples.Slice(row, 1))[0]);
        Assert.Equal(scores[100..1177], detector.Score(samples.Slice(100, 1077)));
        using MemoryStream file = new();
        SafeTensors.Write(file, detector.GetState());
        file.Position = 0;
        loaded.SetState(SafeTensors.Read(file), samples.Shape);
        Assert.Equal(scores, loaded.Score(samples));
    }

    [Fact]
    public void The_same_seed_gives_the_same_scores_and_another_seed_others()
    {
        Samples samples = TrainingLoopTests.Data(3, 200);
        using Detector a = Fit(Quick, samples), b = Fit(Quick, samples), c = Fit(Quick, samples, seed: 1);
        Assert.Equal(a.Score(samples), b.Score(samples));
        Assert.NotEqual(a.Score(samples), c.Score(samples));
    }

    [Fact]
    public void Values_far_beyond_the_training_range_have_finite_scores()
    {
        Samples samples = TrainingLoopTests.Data(3, 200);
        using Detector detector = Fit(Quick, samples);
        Samples far = new(Enumerable.Repeat(1e30f, 6).Concat(Enumerable.Repeat(3e38f, 6)).ToArray(), samples.Shape);
        Assert.All(detector.Score(far), score => Assert.Equal(float.MaxValue, score));
        Assert.All(detector.Attribute(far).Values.ToArray(), value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void Sequence_windows_are_flattened_and_default_widths_follow_the_size()
    {
        Samples windows = new(TrainingLoopTests.Data(3, 400).Values, new SampleShape(4, 3));
        using Detector detector = Fit(new AutoencoderOptions { Epochs = 1 }, windows);
        TensorState state = detector.GetState();
        Assert.Equal([64, 12], state.Tensors["encoder.layer1.weight"].Shape);
        Assert.Equal([64, 32], state.Get<int>("hidden"));
        Assert.Equal(3, state.GetScalar<int>("latent"));
        Assert.Equal(windows.Count, detector.Score(windows).Length);
        Assert.Equal([[64, 32], [128, 64], [256, 128]], ((int[])[64, 65, 129]).Select(size => AutoencoderArchitecture.DefaultHidden(new SampleShape(size))));
    }

    [Fact]
    public void Two_samples_are_enough()
    {
        Samples samples = TrainingLoopTests.Data(3, 2);
        using Detector detector = Fit(Quick with { Epochs = 2, BatchNormalization = true, BatchSize = 1 }, samples);
        Assert.All(detector.Score(samples), score => Assert.True(float.IsFinite(score)));
    }

    private static Detector Fit(AutoencoderOptions options, Samples samples, int seed = 0)
    {
        Detector detector = options.CreateDetector();
        detector.Fit(samples, new FitContext { Seed = seed });
        return detector;
    }

    /// <summary>Mean squared error of the best plane of k dimensions: what its directions, found by power iteration, leave of the variance.</summary>
    private static double PrincipalComponentsError(Samples samples, int k)
    {
        int d = samples.Shape.Length;
        double[,] covariance = new double[d, d];
        double[] mean = new double[d];
        for (int i = 0; i < samples.Count; i++) for (int j = 0; j < d; j++) mean[j] += (double)samples[i][j] / samples.Count;
        for (int i = 0; i < samples.Count; i++)
        {
            for (int a = 0; a < d; a++) for (int b = 0; b < d; b++) covariance[a, b] += (samples[i][a] - mean[a]) * (samples[i][b] - mean[b]) / samples.Count;
        }
        double left = Enumerable.Range(0, d).Sum(j => covariance[j, j]);
        for (int component = 0; component < k; component++)
        {
            double[] direction = [.. Enumerable.Range(1, d).Select(j => 1.0 / j)];
            double eigenvalue = 0;
            for (int iteration = 0; iteration < 500; iteration++)
            {
                double[] next = [.. Enumerable.Range(0, d).Select(a => Enumerable.Range(0, d).Sum(b => covariance[a, b] * direction[b]))];
                eigenvalue = Math.Sqrt(next.Sum(value => value * value));
                direction = [.. next.Select(value => value / eigenvalue)];
            }
            left -= eigenvalue;
            for (int a = 0; a < d; a++) for (int b = 0; b < d; b++) covariance[a, b] -= eigenvalue * direction[a] * direction[b];
        }
        return left / d;
    }
}
