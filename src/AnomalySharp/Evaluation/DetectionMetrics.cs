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
    public static DetectionMetrics Compute(ReadOnlySpan<float> scores, IReadOnlyList<byte> labels, float threshold) => throw new NotImplementedException();
}

/// <summary>Counts of verdicts by label.</summary>
public readonly record struct ConfusionMatrix(int TruePositives, int FalsePositives, int FalseNegatives, int TrueNegatives);
