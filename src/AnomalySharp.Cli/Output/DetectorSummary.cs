using AnomalySharp.Evaluation;

namespace AnomalySharp.Cli.Output;

/// <summary>Mean and sample standard deviation (0 for one value).</summary>
internal sealed record MeanSd(double Mean, double Sd)
{
    /// <summary>Null where there are no values.</summary>
    public static MeanSd? Of(IEnumerable<double?> values)
    {
        double[] known = [.. values.OfType<double>()];
        if (known.Length == 0) return null;
        double mean = known.Average();
        double sd = known.Length == 1 ? 0 : Math.Sqrt(known.Sum(value => (value - mean) * (value - mean)) / (known.Length - 1));
        return new MeanSd(mean, sd);
    }
}

/// <summary>A detector's runs over the seeds.</summary>
internal sealed record DetectorSummary(
    string Detector, int Runs, int Failed, MeanSd? RocAuc, MeanSd? AveragePrecision, MeanSd? BestF1, MeanSd? TrainSeconds, MeanSd? ScoreSeconds)
{
    public static IReadOnlyList<DetectorSummary> Of(IEnumerable<RunResult> runs) =>
    [
        .. runs.GroupBy(run => run.Detector).Select(group => new DetectorSummary(
            group.Key,
            group.Count(),
            group.Count(run => run.Error is not null),
            MeanSd.Of(group.Select(run => run.Metrics?.RocAuc)),
            MeanSd.Of(group.Select(run => run.Metrics?.AveragePrecision)),
            MeanSd.Of(group.Select(run => run.Metrics?.BestF1)),
            MeanSd.Of(group.Select(run => run.TrainSeconds)),
            MeanSd.Of(group.Select(run => run.ScoreSeconds)))),
    ];
}
