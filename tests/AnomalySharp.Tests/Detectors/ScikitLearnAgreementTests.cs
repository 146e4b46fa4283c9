using System.Text.Json;
using AnomalySharp.Detectors.Classical;
using AnomalySharp.Tests.Common;

namespace AnomalySharp.Tests.Detectors;

/// <summary>Scores against those of scikit-learn on the same rows: <c>tests/golden/classical.py</c>.</summary>
public class ScikitLearnAgreementTests
{
    private static readonly JsonElement Golden =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(RealData.Repository(), "tests/golden/classical.json"))).RootElement;

    private static readonly Samples Rows = new(Numbers("values"), new SampleShape(Golden.GetProperty("features").GetInt32()));

    [Theory]
    [InlineData(KnnMethod.Kth, "kth")]
    [InlineData(KnnMethod.Mean, "mean")]
    [InlineData(KnnMethod.Median, "median")]
    public void Knn_gives_the_same_distances(KnnMethod method, string expected)
    {
        using Detector detector = new KnnOptions { K = 5, Method = method }.CreateDetector();
        detector.Fit(Rows, new FitContext());
        float[] scores = detector.Score(Rows), golden = Numbers(expected);
        Assert.Equal(golden.Length, scores.Length);
        for (int i = 0; i < scores.Length; i++) Assert.Equal(golden[i], scores[i], 2e-6f * Math.Max(1, golden[i]));
    }

    [Fact]
    public void Isolation_forests_agree_on_average()
    {
        // The random part of a sample's mean score over 50 forests is up to about 0.002 on either side; over 20 the worst of 200 samples was 0.010 off.
        double[] means = new double[Rows.Count];
        for (int seed = 0; seed < 50; seed++)
        {
            using Detector detector = new IsolationForestOptions { SamplesPerTree = 128 }.CreateDetector();
            detector.Fit(Rows, new FitContext { Seed = seed, Threads = 2 });
            float[] scores = detector.Score(Rows);
            for (int i = 0; i < scores.Length; i++) means[i] += scores[i] / 50.0;
        }
        float[] golden = Numbers("forest");
        double worst = 0, bias = 0;
        for (int i = 0; i < golden.Length; i++)
        {
            worst = Math.Max(worst, Math.Abs(means[i] - golden[i]));
            bias += (means[i] - golden[i]) / golden.Length;
        }
        TestContext.Current.SendDiagnosticMessage("worst {0:F5}, bias {1:F5}", worst, bias);
        Assert.InRange(worst, 0, 0.008);
        Assert.InRange(bias, -0.001, 0.001);
    }

    private static float[] Numbers(string name) => [.. Golden.GetProperty(name).EnumerateArray().Select(number => number.GetSingle())];
}
