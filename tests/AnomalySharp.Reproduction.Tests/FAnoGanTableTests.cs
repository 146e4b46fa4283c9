using AnomalySharp.Evaluation;

namespace AnomalySharp.Reproduction.Tests;

/// <summary>The published table of f-AnoGAN against itself, by our metrics: what four of its columns must say, given the others.</summary>
public class FAnoGanTableTests
{
    // Four printed digits.
    private const double Rounding = 5e-4;

    private const int Patches = 100_000;

    private const double Prevalence = 0.302;

    private static readonly PublishedFigures Table = PublishedFigures.Read("f-anogan");

    public static TheoryData<string> Rows => ["autoencoder", "adversarial-autoencoder", "ali", "discriminator-score", "anogan-iterative", "f-anogan"];

    /// <summary>P = πSe / (πSe + (1 − π)(1 − Sp)), solved for π.</summary>
    [Theory, MemberData(nameof(Rows))]
    public void Precision_sensitivity_and_specificity_imply_the_same_share_of_anomalies_in_every_row(string row)
    {
        double precision = Find(row, "precision");
        double alarms = precision * (1 - Find(row, "specificity")), hits = Find(row, "sensitivity") * (1 - precision);
        Assert.Equal(Prevalence, alarms / (hits + alarms), Rounding);
    }

    [Theory, MemberData(nameof(Rows))]
    public void At_that_share_our_metrics_give_the_printed_precision_and_F1(string row)
    {
        double sensitivity = Find(row, "sensitivity"), specificity = Find(row, "specificity");
        int anomalies = (int)(Prevalence * Patches), hits = (int)Math.Round(sensitivity * anomalies);
        int alarms = (int)Math.Round((1 - specificity) * (Patches - anomalies));
        byte[] labels = [.. Enumerable.Range(0, Patches).Select(i => (byte)(i < anomalies ? 1 : 0))];
        float[] flags = [.. Enumerable.Range(0, Patches).Select(i => i < hits || (i >= anomalies && i < anomalies + alarms) ? 1f : 0f)];

        DetectionMetrics metrics = DetectionMetrics.Compute(flags, labels, DetectionMetrics.YoudenThreshold(flags, labels));
        Assert.Equal(sensitivity, metrics.Recall, 1e-4);
        Assert.Equal(specificity, metrics.Specificity, 1e-4);
        Assert.Equal(Find(row, "precision"), metrics.Precision, Rounding);
        Assert.Equal(Find(row, "f1"), metrics.F1, Rounding);
        Assert.Equal(sensitivity + specificity - 1, metrics.YoudenJ, 1e-4);
        // One point of a curve that bends outwards cuts off less area than the whole curve has.
        Assert.True(metrics.RocAuc < Find(row, "rocAuc"), $"{metrics.RocAuc} of the point alone, {Find(row, "rocAuc")} printed.");
    }

    [Fact]
    public void The_printed_order_is_that_of_the_paper()
    {
        string[] byAuc = [.. Rows.Select(row => row.Data).OrderByDescending(row => Find(row, "rocAuc"))];
        Assert.Equal(["f-anogan", "anogan-iterative", "autoencoder", "adversarial-autoencoder", "ali", "discriminator-score"], byAuc);
    }

    private static double Find(string row, string figure) => Table.Find("oct", row, figure)!.Value;
}
