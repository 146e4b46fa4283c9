using AnomalySharp.Evaluation;
using AnomalySharp.Explanation;
using AnomalySharp.Reports.Charts;
using AnomalySharp.Sequences;
using AnomalySharp.Thresholding;

namespace AnomalySharp.Reports;

/// <summary>What the sections draw: plain data, so that they need no trained model.</summary>
internal sealed record ReportView
{
    public required DetectorEntry Detector { get; init; }

    public required DetectorOptions Options { get; init; }

    public required TrainingSummary Training { get; init; }

    public required ThresholdRule Rule { get; init; }

    public required double Contamination { get; init; }

    public required Dataset Data { get; init; }

    public required ScoredSamples Scored { get; init; }

    public required IReadOnlyList<SampleExplanation> Top { get; init; }

    /// <summary>How rows became windows; null where they did not.</summary>
    public WindowSettings? Windows { get; init; }

    /// <summary>Series of rows, in the order in which their scores are drawn; empty where rows have no order.</summary>
    public IReadOnlyList<Timeline> Timelines { get; init; } = [];

    /// <summary>Columns that the others are judged by.</summary>
    public IReadOnlyList<string> Context { get; init; } = [];

    /// <summary>Heat maps of the pictures in <see cref="Top"/>.</summary>
    public Samples? TopMaps { get; init; }

    public DefectMaps? Defects { get; init; }

    /// <summary>What the method found in its training data beside scores.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>What a feature of a finding is called.</summary>
    public Func<int, string> FeatureName { get; init; } = j => $"f{j}";

    public DetectionMetrics? Metrics { get; init; }

    public double ScoreSeconds { get; init; }

    public string? Command { get; init; }

    /// <summary>Whether samples are pictures, which are shown instead of listed.</summary>
    public bool HasPictures => Data.Samples is { Shape.Rank: 3 };

    /// <summary>What one sample is called.</summary>
    public string Noun => HasPictures ? Timelines.Count > 0 ? "frame" : "picture" : Data.Table is null ? "sample" : "row";

    /// <summary>That many samples in words.</summary>
    public string Counted(int count) => $"{Numbers.Count(count)} {Noun}{(count == 1 ? "" : "s")}";

    /// <summary>The file's name, without the folders before it.</summary>
    public string Title => Data.Source.Split('/', '\\')[^1] is { Length: > 0 } name ? name : Data.Source;

    public static ReportView Of(ReportContent content) => new()
    {
        Detector = content.Model.Entry,
        Options = content.Model.Options,
        Training = content.Model.Summary,
        Rule = content.Model.ThresholdRule,
        Contamination = content.Model.Contamination,
        Data = content.Data,
        Scored = content.Scored,
        Top = content.Top,
        Windows = content.Model.Windows,
        Timelines = content.Model.Windows is null ? [] : TimelinesOf(content),
        TopMaps = content.TopAttributions is null ? null : HeatMaps.Of(content.TopAttributions, content.Smoothing),
        Defects = content.Defects,
        Findings = content.Model.Detector is IFindings found ? found.Findings : [],
        FeatureName = content.Model.HasFeatures ? j => $"feature {j}"
            : content.Model.JudgedFeatures is not { } names ? j => ValueName(content, j)
            : content.Model.Windows is null ? j => names[j]
            : j => $"{names[j % names.Count]}, step {j / names.Count}",
        Context = content.Model.ContextColumns,
        Metrics = content.Metrics,
        ScoreSeconds = content.ScoreSeconds,
        Command = content.Command,
    };

    private static Timeline[] TimelinesOf(ReportContent content)
    {
        IGrouping<string, IReadOnlyList<int>>[] series =
            [.. content.Model.SeriesOf(content.Data).GroupBy(run => content.Model.SeriesName(content.Data, run[0]) ?? "")];
        return [.. series.Select(one => new Timeline(series.Length == 1 ? null : one.Key, [.. one]))];
    }

    private static string ValueName(ReportContent content, int j)
    {
        if (content.Data.Samples?.FeatureNames is { } names) return names[j];
        return content.Model.Shape is { Rank: 3 } shape ? $"channel {j / (shape[1] * shape[2])}, pixel {j / shape[2] % shape[1]}/{j % shape[2]}" : $"f{j}";
    }
}
