using AnomalySharp.Tests.Common;
using AnomalySharp.Tests.Contract;
using AnomalySharp.Tests.Reconstruction;
using AnomalySharp.Torch.Detectors.OneClass;

namespace AnomalySharp.Torch.Tests.OneClass;

public class AloccTests
{
    [Fact]
    public void Training_stops_where_held_out_samples_are_restored_well_enough()
    {
        Samples samples = BrokenDependence.Training(1);
        double variance = Variance(samples);
        List<FitProgress> stopped = Train(samples, rho: 0.5), whole = Train(samples, rho: 0);

        Assert.InRange(stopped.Count, 1, 39);
        Assert.True(stopped[^1].ValidationLoss < 0.5 * variance);
        Assert.All(stopped.SkipLast(1), step => Assert.True(step.ValidationLoss >= 0.5 * variance));
        Assert.Equal(40, whole.Count);
        // Until then both are the same training.
        Assert.Equal(stopped.Select(step => step.Loss), whole.Take(stopped.Count).Select(step => step.Loss));
    }

    [Fact]
    public void Without_held_out_samples_the_criterion_goes_by_the_loss_of_training()
    {
        Samples samples = BrokenDependence.Training(1);
        List<FitProgress> history = Train(samples, rho: 0.5, heldOut: 0);

        Assert.All(history, step => Assert.Null(step.ValidationLoss));
        Assert.InRange(history.Count, 1, 39);
        Assert.True(history[^1].Loss < 0.5 * Variance(samples));
    }

    [Theory]
    [InlineData(AloccScore.Refined)]
    [InlineData(AloccScore.Direct)]
    [InlineData(AloccScore.Reconstruction)]
    public void Every_score_finds_what_is_far_from_the_pattern(AloccScore score)
    {
        AloccOptions options = new() { Width = 32, Epochs = 10, LearningRate = 0.005, BatchSize = 32, Score = score };
        using Detector detector = options.CreateDetector();
        detector.Fit(EasyData.Create(DataKinds.Table, 400, 0, seed: 1), new FitContext { Seed = 1 });
        Samples test = EasyData.Create(DataKinds.Table, 60, 12, seed: 2);

        Assert.InRange(EasyData.RocAuc(detector.Score(test), test.Labels!), 0.95, 1);
    }

    [Theory]
    [InlineData(DataKinds.Table, AloccScore.Reconstruction)]
    [InlineData(DataKinds.Image, AloccScore.Refined)]
    public void Pictures_are_scored_by_the_discriminator_on_the_refined_one_and_rows_by_their_reconstruction(DataKinds kind, AloccScore usual)
    {
        Samples training = EasyData.Create(kind, 60, 0, seed: 1), test = EasyData.Create(kind, 10, 2, seed: 2);

        Assert.Equal(Scores(usual), Scores(null));
        Assert.NotEqual(Scores(AloccScore.Direct), Scores(null));

        float[] Scores(AloccScore? score)
        {
            AloccOptions options = new() { Width = 4, Epochs = 1, BatchSize = 32, Score = score };
            using Detector detector = options.CreateDetector();
            detector.Fit(training, new FitContext { Seed = 1 });
            return detector.Score(test);
        }
    }

    private static List<FitProgress> Train(Samples samples, double rho, double heldOut = 0.1)
    {
        List<FitProgress> history = [];
        AloccOptions options = new()
        {
            Width = 32,
            Epochs = 40,
            LearningRate = 5e-3,
            BatchSize = 50,
            Patience = 0,
            Rho = rho,
            ValidationFraction = heldOut,
        };
        using Detector detector = options.CreateDetector();
        detector.Fit(samples, new FitContext { Seed = 1, Progress = new Recorder(history) });
        return history;
    }

    private static double Variance(Samples samples)
    {
        int width = samples.Shape.Length;
        return Enumerable.Range(0, width).Average(j =>
        {
            double[] column = [.. Enumerable.Range(0, samples.Count).Select(i => (double)samples[i][j])];
            double mean = column.Average();
            return column.Average(value => (value - mean) * (value - mean));
        });
    }

    private sealed class Recorder(List<FitProgress> history) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => history.Add(value);
    }
}
