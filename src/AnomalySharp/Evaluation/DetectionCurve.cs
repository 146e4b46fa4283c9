namespace AnomalySharp.Evaluation;

/// <summary>One point of a curve over all thresholds.</summary>
/// <param name="X">False positive rate of a ROC curve, recall of a precision-recall curve; 0 to 1.</param>
/// <param name="Y">True positive rate of a ROC curve, precision of a precision-recall curve; 0 to 1.</param>
/// <param name="Score">Flagging the samples with this score or a higher one gives the point; infinity where nothing is flagged.</param>
public readonly record struct CurvePoint(double X, double Y, float Score);

/// <summary>
/// The curves behind the areas of <see cref="DetectionMetrics"/>, without the points that a straight line through the others passes anyway.
/// </summary>
public static class DetectionCurve
{
    /// <summary>The ROC curve from (0, 0) to (1, 1).</summary>
    /// <param name="scores">Higher = more anomalous.</param>
    /// <param name="labels">1 = anomaly, 0 = normal.</param>
    /// <exception cref="DataException">Lengths differ, or all labels are the same.</exception>
    public static IReadOnlyList<CurvePoint> Roc(ReadOnlySpan<float> scores, IReadOnlyList<byte> labels)
    {
        RankedScores ranked = new(scores, labels);
        List<CurvePoint> points = [new(0, 0, float.PositiveInfinity)];
        Cut last = default;
        foreach (Cut cut in ranked)
        {
            // Slopes are compared as whole numbers, so that nothing is dropped or kept by rounding.
            bool straight = points.Count > 1 && (long)last.TiedPositives * cut.TiedNegatives == (long)cut.TiedPositives * last.TiedNegatives;
            if (straight) points.RemoveAt(points.Count - 1);
            points.Add(new(cut.FalsePositives / (double)ranked.Negatives, cut.TruePositives / (double)ranked.Positives, cut.Score));
            last = cut;
        }
        return points;
    }

    /// <summary>
    /// The precision-recall curve in rising order of recall, anomalies positive. Average precision is the sum of steps under it, not of trapezia.
    /// </summary>
    /// <inheritdoc cref="Roc"/>
    public static IReadOnlyList<CurvePoint> PrecisionRecall(ReadOnlySpan<float> scores, IReadOnlyList<byte> labels)
    {
        RankedScores ranked = new(scores, labels);
        List<CurvePoint> points = [];
        foreach (Cut cut in ranked)
        {
            double precision = cut.TruePositives / ((double)cut.TruePositives + cut.FalsePositives);
            CurvePoint point = new(cut.TruePositives / (double)ranked.Positives, precision, cut.Score);
            // Along a run of normal samples the recall stands still, along a perfect start the precision does.
            if (points.Count > 1 && IsStraight(points[^2], points[^1], point)) points.RemoveAt(points.Count - 1);
            points.Add(point);
        }
        return points;
    }

    private static bool IsStraight(CurvePoint a, CurvePoint b, CurvePoint c) => (a.X == b.X && b.X == c.X) || (a.Y == b.Y && b.Y == c.Y);
}
