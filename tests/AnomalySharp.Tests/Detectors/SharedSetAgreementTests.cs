using System.Text.Json;
using AnomalySharp.Detectors.Classical;
using AnomalySharp.Evaluation;
using AnomalySharp.Mixtures;
using AnomalySharp.Optimization;

namespace AnomalySharp.Tests.Detectors;

/// <summary>Scores on public tables against those of scikit-learn and of formulas in numpy: <c>tests/golden/shared_sets.py</c>.</summary>
public class SharedSetAgreementTests
{
    public static TheoryData<string> Sets => SharedSet.Names;

    [Theory, MemberData(nameof(Sets))]
    public void Knn_and_lof_give_the_same_scores(string name)
    {
        SharedSet set = SharedSet.Require(name);
        SharedSet.RequireEqual(set.Numbers("knn"), Score(new KnnOptions(), set.Standardized), set.Rows, 1e-5);
        int[] clear = [.. set.Numbers("lofRows").Select(row => (int)row)];
        float[] lof = Score(new LofOptions(), set.Standardized);
        SharedSet.RequireEqual(set.Numbers("lof"), lof, clear, 1e-4);
        Assert.Equal(set.Figures.GetProperty("rocAuc").GetProperty("lof").GetDouble(), RocAuc(lof, set), 0.005);
    }

    [Theory, MemberData(nameof(Sets))]
    public void One_class_svm_gives_the_same_decision_values(string name)
    {
        SharedSet set = SharedSet.Require(name);
        using OneClassSvm detector = new(new OneClassSvmOptions { Tolerance = 1e-6 });
        detector.Fit(set.Standardized, new FitContext { Threads = 2 });
        SharedSet.RequireEqual(set.Numbers("svm"), detector.Score(set.Standardized), set.Rows, 1e-4, sign: -1);
        // Samples on the boundary may be support vectors with next to no weight.
        int vectors = set.Figures.GetProperty("svmVectors").GetInt32();
        Assert.InRange(detector.SupportVectors, vectors - 0.01 * set.Raw.Count, vectors + 0.01 * set.Raw.Count);
    }

    [Theory, MemberData(nameof(Sets))]
    public void Principal_components_give_the_same_reconstructions_and_weighted_distances(string name)
    {
        SharedSet set = SharedSet.Require(name);
        PcaOptions reconstruction = new() { Score = PcaScore.Reconstruction, Components = 4 };
        SharedSet.RequireEqual(set.Numbers("pca"), Score(reconstruction, set.Standardized), set.Rows, 1e-4);
        SharedSet.RequireEqual(set.Numbers("pcaWeighted"), Score(new PcaOptions(), set.Standardized), set.Rows, 1e-4);
    }

    [Theory, MemberData(nameof(Sets))]
    public void A_gaussian_gives_the_same_log_densities(string name)
    {
        SharedSet set = SharedSet.Require(name);
        SharedSet.RequireEqual(set.Numbers("gmm", "full"), Score(new GmmOptions(), set.Standardized), set.Rows, 1e-4, sign: -1);
        GmmOptions diagonal = new() { Covariance = MixtureCovariance.Diagonal };
        SharedSet.RequireEqual(set.Numbers("gmm", "diag"), Score(diagonal, set.Standardized), set.Rows, 1e-4, sign: -1);
    }

    [Theory, MemberData(nameof(Sets))]
    public void A_mixture_with_the_same_parameters_gives_the_same_log_densities_and_one_of_our_own_is_as_likely(string name)
    {
        SharedSet set = SharedSet.Require(name);
        foreach (MixtureCovariance covariance in new[] { MixtureCovariance.Full, MixtureCovariance.Diagonal })
        {
            string kind = covariance == MixtureCovariance.Full ? "full" : "diag";
            int width = set.Raw.Shape.Length;
            double likelihood = set.Figures.GetProperty("mixture").GetProperty(kind).GetProperty("meanLogLikelihood").GetDouble();
            float[] own = Score(new GmmOptions { Components = 3, Covariance = covariance }, set.Standardized);
            // Another start may end in another maximum.
            Assert.InRange(-own.Average(score => (double)score), likelihood - 0.05 * width, double.PositiveInfinity);
            if (set.Figures.GetProperty("mixture").GetProperty(kind).GetProperty("covariances").ValueKind == JsonValueKind.Null) continue;
            double[] covariances = set.Numbers("mixture", kind, "covariances");
            double[] factors = covariance == MixtureCovariance.Diagonal
                ? [.. covariances.Select(variance => 1 / Math.Sqrt(variance))]
                : [.. covariances.Chunk(width * width).SelectMany(square => TriangularInverse.Of(square, width, 1e-16))];
            GaussianMixture mixture = new(set.Numbers("mixture", kind, "weights"), set.Numbers("mixture", kind, "means"), factors);
            double[] logs = new double[GaussianMixture.BlockSamples], shares = new double[3 * GaussianMixture.BlockSamples];
            float[] scores = new float[set.Raw.Count];
            foreach (int row in set.Rows)
            {
                mixture.Evaluate(set.Standardized[row], logs, shares);
                scores[row] = (float)logs[0];
            }
            SharedSet.RequireEqual(set.Numbers("mixture", kind, "logDensities"), scores, set.Rows, 1e-4);
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void Tails_and_histograms_give_what_their_formulas_give(string name)
    {
        SharedSet set = SharedSet.Require(name);
        HbosOptions bars = new() { Bins = (int)Math.Round(Math.Sqrt(set.Raw.Count)) };
        SharedSet.RequireEqual(set.Numbers("ecodFeatures"), Score(new EcodOptions(), set.Raw), set.Rows, 1e-5);
        SharedSet.RequireEqual(set.Numbers("ecodSums"), Score(new CopodOptions(), set.Raw), set.Rows, 1e-5);
        SharedSet.RequireEqual(set.Numbers("hbos"), Score(bars, set.Raw), set.Rows, 1e-5);
    }

    [Theory, MemberData(nameof(Sets))]
    public void Forest_and_ecod_are_within_a_hundredth_of_the_roc_auc(string name)
    {
        SharedSet set = SharedSet.Require(name);
        double forest = Enumerable.Range(0, 5).Average(seed => RocAuc(Score(new IsolationForestOptions(), set.Raw, seed), set));
        Assert.Equal(set.Figures.GetProperty("rocAuc").GetProperty("forest").GetDouble(), forest, 0.01);
        Assert.Equal(set.Figures.GetProperty("rocAuc").GetProperty("ecod").GetDouble(), RocAuc(Score(new EcodOptions(), set.Raw), set), 0.001);
    }

    private static float[] Score(DetectorOptions options, Samples samples, int seed = 0)
    {
        using Detector detector = options.CreateDetector();
        detector.Fit(samples, new FitContext { Seed = seed, Threads = 2 });
        return detector.Score(samples);
    }

    private static double RocAuc(float[] scores, SharedSet set) => DetectionMetrics.Compute(scores, set.Raw.Labels!, 0.5f).RocAuc;
}
