using AnomalySharp.Detectors.Classical;
using AnomalySharp.Detectors.FeatureLearning;
using AnomalySharp.Networks;
using AnomalySharp.Tests.Common;
using AnomalySharp.Tests.Contract;

namespace AnomalySharp.Tests.FeatureLearning;

public class DsebmTests
{
    [Fact]
    public void The_gradient_through_the_gradient_is_the_slope_of_the_loss_for_every_parameter()
    {
        const int Count = 10, Width = 4;
        using Dsebm model = (Dsebm)new DsebmOptions().CreateDetector();
        model.Build(new SampleShape(Width), [6, 5], 3, new FitContext { Seed = 2 });
        float[] x = FiniteDifferences.Normal(1, Count * Width), noisy = FiniteDifferences.Normal(2, Count * Width), scratch = new float[x.Length];
        model.AddGradients(x, noisy, Count, scratch);
        foreach (Network network in (Network[])[model.Parts.Network, model.Parts.Offset])
        {
            float[] gradient = network.Parameters.Gradients.ToArray(), values = network.Parameters.Values.ToArray();
            // Padding has no gradient; along the gradient itself the slope is its squared length.
            double length = Math.Sqrt(FiniteDifferences.Dot(gradient, gradient)), step = 0.01 / length;
            double slope = (Moved(step) - Moved(-step)) / (2 * step);
            Assert.Equal(length * length, slope, 0.02 * length * length);

            double Moved(double h)
            {
                for (int j = 0; j < values.Length; j++) network.Parameters.Values[j] = values[j] + (float)(h * gradient[j]);
                double loss = model.Errors(x, noisy, Count, scratch);
                values.CopyTo(network.Parameters.Values);
                return loss;
            }
        }
    }

    [Fact]
    public void The_energy_of_normally_distributed_samples_is_least_near_their_mean_and_its_slope_flat()
    {
        float[] values = [.. FiniteDifferences.Normal(5, 800).Select((value, j) => value * 0.3f + (j % 2 == 0 ? 2 : -1))];
        Samples samples = new(values, new SampleShape(2));
        foreach (EnergyScore score in Enum.GetValues<EnergyScore>())
        {
            using Detector detector = new DsebmOptions { Score = score, Epochs = 60, BatchSize = 64, LearningRate = 0.01 }.CreateDetector();
            detector.Fit(samples, new FitContext { Seed = 1 });
            float[] grid = [.. Enumerable.Range(0, 49).SelectMany(i => (float[])[2 + (i % 7 - 3) * 0.5f, -1 + (i / 7 - 3) * 0.5f])];
            float[] scores = detector.Score(new Samples(grid, new SampleShape(2)));
            int least = Array.IndexOf(scores, scores.Min());
            Assert.InRange(least % 7, 2, 4);
            Assert.InRange(least / 7, 2, 4);
        }
    }
}

public class LunarTests
{
    private static readonly Samples Easy = EasyData.Create(DataKinds.Table, 300, 9, seed: 8);

    [Fact]
    public void The_gradient_is_the_slope_of_the_squared_error_of_probabilities()
    {
        float[] logits = FiniteDifferences.Normal(1, 12), labels = [0, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1], gradient = [.. logits];
        Lunar.Loss(gradient, labels);
        FiniteDifferences.CheckSlopes(logits, gradient, at => Lunar.Loss([.. at], labels));
    }

    [Fact]
    public void Weights_sum_the_distances_to_something_between_the_nearest_and_the_farthest_with_the_slope_that_training_uses()
    {
        float[] distances = [1, 2, 4], outputs = [0.5f, -1, 0.2f], weights = [.. outputs], sums = new float[1];
        Lunar.WeightedDistances(distances, weights, 3, sums);
        Assert.Equal(1, weights.Sum(), 1e-6f);
        Assert.InRange(sums[0], 1, 4);
        float[] gradient = [.. weights.Select((alpha, j) => alpha * (distances[j] - sums[0]))];
        FiniteDifferences.CheckSlopes(outputs, gradient, at =>
        {
            Lunar.WeightedDistances(distances, [.. at], 3, sums);
            return sums[0];
        });
    }

    [Theory, InlineData(NegativeSamples.Mixed), InlineData(NegativeSamples.Uniform), InlineData(NegativeSamples.Subspace)]
    public void Any_negative_samples_teach_it_what_is_far(NegativeSamples negatives)
    {
        using Detector detector = new LunarOptions { Negatives = negatives, Epochs = 10, Hidden = [32, 32], Epsilon = 0.3 }.CreateDetector();
        detector.Fit(Easy, new FitContext { Seed = 1 });
        Assert.InRange(EasyData.RocAuc(detector.Score(Easy), Easy.Labels!), 0.95, 1);
    }

    [Fact]
    public void Scores_do_not_depend_on_the_unit_of_the_features()
    {
        LunarOptions options = new() { Epochs = 5, Hidden = [16] };
        // By a power of two, so that nothing is rounded otherwise.
        Samples larger = Easy.WithValues(Easy.Values.ToArray().Select(value => value * 1024).ToArray(), Easy.Shape);
        using Detector one = options.CreateDetector(), other = options.CreateDetector();
        one.Fit(Easy, new FitContext());
        other.Fit(larger, new FitContext());
        float[] expected = one.Score(Easy), scores = other.Score(larger);
        for (int i = 0; i < scores.Length; i++) Assert.Equal(expected[i], scores[i], 1e-3f);
    }
}

public class DeepIsolationForestTests
{
    [Fact]
    public void Deviations_are_mean_distances_from_the_thresholds_on_the_path()
    {
        // x₀ ≤ 1 | x₁ ≤ 5 below it on the right.
        IsolationNode[] tree = [new(1, 0, 1, 4), Leaf(1, 1), new(5, 1, 3, 3), Leaf(3, 2), Leaf(4, 1)], leaf = [Leaf(0, 4)];
        float[] deviations = new float[2];
        IsolationTrees.Join([tree, leaf], 2).MeanDeviations([0.5f, 9, 4, 4], deviations);
        // (0.5 + 0)/2 and ((3 + 1)/2 + 0)/2: the second tree has no thresholds.
        Assert.Equal([0.25f, 1], deviations);

        static IsolationNode Leaf(int self, int size) => new(float.PositiveInfinity, 0, self, size);
    }

    [Fact]
    public void Anomalies_that_no_single_feature_shows_are_isolated()
    {
        // A ring, with anomalies in its middle: every feature of theirs is usual.
        Random random = new(4);
        float[] values = new float[2 * 520];
        byte[] labels = new byte[520];
        for (int i = 0; i < 520; i++)
        {
            labels[i] = i >= 500 ? (byte)1 : (byte)0;
            double angle = 2 * Math.PI * random.NextDouble(), radius = labels[i] == 1 ? 0.2 * random.NextDouble() : 1.8 + 0.1 * random.NextDouble();
            (values[2 * i], values[2 * i + 1]) = ((float)(radius * Math.Cos(angle)), (float)(radius * Math.Sin(angle)));
        }
        Samples ring = new(values, new SampleShape(2), labels);
        double deep = Auc(new DeepIsolationForestOptions { Deviations = false }), plain = Auc(new IsolationForestOptions());
        Assert.True(deep > plain + 0.05, $"{deep} against {plain}.");

        double Auc(DetectorOptions options)
        {
            using Detector detector = options.CreateDetector();
            detector.Fit(ring, new FitContext { Seed = 1 });
            return EasyData.RocAuc(detector.Score(ring), labels);
        }
    }
}
