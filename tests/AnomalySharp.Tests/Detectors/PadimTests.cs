using AnomalySharp.Detectors.FeatureExtraction;
using MathNet.Numerics.LinearAlgebra;

namespace AnomalySharp.Tests.Detectors;

public class PadimTests
{
    private static readonly SampleShape Maps = new(4, 2, 3);

    private static Samples Random(int count, int seed)
    {
        Random random = new(seed);
        float[] values = new float[count * Maps.Length];
        for (int i = 0; i < values.Length; i++) values[i] = random.NextSingle();
        // Two channels that go together, so that covariances matter.
        for (int i = 0; i < count; i++)
        {
            for (int p = 0; p < 6; p++) values[(i * 24) + 6 + p] = values[(i * 24) + p] + (0.1f * random.NextSingle());
        }
        return new Samples(values, Maps);
    }

    [Fact]
    public void The_score_is_the_greatest_Mahalanobis_distance_and_attributions_share_each()
    {
        Samples training = Random(30, seed: 1), test = Random(5, seed: 2);
        using Detector detector = new PadimOptions().CreateDetector();
        detector.Fit(training, new FitContext { Threads = 2 });
        float[] scores = detector.Score(test);
        Samples attributions = detector.Attribute(test);
        for (int i = 0; i < test.Count; i++)
        {
            double greatest = 0;
            for (int p = 0; p < 6; p++)
            {
                Matrix<double> at = Matrix<double>.Build.Dense(30, 4, (row, c) => training[row][(c * 6) + p]);
                Vector<double> mean = at.ColumnSums() / 30;
                Matrix<double> centred = at - Matrix<double>.Build.Dense(30, 4, (_, c) => mean[c]);
                Matrix<double> covariance = (centred.TransposeThisAndMultiply(centred) / 29) + (0.01 * Matrix<double>.Build.DenseIdentity(4));
                Vector<double> deviation = Vector<double>.Build.Dense(4, c => test[i][(c * 6) + p] - mean[c]);
                double distance = Math.Sqrt(deviation * covariance.Solve(deviation));
                greatest = Math.Max(greatest, distance);
                Assert.Equal(distance, Enumerable.Range(0, 4).Sum(c => attributions[i][(c * 6) + p]), 1e-3);
            }
            Assert.Equal(greatest, scores[i], 1e-3);
        }
    }

    [Fact]
    public void Only_the_features_that_were_drawn_are_looked_at()
    {
        Samples training = Random(30, seed: 1), test = Random(1, seed: 2);
        using Detector detector = new PadimOptions { Dimensions = 2 }.CreateDetector();
        detector.Fit(training, new FitContext { Seed = 3 });
        float before = detector.Score(test)[0];
        int looked = 0;
        for (int c = 0; c < 4; c++)
        {
            float[] values = test.Values.ToArray();
            values.AsSpan(c * 6, 6).Fill(9);
            looked += detector.Score(new Samples(values, Maps))[0] == before ? 0 : 1;
        }
        Assert.Equal(2, looked);
    }
}
