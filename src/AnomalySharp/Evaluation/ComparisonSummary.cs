namespace AnomalySharp.Evaluation;

/// <summary>A figure over several seeds.</summary>
/// <param name="Mean">Mean.</param>
/// <param name="StandardDeviation">Sample standard deviation; null with fewer than two runs.</param>
public readonly record struct MeanAndDeviation(double Mean, double? StandardDeviation);

/// <summary>What became of one detector over all seeds. Failed runs are counted and otherwise left out.</summary>
public sealed record ComparisonSummary
{
    /// <summary>Catalogue name.</summary>
    public required string Detector { get; init; }

    /// <summary>Runs that gave figures.</summary>
    public required int Runs { get; init; }

    /// <summary>Runs that ended with an error.</summary>
    public required int Failed { get; init; }

    /// <summary>Area under the ROC curve; null where every run failed.</summary>
    public MeanAndDeviation? RocAuc { get; init; }

    /// <summary>Average precision; null where every run failed.</summary>
    public MeanAndDeviation? AveragePrecision { get; init; }

    /// <summary>F1 at the threshold; null where every run failed.</summary>
    public MeanAndDeviation? F1 { get; init; }

    /// <summary>The greatest F1 over all thresholds; null where every run failed.</summary>
    public MeanAndDeviation? BestF1 { get; init; }

    /// <summary>Seconds of training; null where every run failed.</summary>
    public MeanAndDeviation? TrainSeconds { get; init; }

    /// <summary>Seconds of scoring; null where every run failed.</summary>
    public MeanAndDeviation? ScoreSeconds { get; init; }

    /// <summary>One summary per detector, the greatest mean ROC AUC first.</summary>
    public static IReadOnlyList<ComparisonSummary> Of(IEnumerable<RunResult> results) =>
    [
        .. results.GroupBy(result => result.Detector)
            .Select(group => Of(group.Key, [.. group.Where(result => result.Error is null && result.Metrics is not null)], group.Count()))
            .OrderByDescending(summary => summary.RocAuc?.Mean ?? -1)
            .ThenBy(summary => summary.Detector, StringComparer.Ordinal),
    ];

    private static ComparisonSummary Of(string detector, RunResult[] runs, int all) => new()
    {
        Detector = detector,
        Runs = runs.Length,
        Failed = all - runs.Length,
        RocAuc = Over(runs, run => run.Metrics!.RocAuc),
        AveragePrecision = Over(runs, run => run.Metrics!.AveragePrecision),
        F1 = Over(runs, run => run.Metrics!.F1),
        BestF1 = Over(runs, run => run.Metrics!.BestF1),
        TrainSeconds = Over(runs, run => run.TrainSeconds ?? 0),
        ScoreSeconds = Over(runs, run => run.ScoreSeconds ?? 0),
    };

    private static MeanAndDeviation? Over(RunResult[] runs, Func<RunResult, double> figure)
    {
        if (runs.Length == 0) return null;
        double mean = runs.Average(figure);
        return new(mean, runs.Length < 2 ? null : Math.Sqrt(runs.Sum(run => Math.Pow(figure(run) - mean, 2)) / (runs.Length - 1)));
    }
}
