using System.Runtime.CompilerServices;
using System.Text.Json;
using AnomalySharp.Evaluation;
using FsCheck;
using FsCheck.Fluent;

namespace AnomalySharp.Tests.Evaluation;

public sealed class DetectionMetricsTests
{
    private const double Close = 1e-12;

    /// <summary>Few distinct scores, so that most cases have ties, and at least one label of each kind.</summary>
    private static readonly Arbitrary<(float[] Scores, byte[] Labels)> Cases = (
        from n in Gen.Choose(2, 40)
        from values in Gen.ArrayOf(Gen.Choose(-4, 4), n)
        from flags in Gen.ArrayOf(Gen.Choose(0, 1), n)
        select ((float[])[.. values.Select(value => value / 2f)], (byte[])[0, 1, .. flags.Skip(2).Select(flag => (byte)flag)])).ToArbitrary();

    private static void ForAllCases(Action<float[], byte[]> check) =>
        Prop.ForAll(Cases, @case => check(@case.Scores, @case.Labels)).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static string GoldenFile([CallerFilePath] string thisFile = "") => Path.Combine(Path.GetDirectoryName(thisFile)!, "../../golden/metrics.json");

    [Fact]
    public void Figures_match_a_case_worked_out_by_hand()
    {
        // Sorted: 0.9 A, 0.8 n, 0.7 A, 0.7 n, 0.2 n.
        DetectionMetrics metrics = DetectionMetrics.Compute([0.7f, 0.9f, 0.8f, 0.2f, 0.7f], [1, 1, 0, 0, 0], 0.75f);
        Assert.Equal(4.5 / 6, metrics.RocAuc, Close);
        Assert.Equal((0.5 * 1) + (0.5 * 2 / 4), metrics.AveragePrecision, Close);
        // Normal positive, from below: 0.2 n (1/1), 0.7 A n (2/3), 0.8 n (3/4).
        Assert.Equal((1 + (2.0 / 3) + 0.75) / 3, metrics.AuprIn, Close);
        Assert.Equal(new ConfusionMatrix(1, 1, 1, 2), metrics.Confusion);
        Assert.Equal(0.5, metrics.Precision, Close);
        Assert.Equal(0.5, metrics.Recall, Close);
        Assert.Equal(2.0 / 3, metrics.Specificity, Close);
        Assert.Equal(0.5, metrics.F1, Close);
        Assert.Equal(2.0 / 3, metrics.BestF1, Close);
        Assert.Equal(0.5, metrics.YoudenJ, Close);
        // From (1/3, 1/2) to (2/3, 1) on the ROC curve: 1 - tpr = fpr at (0.4, 0.6).
        Assert.Equal(0.4, metrics.EqualErrorRate, Close);
        // Two places: 0.9 A and 0.8 n.
        Assert.Equal(0.5, metrics.PrecisionAtN, Close);
    }

    [Fact]
    public void Ties_at_the_border_count_by_their_share_in_precision_at_n() =>
        // Two places; the first is an anomaly, the second is shared by three samples of which one is an anomaly.
        Assert.Equal((1 + (1.0 / 3)) / 2, DetectionMetrics.Compute([3, 2, 2, 2, 1], [1, 1, 0, 0, 0], 2).PrecisionAtN, Close);

    [Fact]
    public void Figures_agree_with_scikit_learn()
    {
        using FileStream stream = File.OpenRead(GoldenFile());
        using JsonDocument golden = JsonDocument.Parse(stream);
        foreach (JsonElement @case in golden.RootElement.GetProperty("cases").EnumerateArray())
        {
            float[] scores = [.. @case.GetProperty("scores").EnumerateArray().Select(value => value.GetSingle())];
            byte[] labels = [.. @case.GetProperty("labels").EnumerateArray().Select(value => value.GetByte())];
            DetectionMetrics metrics = DetectionMetrics.Compute(scores, labels, @case.GetProperty("threshold").GetSingle());
            double Golden(string name) => @case.GetProperty(name).GetDouble();
            Assert.Equal(Golden("rocAuc"), metrics.RocAuc, Close);
            Assert.Equal(Golden("averagePrecision"), metrics.AveragePrecision, Close);
            Assert.Equal(Golden("auprIn"), metrics.AuprIn, Close);
            Assert.Equal(Golden("precision"), metrics.Precision, Close);
            Assert.Equal(Golden("recall"), metrics.Recall, Close);
            Assert.Equal(Golden("specificity"), metrics.Specificity, Close);
            Assert.Equal(Golden("f1"), metrics.F1, Close);
            Assert.Equal(Golden("bestF1"), metrics.BestF1, Close);
            Assert.Equal(Golden("youdenJ"), metrics.YoudenJ, Close);
            int[] confusion = [.. @case.GetProperty("confusion").EnumerateArray().Select(value => value.GetInt32())];
            Assert.Equal(new ConfusionMatrix(confusion[0], confusion[1], confusion[2], confusion[3]), metrics.Confusion);
        }
    }

