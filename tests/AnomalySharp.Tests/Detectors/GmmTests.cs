using AnomalySharp.Detectors.Classical;

namespace AnomalySharp.Tests.Detectors;

public class GmmTests
{
    [Fact]
    public void Two_clusters_are_found_with_their_shares_and_densities()
    {
        Samples samples = TwoClusters(4000);
        using Gmm detector = new(new GmmOptions { Components = 2 });
        detector.Fit(samples, new FitContext { Threads = 2 });
        // In the middle of the cluster of three quarters with deviation 1; the other is 20 away.
        float middle = detector.Score(new Samples(new float[] { 0, 0 }, new SampleShape(2)))[0];
        Assert.Equal(-Math.Log(0.75 / (2 * Math.PI)), middle, 0.05);
        using Gmm diagonal = new(new GmmOptions { Components = 2, Covariance = MixtureCovariance.Diagonal });
        diagonal.Fit(samples, new FitContext { Threads = 2 });
        Assert.Equal(middle, diagonal.Score(new Samples(new float[] { 0, 0 }, new SampleShape(2)))[0], 0.05);
    }

    [Fact]
    public void Membership_is_low_between_clusters_and_refused_for_one_component()
    {
        using Gmm detector = new(new GmmOptions { Components = 2, Score = MixtureScore.Membership });
        detector.Fit(TwoClusters(2000), new FitContext());
        float[] scores = detector.Score(new Samples(new float[] { 0, 0, 20, 20, 10.1f, 10 }, new SampleShape(2)));
        Assert.Equal([0, 0], scores[..2].Select(score => MathF.Round(score, 4)));
        Assert.InRange(scores[2], 0.001f, 0.5f);
        OptionException refused = Assert.Throws<OptionException>(() => new GmmOptions { Score = MixtureScore.Membership }.CreateDetector());
        Assert.Contains("components", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_likelihood_never_falls_from_one_iteration_to_the_next()
    {
        Random random = new(2);
        Samples samples = new(Enumerable.Range(0, 1800).Select(_ => random.NextSingle() * random.NextSingle()).ToArray(), new SampleShape(3));
        List<double> losses = [];
        using Gmm detector = new(new GmmOptions { Components = 4, Tolerance = 1e-9, MaxIterations = 40 });
        detector.Fit(samples, new FitContext { Threads = 2, Progress = new Losses(losses) });
        Assert.InRange(losses.Count, 5, 40);
        for (int i = 1; i < losses.Count; i++) Assert.InRange(losses[i], double.NegativeInfinity, losses[i - 1] + 1e-6);
    }

    [Fact]
    public void Singular_covariances_and_more_components_than_different_samples_can_be_learnt()
    {
        // The second feature is a copy of the first.
        float[] copies = [.. Enumerable.Range(0, 40).SelectMany(i => new[] { i * 0.1f, i * 0.1f })];
        using Gmm singular = new(new GmmOptions());
        singular.Fit(new Samples(copies, new SampleShape(2)), new FitContext());
        float[] scores = singular.Score(new Samples(new float[] { 2, 2, 2, 2.1f }, new SampleShape(2)));
        Assert.True(scores[1] > scores[0] + 100);
        float[] shares = singular.Attribute(new Samples(new float[] { 2, 2.1f }, new SampleShape(2))).Values.ToArray();
        Assert.All(shares, share => Assert.True(float.IsFinite(share)));
        using Gmm crowded = new(new GmmOptions { Components = 5 });
        crowded.Fit(new Samples(new float[] { 1, 1, 1, 3, 3 }, new SampleShape(1)), new FitContext());
        scores = crowded.Score(new Samples(new float[] { 1, 3, 2 }, new SampleShape(1)));
        Assert.True(scores[2] > scores[0] && scores[2] > scores[1]);
    }

    [Fact]
    public void Full_covariances_of_very_many_features_are_refused_before_training()
    {
        using Gmm detector = new(new GmmOptions());
        Samples wide = new(new float[20_000], new SampleShape(10_000));
        DataException refused = Assert.Throws<DataException>(() => detector.Fit(wide, new FitContext()));
        Assert.Contains("covariance=diagonal", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Three quarters around (0, 0), a quarter around (20, 20), deviation 1.</summary>
    private static Samples TwoClusters(int count)
    {
        Random random = new(7);
        float[] values = new float[2 * count];
        for (int i = 0; i < values.Length; i++)
        {
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            values[i] = (float)normal + (i / 2 % 4 == 3 ? 20 : 0);
        }
        return new Samples(values, new SampleShape(2));
    }

    private sealed class Losses(List<double> losses) : IProgress<FitProgress>
    {
        public void Report(FitProgress value)
        {
            if (value.Loss is double loss) losses.Add(loss);
        }
    }
}
