using AnomalySharp.Detectors.SelfSupervised;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Tests.Common;
using AnomalySharp.Tests.Contract;

namespace AnomalySharp.Tests.SelfSupervised;

public class GoadTests
{
    [Theory, InlineData(5), InlineData(1)]
    public void The_gradient_of_the_triplet_loss_is_its_slope_through_the_centres_too(int samples)
    {
        const int Transformations = 4, Width = 3;
        CenterTripletLoss loss = new(Transformations, Width, margin: 1);
        float[] codes = FiniteDifferences.Normal(3, samples * Transformations * Width), gradient = new float[codes.Length];
        // One sample is its own centre: only a margin that others do not keep gives a slope.
        for (int j = 0; j < codes.Length; j++) codes[j] *= 0.5f;
        loss.Of(codes, 0.7, gradient);
        FiniteDifferences.CheckSlopes(codes, gradient, at => loss.Of(at, 0.7, []));
    }

    [Fact]
    public void The_triplet_loss_is_the_margin_where_all_codes_are_alike_and_nothing_where_centres_are_farther_apart_than_it()
    {
        CenterTripletLoss loss = new(transformations: 2, width: 2, margin: 1);
        Assert.Equal(1, loss.Of([3, 4, 3, 4, 3, 4, 3, 4], 1, []), 1e-6);
        Assert.Equal(0, loss.Of([0, 0, 2, 0, 0, 0, 2, 0], 1, new float[8]), 1e-6);
        // By hand: centres (0, 0) and (0.5, 0) on top of their codes, so max(0, 0 + 1 − 0.25) of each, times the weight.
        Assert.Equal(0.5 * 0.75, loss.Of([0, 0, 0.5f, 0], 0.5, []), 1e-6);
    }

    [Fact]
    public void The_gradient_of_the_cross_entropy_is_its_slope_and_even_logits_give_the_logarithm_of_their_number()
    {
        const int Rows = 6, Transformations = 3;
        float[] logits = FiniteDifferences.Normal(4, Rows * Transformations), gradient = [.. logits];
        TransformationCrossEntropy.Of(gradient, Transformations);
        FiniteDifferences.CheckSlopes(logits, gradient, at => TransformationCrossEntropy.Of([.. at], Transformations));
        Assert.Equal(Math.Log(Transformations), TransformationCrossEntropy.Of(new float[Rows * Transformations], Transformations), 1e-6);
        // Row i is of transformation i mod 3: logits that say so leave no loss, others all of it.
        Assert.Equal(0, TransformationCrossEntropy.Of([50, 0, 0, 0, 50, 0, 0, 0, 50], 3), 1e-6);
        Assert.Equal(50, TransformationCrossEntropy.Of([0, 50, 0, 0, 0, 50, 50, 0, 0], 3), 1e-4);
    }

    [Fact]
    public void Maps_are_affine_and_each_has_weights_and_an_offset_of_its_own()
    {
        const int Inputs = 3, Count = 4, Outputs = 5;
        using DenseNetwork maps = Goad.AffineMaps(Inputs, Count, Outputs, new Random(1));
        float[] x = [1, -2, 0.5f], y = [0.3f, 4, -1];
        float[] ofX = Map(x), ofY = Map(y), offsets = Map(new float[Inputs]), ofSum = Map([.. x.Zip(y, (a, b) => a + b)]);
        for (int j = 0; j < ofSum.Length; j++) Assert.Equal(ofX[j] + ofY[j] - offsets[j], ofSum[j], 1e-4f);
        Assert.Equal(Count * Outputs, offsets.Distinct().Count());
        TensorState state = new();
        maps.WriteState(state);
        float[] weights = state.Get<float>("layer1.weight", Count * Outputs * Inputs);
        // Of 60 values from N(0, 1) the mean square is 1 ± 0.18.
        Assert.InRange(FiniteDifferences.Dot(weights, weights) / weights.Length, 0.5, 1.5);

        float[] Map(float[] input)
        {
            float[] output = new float[maps.OutputSize];
            maps.Infer(input, 1, output);
            return output;
        }
    }

    [Fact]
    public void Probabilities_are_those_of_distances_to_the_centres_and_even_where_all_is_far()
    {
        TransformationCenters centers = new(count: 3, width: 2);
        centers.Set([0, 0, 1, 0, 0, 2]);
        float[] code = [0.5f, 0.25f];
        double[] likelihoods = [Math.Exp(-0.3125), Math.Exp(-0.3125), Math.Exp(-0.25 - 1.75 * 1.75)];
        for (int m = 0; m < 3; m++)
        {
            foreach (double epsilon in new[] { 0, 1e-6, 0.1 })
            {
                double p = (likelihoods[m] + epsilon) / (likelihoods.Sum() + 3 * epsilon);
                Assert.Equal(-Math.Log(p), centers.NegativeLogProbability(code, m, epsilon), 1e-5);
            }
            Assert.Equal(Math.Log(3), centers.NegativeLogProbability([1e15f, -1e12f], m, 1e-6), 1e-6);
        }
        // Without ε the nearest is certain, however far.
        Assert.Equal(0, centers.NegativeLogProbability([1e15f, -1e12f], 1, 0), 1e-6);
        Assert.Equal(1, centers.NearestOther([0.1f, 0], 0));
        Assert.Equal(0, centers.NearestOther([0.9f, 0], 1));
    }

    [Fact]
    public void Centres_are_the_means_of_each_transformation()
    {
        TransformationCenters centers = new(count: 2, width: 2);
        centers.SetMeans([1, 2, 10, 20, 3, 4, 30, 40]);
        Assert.Equal([2, 3, 20, 30], centers.Values.ToArray());
    }

    [Theory, InlineData(0.0), InlineData(1e-3)]
    public void Anomalies_are_found_with_and_without_a_least_likelihood_and_with_held_out_samples(double epsilon)
    {
        Samples easy = EasyData.Create(DataKinds.Table, 300, 9, seed: 8);
        GoadOptions options = new() { Epsilon = epsilon, Epochs = 15, BatchSize = 32, LearningRate = 0.005, ValidationFraction = 0.2, Patience = 5 };
        using Detector detector = options.CreateDetector();
        List<FitProgress> reports = [];
        detector.Fit(easy, new FitContext { Seed = 1, Progress = new Reporter(reports.Add) });
        Assert.All(reports, report => Assert.NotNull(report.ValidationLoss));
        Assert.InRange(EasyData.RocAuc(detector.Score(easy), easy.Labels!), 0.95, 1);
    }

    private sealed class Reporter(Action<FitProgress> report) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => report(value);
    }
}
