namespace AnomalySharp.Evaluation;

/// <summary>How well scores and a threshold separate anomalies (label 1, the positive class) from normal samples (label 0).</summary>
public sealed record DetectionMetrics
{
    /// <summary>Area under the ROC curve; ties count half.</summary>
    public required double RocAuc { get; init; }

    /// <summary>Average precision with anomalies positive (AUPR-out): Σ (Rₖ − Rₖ₋₁)·Pₖ over distinct scores.</summary>
    public required double AveragePrecision { get; init; }

    /// <summary>Average precision with normal samples positive and scores negated.</summary>
    public required double AuprIn { get; init; }

    /// <summary>Share of the flagged samples that are anomalies; 0 where nothing is flagged.</summary>
    public required double Precision { get; init; }

    /// <summary>Share of the anomalies that are flagged (sensitivity).</summary>
    public required double Recall { get; init; }

    /// <summary>Share of the normal samples that are not flagged.</summary>
    public required double Specificity { get; init; }

    /// <summary>Harmonic mean of precision and recall at the threshold.</summary>
    public required double F1 { get; init; }

    /// <summary>The greatest F1 over all thresholds.</summary>
    public required double BestF1 { get; init; }

    /// <summary>The greatest Youden's J = sensitivity + specificity − 1 over all thresholds.</summary>
    public required double YoudenJ { get; init; }

    /// <summary>The error rate where false positives and misses are equally frequent.</summary>
    public required double EqualErrorRate { get; init; }

    /// <summary>Precision among the n highest scores, n the number of anomalies; ties at the border count by their share.</summary>
    public required double PrecisionAtN { get; init; }

    /// <summary>Flagged anomalies, flagged normal samples, missed anomalies, passed normal samples.</summary>
    public required ConfusionMatrix Confusion { get; init; }

    /// <summary>Sorts once and computes all of it.</summary>
    /// <param name="scores">Higher = more anomalous.</param>
    /// <param name="labels">1 = anomaly, 0 = normal.</param>
    /// <param name="threshold">Samples with a score above it are flagged.</param>
    /// <exception cref="DataException">Lengths differ, or all labels are the same.</exception>
    public static DetectionMetrics Compute(ReadOnlySpan<float> scores, IReadOnlyList<byte> labels, float threshold) =>
        Of(new RankedScores(scores, labels), threshold);

    /// <summary>The same for scores that are sorted already.</summary>
    internal static DetectionMetrics Of(RankedScores ranked, float threshold)
    {
        double positives = ranked.Positives, negatives = ranked.Negatives;
        // Twice the number of pairs in the right order, ties once: whole numbers, so the area is exact up to one rounding.
        long orderedPairs = 0;
        double averagePrecision = 0, auprIn = 0, topPositives = 0, bestF1 = 0, youdenJ = 0, equalErrorRate = double.NaN;
        ConfusionMatrix confusion = new(0, 0, ranked.Positives, ranked.Negatives);
        foreach (Cut cut in ranked)
        {
            int positivesAbove = cut.TruePositives - cut.TiedPositives, negativesAbove = cut.FalsePositives - cut.TiedNegatives;
            int flagged = cut.TruePositives + cut.FalsePositives, tied = cut.TiedPositives + cut.TiedNegatives;
            orderedPairs += (long)cut.TiedNegatives * (2L * positivesAbove + cut.TiedPositives);
            averagePrecision += cut.TiedPositives / positives * ((double)cut.TruePositives / flagged);
            auprIn += cut.TiedNegatives / negatives * ((negatives - negativesAbove) / (ranked.Count - (flagged - tied)));

            int places = Math.Clamp(ranked.Positives - (flagged - tied), 0, tied);
            topPositives += (double)cut.TiedPositives * places / tied;

            bestF1 = Math.Max(bestF1, F1Of(cut, ranked));
            youdenJ = Math.Max(youdenJ, YoudenOf(cut, ranked));
            if (double.IsNaN(equalErrorRate) && cut.FalsePositives / negatives >= 1 - cut.TruePositives / positives)
            {
                // The ROC curve crosses the diagonal of equal errors between the previous cut and this one.
                double previous = negativesAbove / negatives, rise = cut.TiedNegatives / negatives;
                double gap = 1 - positivesAbove / positives - previous;
                equalErrorRate = previous + rise * (gap / (rise + cut.TiedPositives / positives));
            }
            if (cut.Score > threshold)
            {
                confusion = new(cut.TruePositives, cut.FalsePositives, ranked.Positives - cut.TruePositives, ranked.Negatives - cut.FalsePositives);
            }
        }
        (int hits, int alarms, int misses, int passed) = confusion;
        return new DetectionMetrics
        {
            RocAuc = orderedPairs / (2 * positives * negatives),
            AveragePrecision = averagePrecision,
            AuprIn = auprIn,
            Precision = hits + alarms == 0 ? 0 : (double)hits / (hits + alarms),
            Recall = hits / positives,
            Specificity = passed / negatives,
            F1 = 2.0 * hits / (2.0 * hits + alarms + misses),
            BestF1 = bestF1,
            YoudenJ = youdenJ,
            EqualErrorRate = equalErrorRate,
            PrecisionAtN = topPositives / positives,
            Confusion = confusion,
        };
    }

