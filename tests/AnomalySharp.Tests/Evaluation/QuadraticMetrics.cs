using AnomalySharp.Evaluation;

namespace AnomalySharp.Tests.Evaluation;

/// <summary>The figures straight from their definitions, in quadratic time.</summary>
internal static class QuadraticMetrics
{
    /// <summary>The chance that an anomaly scores above a normal sample, ties half.</summary>
    public static double RocAuc(float[] scores, byte[] labels)
    {
        double sum = 0, pairs = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            for (int j = 0; j < scores.Length; j++)
            {
                if (labels[i] != 1 || labels[j] != 0) continue;
                pairs++;
                sum += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
            }
        }
        return sum / pairs;
    }

    /// <summary>Σ (Rₖ − Rₖ₋₁)·Pₖ over the distinct scores.</summary>
    public static double AveragePrecision(float[] scores, byte[] labels)
    {
        double sum = 0, recall = 0;
        foreach (float score in scores.Distinct().OrderDescending())
        {
            ConfusionMatrix flagged = Confusion(scores, labels, MathF.BitDecrement(score));
            double next = (double)flagged.TruePositives / (flagged.TruePositives + flagged.FalseNegatives);
            sum += (next - recall) * flagged.TruePositives / (flagged.TruePositives + flagged.FalsePositives);
            recall = next;
        }
        return sum;
    }

    public static ConfusionMatrix Confusion(float[] scores, byte[] labels, float threshold)
    {
        int Count(bool flagged, byte label) => scores.Where((score, i) => score > threshold == flagged && labels[i] == label).Count();
        return new(Count(true, 1), Count(true, 0), Count(false, 1), Count(false, 0));
    }

    public static double F1(ConfusionMatrix c) => 2.0 * c.TruePositives / ((2.0 * c.TruePositives) + c.FalsePositives + c.FalseNegatives);

    public static double Youden(ConfusionMatrix c) =>
        ((double)c.TruePositives / (c.TruePositives + c.FalseNegatives)) - ((double)c.FalsePositives / (c.FalsePositives + c.TrueNegatives));
}
