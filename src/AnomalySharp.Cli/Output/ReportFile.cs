using AnomalySharp.Cli.Options;
using AnomalySharp.Evaluation;
using AnomalySharp.Explanation;
using AnomalySharp.Reports;

namespace AnomalySharp.Cli.Output;

/// <summary>Writes the report that <c>--report</c> asks for.</summary>
internal static class ReportFile
{
    /// <summary>Most abnormal rows that a report shows.</summary>
    public const int Shown = 20;

    /// <summary>Writes it to <see cref="MapSettings.Report"/>.</summary>
    /// <param name="settings">Where to, and how heat maps are smoothed.</param>
    /// <param name="model">What scored.</param>
    /// <param name="data">What was scored.</param>
    /// <param name="scored">Its scores.</param>
    /// <param name="top">Reasons of the <see cref="Shown"/> highest scores.</param>
    /// <param name="metrics">Figures against labels, or null.</param>
    /// <param name="defects">Heat maps beside masks, or null.</param>
    /// <param name="seconds">Seconds of scoring.</param>
    /// <param name="command">The command line.</param>
    public static void Write(
        MapSettings settings,
        AnomalyModel model,
        Dataset data,
        ScoredSamples scored,
        IReadOnlyList<SampleExplanation> top,
        DetectionMetrics? metrics,
        DefectMaps? defects,
        double seconds,
        string command)
    {
        int[] rows = [.. top.Select(sample => sample.Index)];
        HtmlReport.Write(settings.Report!, new ReportContent
        {
            Model = model,
            Data = data,
            Scored = scored,
            Top = top,
            TopAttributions = model.RowShape.Rank == 3 ? model.Attribute(data, rows) : null,
            Smoothing = settings.Sigma,
            Metrics = metrics,
            Defects = defects,
            ScoreSeconds = seconds,
            Command = command,
        });
    }
}
