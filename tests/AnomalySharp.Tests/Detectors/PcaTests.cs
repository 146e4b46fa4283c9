using AnomalySharp.Detectors.Classical;

namespace AnomalySharp.Tests.Detectors;

public class PcaTests
{
    // A line through (1, 1) along (3, 4).
    private static readonly Samples Line =
        new(Enumerable.Range(-10, 21).SelectMany(i => new[] { 1 + 0.3f * i, 1 + 0.4f * i }).ToArray(), new SampleShape(2));

    [Fact]
    public void The_reconstruction_score_is_the_distance_from_the_line()
    {
        using Pca detector = new(new PcaOptions { Score = PcaScore.Reconstruction });
        detector.Fit(Line, new FitContext());
        Assert.Equal(1, detector.Components);
        // 5 steps along the line and 2 beside it, along (-4, 3)/5.
        Samples beside = new(new[] { 1 + 3f - 1.6f, 1 + 4f + 1.2f }, new SampleShape(2));
        Assert.Equal(2, detector.Score(beside)[0], 1e-5);
        Assert.Equal([2.56, 1.44], detector.Attribute(beside).Values.ToArray().Select(value => Math.Round(value, 4)));
    }

    [Fact]
    public void The_weighted_score_counts_deviations_and_makes_much_of_leaving_the_line()
    {
        using Pca detector = new(new PcaOptions());
        detector.Fit(Line, new FitContext());
        // Along the line the variance is 0.25 · (10² + … + 1²) · 2 / 21.
        Samples along = new(new[] { 1 + 3f, 1 + 4f }, new SampleShape(2)), beside = new(new[] { 1 - 0.16f, 1 + 0.12f }, new SampleShape(2));
        Assert.Equal(25 / (0.25 * 770 / 21), detector.Score(along)[0], 1e-2);
        Assert.True(detector.Score(beside)[0] > 1000);
        Assert.Equal(detector.Score(along)[0], detector.Attribute(along).Values.ToArray().Sum(), 1e-2);
    }

    [Fact]
    public void Fewer_samples_than_features_are_decomposed_by_their_own_products_with_the_same_result()
    {
        Random random = new(1);
        float[] values = [.. Enumerable.Range(0, 30 * 40).Select(_ => random.NextSingle())];
        PcaOptions options = new() { Score = PcaScore.Reconstruction, Components = 5 };
        using Pca wide = new(options), doubled = new(options);
        Samples samples = new(values, new SampleShape(40)), twice = new(values.Concat(values).ToArray(), new SampleShape(40));
        wide.Fit(samples, new FitContext());
        doubled.Fit(twice, new FitContext());
        float[] expected = doubled.Score(samples), scores = wide.Score(samples);
        for (int i = 0; i < scores.Length; i++) Assert.Equal(expected[i], scores[i], 1e-4);
    }

    [Fact]
    public void Components_of_all_features_are_warned_of_where_only_the_rest_counts()
    {
        List<string> warned = [];
        Random random = new(1);
        using Pca detector = new(new PcaOptions { Score = PcaScore.Reconstruction, Components = 3 });
        Samples noise = new(Enumerable.Range(0, 60).Select(_ => random.NextSingle()).ToArray(), new SampleShape(3));
        detector.Fit(noise, new FitContext { Warning = warned.Add });
        Assert.Contains("every score is 0", Assert.Single(warned), StringComparison.Ordinal);
    }
}
