using AnomalySharp.Detectors.Reconstruction;
using AnomalySharp.Persistence;
using AnomalySharp.Tests.Contract;
using AnomalySharp.Tests.Reconstruction;

namespace AnomalySharp.Tests.Detectors;

public sealed class RobustAutoencoderScoreTests
{
    [Theory]
    [InlineData(RobustPenalty.L1, 0.3)]
    [InlineData(RobustPenalty.L21Rows, 1.0)]
    [InlineData(RobustPenalty.L21Columns, 7.0)]
    public void The_sparse_norm_is_that_of_the_shrunken_residual_and_its_attributions_sum_to_its_square(RobustPenalty penalty, double t)
    {
        Samples samples = BrokenDependence.Test(1);
        RobustAutoencoderOptions options = new() { Penalty = penalty, Threshold = t, Rounds = 3 };
        using RobustAutoencoder plain = (RobustAutoencoder)options.CreateDetector();
        plain.Fit(samples.WithLabels(null), new FitContext());
        using Detector sparse = (options with { Score = RobustScore.SparseNorm }).CreateDetector();
        sparse.SetState(plain.GetState(), samples.Shape);
        // What reconstruction leaves of each value, as the other score attributes it.
        float[] squares = plain.Attribute(samples).Values.ToArray(), scores = sparse.Score(samples);
        double[] factors = [.. plain.Result!.ColumnNorms.Select(norm => norm == 0 ? 0 : norm / (norm + t))];
        int zeros = 0;
        for (int i = 0; i < samples.Count; i++)
        {
            double[] residual = [.. squares.AsSpan(i * 20, 20).ToArray().Select(square => Math.Sqrt(square))];
            double norm = penalty switch
            {
                RobustPenalty.L1 => Norm(residual.Select(value => Math.Max(0, value - t))),
                RobustPenalty.L21Rows => Math.Max(0, Norm(residual) - t),
                _ => Norm(residual.Select((value, j) => value * factors[j])),
            };
            Assert.Equal(norm, scores[i], 1e-4);
            zeros += scores[i] == 0 ? 1 : 0;
        }
        // The case is one where the penalty spares some and takes others.
        if (penalty == RobustPenalty.L21Columns) Assert.InRange(plain.Result.FlaggedColumns.Count, 1, 19);
        else Assert.InRange(zeros, 1, samples.Count - 1);
        float[] attributions = sparse.Attribute(samples).Values.ToArray();
        for (int i = 0; i < samples.Count; i++) Assert.Equal(scores[i] * scores[i], attributions.AsSpan(i * 20, 20).ToArray().Sum(), 1e-3);

        static double Norm(IEnumerable<double> values) => Math.Sqrt(values.Sum(value => value * value));
    }

    [Fact]
    public void The_score_by_single_values_sees_broken_dependence_and_survives_the_far_end_of_floats()
    {
        Samples test = BrokenDependence.Test(2);
        RobustAutoencoderOptions options = new() { Penalty = RobustPenalty.L1, Threshold = 0.3, Latent = 2, LearningRate = 0.01 };
        using Detector detector = (options with { Score = RobustScore.SparseNorm }).CreateDetector();
        detector.Fit(BrokenDependence.Training(2), new FitContext());
        Assert.InRange(EasyData.RocAuc(detector.Score(test), test.Labels!), 0.95, 1);
        Samples far = new(Enumerable.Repeat(3e38f, 20).ToArray(), test.Shape);
        Assert.Equal([float.MaxValue], detector.Score(far));
        Assert.All(detector.Attribute(far).Values.ToArray(), value => Assert.True(float.IsFinite(value)));
    }
}
