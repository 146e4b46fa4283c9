namespace AnomalySharp;

/// <summary>How a model came about.</summary>
public sealed record TrainingSummary
{
    /// <summary>Training samples.</summary>
    public required int Rows { get; init; }

    /// <summary>Values per sample that the detector saw.</summary>
    public required int Features { get; init; }

    /// <summary>Seconds of wall time that fitting took, preprocessing and threshold included.</summary>
    public required double Seconds { get; init; }

    /// <summary>Seed of every random sequence.</summary>
    public required int Seed { get; init; }

    /// <summary>Threads used.</summary>
    public required int Threads { get; init; }

    /// <summary>Version of AnomalySharp.</summary>
    public required string Version { get; init; }

    /// <summary>When training ended, in UTC.</summary>
    public required DateTime TrainedAt { get; init; }

    /// <summary>What preprocessing had to say (columns dropped, values imputed), then what the detector remarked and warned of.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The training curve: the progress that the detector reported; of very many reports, evenly spaced ones.</summary>
    public IReadOnlyList<FitProgress> History { get; init; } = [];
}
