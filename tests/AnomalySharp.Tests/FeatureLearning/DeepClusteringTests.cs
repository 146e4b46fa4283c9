using AnomalySharp.Detectors.FeatureLearning;
using AnomalySharp.Networks;
using AnomalySharp.Tests.Common;
using AnomalySharp.Tests.Contract;

namespace AnomalySharp.Tests.FeatureLearning;

public class DeepClusteringTests
{
    private static readonly Samples Easy = EasyData.Create(DataKinds.Table, 300, 9, seed: 7);

    [Fact]
    public void Gradients_of_squared_distances_are_slopes_at_samples_and_centres()
    {
        using SquaredDistances distances = new(5, 3);
        FiniteDifferences.Normal(3, 15).CopyTo(distances.Parameters.Values);
        FiniteDifferences.Check(distances, 8);
        float[] squares = new float[3];
        distances.Parameters.Values.Clear();
        distances.Infer([3, 4, 0, 0, 0], 1, squares);
        Assert.Equal([25, 25, 25], squares);
    }

    [Fact]
    public void The_target_distribution_is_surer_and_counts_large_clusters_less()
    {
        // Shares: 1/(1 + d), over their sum: (2/3, 1/3) and (1/2, 1/2).
        TargetDistribution targets = new(2, 2);
        Assert.Equal(0.5, targets.Set([1, 3, 4, 4.000001f]) + 0.5);
        double f1 = 2.0 / 3 + 0.5, f2 = 1.0 / 3 + 0.5, a = 4.0 / 9 / f1, b = 1.0 / 9 / f2, c = 0.25 / f1, d = 0.25 / f2;
        Assert.Equal([a / (a + b), b / (a + b)], targets[0].ToArray().Select(value => (double)value), (x, y) => Math.Abs(x - y) < 1e-5);
        Assert.Equal([c / (c + d), d / (c + d)], targets[1].ToArray().Select(value => (double)value), (x, y) => Math.Abs(x - y) < 1e-5);
    }

    [Fact]
    public void The_gradients_of_both_losses_are_slopes()
    {
        const int Count = 6, Clusters = 3;
        TargetDistribution targets = new(Count, Clusters);
        targets.Set([.. FiniteDifferences.Normal(1, Count * Clusters).Select(value => value * value)]);
        float[] squares = [.. FiniteDifferences.Normal(2, Count * Clusters).Select(value => value * value + 0.1f)];
        float[] gradient = new float[squares.Length];
        int[] rows = [.. Enumerable.Range(0, Count)];
        Dec.Loss([.. squares], targets, rows, gradient);
        FiniteDifferences.CheckSlopes(squares, gradient, at => Dec.Loss([.. at], targets, rows, new float[at.Length]));

        float[] codes = FiniteDifferences.Normal(4, Count * 4), atCodes = new float[codes.Length];
        float[] centers = FiniteDifferences.Normal(5, Clusters * 4);
        Loss(codes, atCodes);
        FiniteDifferences.CheckSlopes(codes, atCodes, at => Loss(at, new float[at.Length]));

        double Loss(float[] at, float[] slope)
        {
            using SquaredDistances distances = new(4, Clusters);
            centers.CopyTo(distances.Parameters.Values);
            float[] d = new float[Count * Clusters];
            distances.Infer(at, Count, d);
            return Dcn.AddClusterLoss(at, Count, d, centers, 0.8, slope);
        }
    }

    [Theory, InlineData(ClusterScore.CenterDistance, 0.9), InlineData(ClusterScore.Membership, 0), InlineData(ClusterScore.ClusterSize, 0.5)]
    public void Every_score_is_finite_and_they_differ(ClusterScore score, double least)
    {
        foreach (DeepClusteringOptions options in (DeepClusteringOptions[])[new DecOptions(), new DcnOptions()])
        {
            using Detector detector = (options with { Score = score, Epochs = 20, BatchSize = 32, LearningRate = 3e-3 }).CreateDetector();
            detector.Fit(Easy, new FitContext { Seed = 1 });
            float[] scores = detector.Score(Easy);
            Assert.All(scores, value => Assert.InRange(value, 0, score == ClusterScore.CenterDistance ? 1e6f : 1));
            Assert.InRange(EasyData.RocAuc(scores, Easy.Labels!), least, 1);
        }
    }

    [Fact]
    public void Membership_falls_with_the_squared_distance_and_is_shared_by_clusters_equally_far()
    {
        // q ∝ 1/(1 + d): 1/2 and 1/4.
        float[] squares = [1, 3];
        Assert.Equal(2f / 3, DeepClustering.Shares(squares), 1e-6f);
        Assert.Equal(1f / 3, squares[1], 1e-6f);
        Assert.Equal(0.5f, DeepClustering.Shares([1e30f, 1e30f]), 1e-6f);
        Assert.Equal(1f, DeepClustering.Shares([0, float.PositiveInfinity]), 1e-6f);
    }

    [Fact]
    public void The_size_score_is_the_share_of_training_samples_outside_of_the_cluster()
    {
        foreach (DeepClusteringOptions options in (DeepClusteringOptions[])[new DecOptions(), new DcnOptions()])
        {
            using Detector detector = (options with { Score = ClusterScore.ClusterSize, Clusters = 3, Epochs = 5 }).CreateDetector();
            detector.Fit(Easy, new FitContext { Seed = 1 });
            // Samples of a cluster have the same score, from which follows how many they are; clusters of one size share a score.
            IGrouping<float, float>[] groups = [.. detector.Score(Easy).GroupBy(score => score)];
            Assert.InRange(groups.Length, 1, 3);
            foreach (IGrouping<float, float> group in groups)
            {
                double size = (1 - group.Key) * Easy.Count;
                Assert.Equal(0, Math.IEEERemainder(group.Count(), size), 0.01);
            }
        }
    }

    [Fact]
    public void Of_fewer_different_samples_than_clusters_some_clusters_are_left_without_any()
    {
        float[] values = [.. Enumerable.Range(0, 40).SelectMany(i => (float[])[i % 2, 1])];
        Samples two = new(values, new SampleShape(2));
        foreach (DeepClusteringOptions options in (DeepClusteringOptions[])[new DecOptions(), new DcnOptions()])
        {
            using Detector detector = (options with { Clusters = 6, Epochs = 5 }).CreateDetector();
            detector.Fit(two, new FitContext());
            Assert.All(detector.Score(two), score => Assert.True(float.IsFinite(score)));
        }
    }

    [Fact]
    public void Clusters_that_settled_end_the_learning_and_say_so()
    {
        List<string> notes = [];
        using Detector detector = new DecOptions { Epochs = 10, ClusteringEpochs = 100, TargetSteps = 5, Tolerance = 0.05 }.CreateDetector();
        detector.Fit(Easy, new FitContext { Remark = notes.Add });
        Assert.Contains("The clusters settled", Assert.Single(notes), StringComparison.Ordinal);
    }
}
