using AnomalySharp.Evaluation;

namespace AnomalySharp.Tests.Evaluation;

public sealed class DetectionCurveTests
{
    [Fact]
    public void The_roc_curve_keeps_only_its_corners() =>
        Assert.Equal(
            [new(0, 0, float.PositiveInfinity), new(0, 1, 3), new(1, 1, 1)],
            DetectionCurve.Roc([4, 3, 2, 1], [1, 1, 0, 0]));

    [Fact]
    public void The_precision_recall_curve_keeps_only_its_corners() =>
        Assert.Equal(
            [new CurvePoint(0.5, 1, 4), new CurvePoint(1, 1, 3), new CurvePoint(1, 0.5, 1)],
            DetectionCurve.PrecisionRecall([4, 3, 2, 1], [1, 1, 0, 0]));

    [Fact]
    public void Trapezia_under_the_roc_curve_and_steps_under_the_other_give_the_areas()
    {
        Random random = new(3);
        float[] scores = [.. Enumerable.Range(0, 500).Select(_ => (float)Math.Round(random.NextDouble(), 2))];
        byte[] labels = [.. scores.Select(score => (byte)(random.NextDouble() < score * score ? 1 : 0))];
        DetectionMetrics metrics = DetectionMetrics.Compute(scores, labels, 0.5f);
        double area = 0, steps = 0;
        IReadOnlyList<CurvePoint> roc = DetectionCurve.Roc(scores, labels), pr = DetectionCurve.PrecisionRecall(scores, labels);
        for (int i = 1; i < roc.Count; i++) area += (roc[i].X - roc[i - 1].X) * (roc[i].Y + roc[i - 1].Y) / 2;
        for (int i = 0; i < pr.Count; i++) steps += (pr[i].X - (i == 0 ? 0 : pr[i - 1].X)) * pr[i].Y;
        Assert.Equal(metrics.RocAuc, area, 1e-12);
        Assert.Equal(metrics.AveragePrecision, steps, 1e-12);
    }
}