    [Fact]
    public void Areas_agree_with_their_quadratic_definitions() => ForAllCases((scores, labels) =>
    {
        DetectionMetrics metrics = DetectionMetrics.Compute(scores, labels, 0);
        Assert.Equal(QuadraticMetrics.RocAuc(scores, labels), metrics.RocAuc, Close);
        Assert.Equal(QuadraticMetrics.AveragePrecision(scores, labels), metrics.AveragePrecision, Close);
        float[] negated = [.. scores.Select(score => -score)];
        byte[] swapped = [.. labels.Select(label => (byte)(1 - label))];
        Assert.Equal(QuadraticMetrics.AveragePrecision(negated, swapped), metrics.AuprIn, Close);
    });

    [Fact]
    public void Counts_and_best_figures_agree_with_trying_every_threshold() => ForAllCases((scores, labels) =>
    {
        DetectionMetrics metrics = DetectionMetrics.Compute(scores, labels, 0.5f);
        Assert.Equal(QuadraticMetrics.Confusion(scores, labels, 0.5f), metrics.Confusion);
        List<ConfusionMatrix> all = [.. scores.Append(float.NegativeInfinity).Select(threshold => QuadraticMetrics.Confusion(scores, labels, threshold))];
        Assert.Equal(all.Max(QuadraticMetrics.F1), metrics.BestF1, Close);
        Assert.Equal(all.Max(QuadraticMetrics.Youden), metrics.YoudenJ, Close);
    });

    [Fact]
    public void The_best_thresholds_reach_the_best_figures() => ForAllCases((scores, labels) =>
    {
        DetectionMetrics metrics = DetectionMetrics.Compute(scores, labels, 0);
        ConfusionMatrix f1 = QuadraticMetrics.Confusion(scores, labels, DetectionMetrics.BestF1Threshold(scores, labels));
        ConfusionMatrix youden = QuadraticMetrics.Confusion(scores, labels, DetectionMetrics.YoudenThreshold(scores, labels));
        Assert.Equal(metrics.BestF1, QuadraticMetrics.F1(f1), Close);
        Assert.Equal(metrics.YoudenJ, QuadraticMetrics.Youden(youden), Close);
    });

    [Fact]
    public void Best_thresholds_lie_halfway_between_neighbouring_scores()
    {
        Assert.Equal(2f, DetectionMetrics.BestF1Threshold([3, 1], [1, 0]));
        Assert.Equal(2f, DetectionMetrics.YoudenThreshold([3, 1], [1, 0]));
        float next = MathF.BitIncrement(1);
        Assert.Equal(1f, DetectionMetrics.BestF1Threshold([next, 1], [1, 0]));
    }

    [Fact]
    public void The_equal_error_rate_balances_both_errors_on_the_curve() => ForAllCases((scores, labels) =>
    {
        double rate = DetectionMetrics.Compute(scores, labels, 0).EqualErrorRate;
        IReadOnlyList<CurvePoint> roc = DetectionCurve.Roc(scores, labels);
        bool found = false;
        for (int i = 1; i < roc.Count && !found; i++)
        {
            double width = roc[i].X - roc[i - 1].X, height = roc[i].Y - roc[i - 1].Y;
            double along = (1 - roc[i - 1].Y - roc[i - 1].X) / (width + height);
            found = along is >= 0 and <= 1 + Close && Math.Abs(roc[i - 1].X + (along * width) - rate) < 1e-9;
        }
        Assert.True(found, $"No point of the curve has both errors at {rate}.");
    });

    [Fact]
    public void Monotone_transformations_of_the_scores_change_no_ranking_figure() => ForAllCases((scores, labels) =>
    {
        DetectionMetrics before = DetectionMetrics.Compute(scores, labels, float.MaxValue);
        DetectionMetrics after = DetectionMetrics.Compute([.. scores.Select(MathF.Exp)], labels, float.MaxValue);
        Assert.Equal(before, after);
    });

    [Fact]
    public void Negative_zero_ties_with_zero() => Assert.Equal(0.5, DetectionMetrics.Compute([-0f, 0f], [0, 1], 0).RocAuc);

    [Fact]
    public void Many_scores_lose_no_digits()
    {
        // Alternating labels on rising scores: the area is (n + 1) / 2n exactly.
        int half = 200_000;
        float[] scores = [.. Enumerable.Range(0, 2 * half).Select(i => (float)i)];
        byte[] labels = [.. Enumerable.Range(0, 2 * half).Select(i => (byte)(i % 2))];
        Assert.Equal((half + 1.0) / (2.0 * half), DetectionMetrics.Compute(scores, labels, 0).RocAuc, 1e-15);
    }

    [Theory]
    [InlineData(new float[] { 1, 2 }, new byte[] { 0 }, "2 scores need 2 labels, not 1")]
    [InlineData(new float[] { 1, 2 }, new byte[] { 0, 0 }, "All 2 labels are 0 (normal)")]
    [InlineData(new float[] { 1, 2 }, new byte[] { 1, 1 }, "All 2 labels are 1 (anomaly)")]
    [InlineData(new float[] { 1, float.NaN }, new byte[] { 0, 1 }, "score of sample 1 is not a number")]
    [InlineData(new float[] { 1, 2 }, new byte[] { 0, 2 }, "label of sample 1 is 2")]
    public void Labels_that_cannot_be_measured_against_are_refused(float[] scores, byte[] labels, string message) =>
        Assert.Contains(message, Assert.Throws<DataException>(() => DetectionMetrics.Compute(scores, labels, 0)).Message, StringComparison.Ordinal);
}
