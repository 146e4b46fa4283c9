using System.Diagnostics;

namespace AnomalySharp.Evaluation;

/// <summary>One training and scoring with its figures: what <c>detect</c>, <c>evaluate</c> and <c>compare</c> print as JSON.</summary>
public sealed record RunResult
{
    /// <summary>Catalogue name.</summary>
    public required string Detector { get; init; }

    /// <summary>Seed of the run.</summary>
    public required int Seed { get; init; }

    /// <summary>Figures against the labels; null without labels or where the run failed.</summary>
    public DetectionMetrics? Metrics { get; init; }

    /// <summary>Samples with a score above it are anomalies.</summary>
    public double? Threshold { get; init; }

    /// <summary>Expected fraction of anomalies.</summary>
    public double? Contamination { get; init; }

    /// <summary>Scored samples.</summary>
    public int Rows { get; init; }

    /// <summary>Values per sample.</summary>
    public int Features { get; init; }

    /// <summary>Seconds of training.</summary>
    public double? TrainSeconds { get; init; }

    /// <summary>Seconds of scoring.</summary>
    public double? ScoreSeconds { get; init; }

    /// <summary>Peak memory of the process so far, in MB (10⁶ bytes).</summary>
    public double PeakMemoryMb { get; init; }

    /// <summary>Why the run failed; null where it did not.</summary>
    public string? Error { get; init; }

    /// <summary>The largest working set that this process has had, in MB (10⁶ bytes): the value for <see cref="PeakMemoryMb"/>.</summary>
    public static double PeakMemoryOfProcess()
    {
        using Process process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / 1e6;
    }
}