    /// <summary>The threshold with the greatest F1: halfway between the scores around it; of several the highest.</summary>
    /// <param name="scores">Higher = more anomalous.</param>
    /// <param name="labels">1 = anomaly, 0 = normal.</param>
    /// <inheritdoc cref="Compute" path="/exception"/>
    public static float BestF1Threshold(ReadOnlySpan<float> scores, IReadOnlyList<byte> labels) =>
        BestThreshold(new RankedScores(scores, labels), F1Of);

    /// <summary>
    /// The threshold with the greatest Youden's J: halfway between the scores around it; of several the highest. Where no threshold is better than
    /// chance it is the highest score, which flags nothing.
    /// </summary>
    /// <param name="scores">Higher = more anomalous.</param>
    /// <param name="labels">1 = anomaly, 0 = normal.</param>
    /// <inheritdoc cref="Compute" path="/exception"/>
    public static float YoudenThreshold(ReadOnlySpan<float> scores, IReadOnlyList<byte> labels) => YoudenThreshold(new RankedScores(scores, labels));

    /// <summary>The same for scores that are sorted already.</summary>
    internal static float YoudenThreshold(RankedScores ranked) => BestThreshold(ranked, YoudenOf);

    private static double F1Of(in Cut cut, RankedScores ranked) =>
        2.0 * cut.TruePositives / ((double)cut.TruePositives + cut.FalsePositives + ranked.Positives);

    private static double YoudenOf(in Cut cut, RankedScores ranked) =>
        (double)cut.TruePositives / ranked.Positives - (double)cut.FalsePositives / ranked.Negatives;

    private delegate double Criterion(in Cut cut, RankedScores ranked);

    private static float BestThreshold(RankedScores ranked, Criterion criterion)
    {
        double best = 0;
        float threshold = float.NaN, above = float.NaN;
        bool bestIsAbove = false;
        foreach (Cut cut in ranked)
        {
            if (float.IsNaN(above)) threshold = cut.Score;
            if (bestIsAbove) threshold = Between(cut.Score, above);
            bestIsAbove = criterion(cut, ranked) is double value && value > best;
            if (bestIsAbove) best = criterion(cut, ranked);
            above = cut.Score;
        }
        return bestIsAbove ? MathF.BitDecrement(above) : threshold;
    }

    /// <summary>A number at least <paramref name="low"/> and below <paramref name="high"/>: the middle where there is one.</summary>
    private static float Between(float low, float high)
    {
        float middle = (float)(((double)low + high) / 2);
        return middle < high ? middle : low;
    }
}

/// <summary>Counts of verdicts by label.</summary>
public readonly record struct ConfusionMatrix(int TruePositives, int FalsePositives, int FalseNegatives, int TrueNegatives);
