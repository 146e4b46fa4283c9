using System.Diagnostics;
using System.Text.Json.Serialization;
using AnomalySharp.Evaluation;

namespace AnomalySharp.Cli.Output;

/// <summary>The figures of one run under the names that scripts rely on; null where they are not known.</summary>
internal record Figures
{
    public required string Detector { get; init; }
    public required int Seed { get; init; }
    public double? RocAuc { get; init; }
    public double? AveragePrecision { get; init; }
    public double? AuprIn { get; init; }
    public double? Precision { get; init; }
    public double? Recall { get; init; }
    public double? Specificity { get; init; }
    public double? F1 { get; init; }
    public double? BestF1 { get; init; }
    public double? Threshold { get; init; }
    public double? Contamination { get; init; }
    public int Rows { get; init; }
    public int Features { get; init; }
    public double? TrainSeconds { get; init; }
    public double? ScoreSeconds { get; init; }
    public double PeakMemoryMb { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }

    protected Figures(DetectionMetrics? metrics)
    {
        if (metrics is null) return;
        (RocAuc, AveragePrecision, AuprIn) = (metrics.RocAuc, metrics.AveragePrecision, metrics.AuprIn);
        (Precision, Recall, Specificity) = (metrics.Precision, metrics.Recall, metrics.Specificity);
        (F1, BestF1) = (metrics.F1, metrics.BestF1);
    }

    /// <summary>What a model did on <paramref name="rows"/> samples in <paramref name="scoreSeconds"/>.</summary>
    public static Figures Of(AnomalyModel model, int rows, double scoreSeconds, DetectionMetrics? metrics) => new(metrics)
    {
        Detector = model.Entry.Name,
        Seed = model.Summary.Seed,
        Threshold = model.Threshold,
        Contamination = model.Contamination,
        Rows = rows,
        Features = model.Summary.Features,
        TrainSeconds = model.Summary.Seconds,
        ScoreSeconds = scoreSeconds,
        PeakMemoryMb = PeakMemory(),
    };

    public static Figures Of(RunResult run) => new(run.Metrics)
    {
        Detector = run.Detector,
        Seed = run.Seed,
        Threshold = run.Threshold,
        Contamination = run.Contamination,
        Rows = run.Rows,
        Features = run.Features,
        TrainSeconds = run.TrainSeconds,
        ScoreSeconds = run.ScoreSeconds,
        PeakMemoryMb = run.PeakMemoryMb,
        Error = run.Error,
    };

    public static double PeakMemory()
    {
        using Process process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / 1e6;
    }
}
