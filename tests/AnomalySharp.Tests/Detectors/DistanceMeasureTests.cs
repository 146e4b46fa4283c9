using AnomalySharp.Clustering;
using AnomalySharp.Detectors.Classical;

namespace AnomalySharp.Tests.Detectors;

/// <summary>Detectors whose scores are distances: counted, sampled, or to the centres of clusters.</summary>
public class DistanceMeasureTests
{
    private static readonly Samples Line = Column(0, 1, 2, 3, 20);

    [Fact]
    public void A_db_outliers_score_is_the_share_of_other_samples_beyond_the_distance()
    {
        using DbOutlier detector = new(new DbOutlierOptions { Radius = 2 });
        detector.Fit(Line, new FitContext());
        // A training sample is not one of the others; a new one has all five.
        Assert.Equal([0.5f, 0.25f, 0.25f, 0.5f, 1, 0.4f], detector.Score(Column(0, 1, 2, 3, 20, 0.5f)));
        float[] contributions = detector.Attribute(Column(0, 1, 20)).Values.ToArray();
        Assert.Equal([0.5f, 0.25f, 1], contributions);
    }

    [Fact]
    public void The_automatic_distance_of_db_outliers_is_the_quantile_of_pairs_and_more_samples_than_the_limit_are_drawn_from()
    {
        Samples uniform = Uniform(3000, 1, seed: 3);
        List<string> heard = [];
        using DbOutlier detector = new(new DbOutlierOptions { Quantile = 0.36, MaxReferences = 1000 });
        detector.Fit(uniform, new FitContext { Remark = heard.Add });
        // The difference of two uniform values is below r with the probability 2r − r².
        Assert.Equal(0.2f, detector.Radius, 0.01f);
        Assert.Contains(heard, text => text.Contains("1000 random samples of 3000", StringComparison.Ordinal));
        using DbOutlier equal = new(new DbOutlierOptions());
        equal.Fit(Column(4, 4, 4), new FitContext());
        Assert.Equal([0, 1], equal.Score(Column(4, 5)));
    }

    [Fact]
    public void Sampled_neighbours_are_those_of_all_where_the_draws_are_as_large()
    {
        using Detector sampled = new NearestNeighborSampleOptions { Draws = 3, SamplesPerDraw = 100 }.CreateDetector();
        sampled.Fit(Line, new FitContext());
        Assert.Equal([1, 1, 17, 10], sampled.Score(Column(0, 3, 20, 30)));
        using Detector few = new NearestNeighborSampleOptions { Draws = 2000, SamplesPerDraw = 2 }.CreateDetector();
        few.Fit(Line, new FitContext { Seed = 4 });
        // Of two random ones, the nearest to 30 is 20 with the probability 2/5 and otherwise 3, 2 or 1 with 3/10, 2/10 and 1/10.
        Assert.Equal(10 * 0.4 + 27 * 0.3 + 28 * 0.2 + 29 * 0.1, few.Score(Column(30))[0], 0.5);
    }

    [Fact]
    public void Centres_of_small_clusters_are_not_measured_from_unless_asked()
    {
        float[] values = [.. Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? -10f : 10f), 50];
        Samples samples = new(values, new SampleShape(1));
        using KMeansDistance detector = new(new KMeansDistanceOptions { Clusters = 3 });
        using KMeansDistance all = new(new KMeansDistanceOptions { Clusters = 3, SmallestCluster = 0 });
        List<string> heard = [];
        detector.Fit(samples, new FitContext { Remark = heard.Add });
        all.Fit(samples, new FitContext());
        Assert.Contains("1 of 3 clusters", Assert.Single(heard), StringComparison.Ordinal);
        Assert.Equal(2, detector.Clusters);
        Assert.Equal([0, 40, 1], detector.Score(Column(-10, 50, 11)));
        Assert.Equal([0, 0, 1], all.Score(Column(-10, 50, 11)));
        Assert.Equal([1600], detector.Attribute(Column(50)).Values.ToArray());
    }

    [Fact]
    public void Fewer_different_samples_than_clusters_give_fewer_clusters()
    {
        using KMeansDistance detector = new(new KMeansDistanceOptions { Clusters = 8 });
        detector.Fit(Column(1, 1, 1, 5, 5), new FitContext());
        Assert.Equal(2, detector.Clusters);
        using KMeansDistance equal = new(new KMeansDistanceOptions { Clusters = 8 });
        equal.Fit(Column(7, 7, 7), new FitContext());
        Assert.Equal([2], equal.Score(Column(9)));
    }

    [Theory]
    [InlineData(new[] { 50, 40, 5, 3, 2 }, 0.9, 5, 2)]
    [InlineData(new[] { 50, 40, 5, 3, 2 }, 0.99, 5, 2)]
    [InlineData(new[] { 30, 25, 20, 15, 10 }, 0.9, 5, 4)]
    [InlineData(new[] { 30, 25, 20, 15, 10 }, 1, 5, 5)]
    [InlineData(new[] { 60, 10, 10, 10, 10 }, 0.9, 5, 1)]
    [InlineData(new[] { 100 }, 0.9, 5, 1)]
    public void Large_clusters_hold_the_share_alpha_or_are_beta_times_larger_than_the_next(int[] sizes, double alpha, double beta, int expected) =>
        Assert.Equal(expected, LargeClusters.Count(sizes, alpha, beta));

    [Fact]
    public void A_sample_of_a_small_cluster_is_measured_from_the_nearest_large_one()
    {
        float[] values = [.. Enumerable.Repeat(0f, 60), .. Enumerable.Repeat(10f, 40), .. Enumerable.Repeat(25f, 4)];
        Samples samples = new(values, new SampleShape(1));
        using Cblof plain = new(new CblofOptions { Clusters = 3 }), weighted = new(new CblofOptions { Clusters = 3, Weighted = true });
        plain.Fit(samples, new FitContext());
        weighted.Fit(samples, new FitContext());
        Assert.Equal(2, plain.LargeClusters);
        Assert.Equal([15, 2, 3], plain.Score(Column(25, 2, 13)));
        Assert.Equal([15 * 4, 2 * 60, 3 * 40], weighted.Score(Column(25, 2, 13)));
    }

    private static Samples Column(params float[] values) => new(values, new SampleShape(1));

    private static Samples Uniform(int count, int width, int seed)
    {
        Random random = new(seed);
        return new Samples(Enumerable.Range(0, count * width).Select(_ => random.NextSingle()).ToArray(), new SampleShape(width));
    }
}
