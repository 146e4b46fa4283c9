using System.Text;
using AnomalySharp.Detectors.Classical;
using AnomalySharp.Persistence;

namespace AnomalySharp.Tests.Detectors;

public class EnsembleTests
{
    private static readonly Samples Training = new(Enumerable.Range(0, 200).Select(i => MathF.Sin(i * i)).ToArray(), new SampleShape(2));

    [Fact]
    public void Standardised_scores_are_averaged_or_the_greatest_is_taken()
    {
        double[] knn = Standardized(new KnnOptions()), tails = Standardized(new EcodOptions());
        float[] mean = Score(EnsembleCombination.Standardized), most = Score(EnsembleCombination.Maximum);
        for (int i = 0; i < mean.Length; i++)
        {
            Assert.Equal((knn[i] + tails[i]) / 2, mean[i], 1e-4);
            Assert.Equal(Math.Max(knn[i], tails[i]), most[i], 1e-4);
        }
    }

    [Fact]
    public void Ranks_are_shares_of_training_samples_that_score_lower_and_ties_count_half()
    {
        double[] knn = Ranks(new KnnOptions()), tails = Ranks(new EcodOptions());
        float[] ranks = Score(EnsembleCombination.Ranks);
        for (int i = 0; i < ranks.Length; i++) Assert.Equal((knn[i] + tails[i]) / 2, ranks[i], 1e-6);
    }

    [Fact]
    public void It_is_saved_in_one_file_and_says_what_its_members_say()
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.anomaly");
        try
        {
            using AnomalyModel model = AnomalyModel.Train(Training.Slice(0, 15), new EnsembleOptions { Detectors = "lof, pca ,k-means" });
            Assert.Contains(model.Summary.Notes, note => note.StartsWith("lof: k is 20", StringComparison.Ordinal));
            model.Save(path);
            using AnomalyModel loaded = AnomalyModel.Load(path);
            CancellationToken token = TestContext.Current.CancellationToken;
            Assert.Equal(model.Score(Training, cancellation: token).Scores, loaded.Score(Training, cancellation: token).Scores);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_member_is_read_with_the_options_that_it_was_trained_with_whatever_the_defaults_are_now()
    {
        using Detector trained = new EnsembleOptions { Detectors = "knn" }.CreateDetector(), restored = new EnsembleOptions { Detectors = "knn" }.CreateDetector();
        trained.Fit(Training, new FitContext());
        TensorState state = trained.GetState();
        string options = Encoding.UTF8.GetString(state.Get<byte>("member0.options"));
        Assert.Contains("\"k\": 5", options, StringComparison.Ordinal);
        state.Set<byte>("member0.options", Encoding.UTF8.GetBytes(options.Replace("\"k\": 5", "\"k\": 1", StringComparison.Ordinal)));
        restored.SetState(state, Training.Shape);
        // The nearest sample is nearer than the fifth.
        Assert.True(restored.Score(Training).Average() < trained.Score(Training).Average() - 0.1);
        foreach (string broken in (string[])["{", "null", "{\"k\": 0}"])
        {
            state.Set<byte>("member0.options", Encoding.UTF8.GetBytes(broken));
            Assert.Contains("'knn'", Assert.Throws<ModelFileException>(() => restored.SetState(state, Training.Shape)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Members_may_see_features_of_their_own_and_keep_them_in_the_file()
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.anomaly");
        try
        {
            const string Members =
                "knn@autoencoder:1[epochs=2;hidden=8,4],knn,isolation-forest @ denoising-autoencoder:2[epochs=2] + autoencoder:1[epochs=2]";
            using AnomalyModel model = AnomalyModel.Train(Training, new EnsembleOptions { Detectors = Members });
            CancellationToken token = TestContext.Current.CancellationToken;
            ReadOnlyMemory<float> scores = model.Score(Training, cancellation: token).Scores;
            using AnomalyModel plain = AnomalyModel.Train(Training, new EnsembleOptions { Detectors = "knn,knn,isolation-forest" });
            Assert.NotEqual(plain.Score(Training, cancellation: token).Scores, scores);
            model.Save(path);
            using AnomalyModel loaded = AnomalyModel.Load(path);
            Assert.Equal(scores, loaded.Score(Training, cancellation: token).Scores);
            Assert.Equal(scores.Slice(7, 3), loaded.Score(Training.Slice(7, 3), cancellation: token).Scores);
            Assert.Equal(Training.Shape, model.Attribute(Training, cancellation: token).Shape);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("knn@")]
    [InlineData("knn@pixels")]
    [InlineData("")]
    [InlineData("knn,nearest")]
    [InlineData("knn,ensemble")]
    public void Members_that_are_none_are_refused(string names) =>
        Assert.Throws<OptionException>(() => new EnsembleOptions { Detectors = names }.CreateDetector());

    [Fact]
    public void What_goes_wrong_with_a_member_goes_wrong_with_the_ensemble()
    {
        using Detector detector = new EnsembleOptions { Detectors = "ecod,gmm" }.CreateDetector();
        Assert.Throws<DataException>(() => detector.Fit(new Samples(new float[20_000], new SampleShape(10_000)), new FitContext()));
    }

    private static float[] Score(EnsembleCombination combine)
    {
        using Detector detector = new EnsembleOptions { Detectors = "knn,ecod", Combine = combine }.CreateDetector();
        detector.Fit(Training, new FitContext { Threads = 2 });
        return detector.Score(Training);
    }

    private static float[] Alone(DetectorOptions options)
    {
        AnomalySharp.Preprocessing.FeatureScaler scaler = AnomalySharp.Preprocessing.FeatureScaler.Fit(Training, options.PreferredScaling);
        using Detector detector = options.CreateDetector();
        detector.Fit(scaler.Apply(Training), new FitContext());
        return detector.Score(scaler.Apply(Training));
    }

    private static double[] Standardized(DetectorOptions options)
    {
        float[] scores = Alone(options);
        double mean = scores.Average(score => (double)score), deviation = Math.Sqrt(scores.Average(score => (score - mean) * (score - mean)));
        return [.. scores.Select(score => (score - mean) / deviation)];
    }

    private static double[] Ranks(DetectorOptions options)
    {
        float[] scores = Alone(options);
        return [.. scores.Select(score => (scores.Count(other => other < score) + 0.5 * scores.Count(other => other == score)) / scores.Length)];
    }
}
