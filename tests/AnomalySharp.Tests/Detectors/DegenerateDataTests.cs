using AnomalySharp.Clustering;
using AnomalySharp.Detectors.Classical;
using AnomalySharp.Detectors.FeatureLearning;

namespace AnomalySharp.Tests.Detectors;

/// <summary>Data that leave distances at 0, clusters without samples, or nothing to divide.</summary>
public class DegenerateDataTests
{
    public static TheoryData<string> Classical =>
        [.. DetectorCatalog.All.Where(entry => entry.Info.Family == DetectorFamily.Classical).Select(entry => entry.Name)];

    [Theory, MemberData(nameof(Classical))]
    public void Among_copies_of_a_few_samples_the_one_that_is_far_from_all_scores_highest(string name)
    {
        float[][] points = [[0, 0, 0], [1, 0, 1], [0, 1, 1]];
        float[] values = [.. Enumerable.Range(0, 120).SelectMany(i => points[i % 3]), 6, 7, -8];
        Samples samples = new(values, new SampleShape(3));
        using AnomalyModel model = AnomalyModel.Train(samples, DetectorCatalog.Find(name).CreateOptions());
        float[] scores = model.Score(samples, cancellation: TestContext.Current.CancellationToken).Scores.ToArray();
        Assert.All(scores, score => Assert.True(float.IsFinite(score)));
        Assert.All(scores[..^1], score => Assert.True(score < scores[^1]));
        Assert.Equal(scores[..3], scores[3..6]);
    }

    [Fact]
    public void There_are_as_many_clusters_as_different_samples_allow_and_none_is_empty()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            Random random = new(seed);
            // Few samples, some of them copies, and nearly as many clusters.
            float[] values = [.. Enumerable.Range(0, 24).Select(_ => (float)random.Next(4))];
            Samples samples = new(values, new SampleShape(2));
            int different = values.Chunk(2).Select(pair => (pair[0], pair[1])).Distinct().Count();
            KMeans found = KMeans.Fit(samples, 7, runs: 1, new FitContext { Seed = seed });
            Assert.Equal(Math.Min(7, different), found.Count);
            Assert.Equal(12, found.Sizes.Sum());
            Assert.All(found.Sizes, size => Assert.True(size > 0));
        }
    }

    [Fact]
    public void A_cluster_that_becomes_empty_starts_anew_at_a_sample_that_is_far_from_its_centre()
    {
        Samples samples = new(new float[] { 0, 1, 10, 11 }, new SampleShape(1));
        // All samples are nearest to the first centre; 11 and 10 are farthest from it.
        KMeans found = KMeans.Iterate(samples, [0.5f, 100, 200], limit: 0, new FitContext());
        Assert.Equal([0.5f, 11, 10], found.Centers);
        Assert.Equal([2, 1, 1], found.Sizes);
    }

    [Fact]
    public void One_cluster_is_the_mean()
    {
        // The mean is (2, 3).
        Samples samples = new(new float[] { 0, 0, 4, 0, 2, 9 }, new SampleShape(2)), query = new(new float[] { 5, 7 }, new SampleShape(2));
        foreach (DetectorOptions options in (DetectorOptions[])[new KMeansDistanceOptions { Clusters = 1 }, new CblofOptions { Clusters = 1 }])
        {
            using Detector detector = options.CreateDetector();
            detector.Fit(samples, new FitContext());
            Assert.Equal(5, detector.Score(query)[0], 1e-5f);
        }
    }

    [Fact]
    public void One_cluster_or_component_of_learnt_codes_can_be_scored()
    {
        Random random = new(3);
        Samples samples = new(Enumerable.Range(0, 300).Select(_ => random.NextSingle()).ToArray(), new SampleShape(3));
        DetectorOptions[] all =
            [new DecOptions { Clusters = 1, Epochs = 2 }, new DcnOptions { Clusters = 1, Epochs = 2 }, new DagmmOptions { K = 1, Epochs = 2 }];
        foreach (DetectorOptions options in all)
        {
            using Detector detector = options.CreateDetector();
            detector.Fit(samples, new FitContext());
            float[] scores = detector.Score(samples);
            Assert.All(scores, score => Assert.True(float.IsFinite(score)));
            Assert.True(scores.Distinct().Count() > 50);
        }
    }
}
