using System.Text;
using AnomalySharp.Evaluation;
using AnomalySharp.Explanation;
using AnomalySharp.Persistence;

namespace AnomalySharp.Reports;

/// <summary>What a report shows.</summary>
public sealed record ReportContent
{
    /// <summary>The model that scored.</summary>
    public required AnomalyModel Model { get; init; }

    /// <summary>What was scored.</summary>
    public required Dataset Data { get; init; }

    /// <summary>The scores of all of it.</summary>
    public required ScoredSamples Scored { get; init; }

    /// <summary>The top anomalies with their reasons, in falling order of score.</summary>
    public required IReadOnlyList<SampleExplanation> Top { get; init; }

    /// <summary>For pictures, the attributions of the samples in <see cref="Top"/>, in that order.</summary>
    public Samples? TopAttributions { get; init; }

    /// <summary>Standard deviation in pixels of the Gaussian that smooths the maps of <see cref="TopAttributions"/>; 0: they stay as they are.</summary>
    public double Smoothing { get; init; }

    /// <summary>For pictures whose defects are known pixel by pixel: their masks, the heat maps of all of them, and how well these agree.</summary>
    public DefectMaps? Defects { get; init; }

    /// <summary>Figures against the labels, where there are any.</summary>
    public DetectionMetrics? Metrics { get; init; }

    /// <summary>Seconds of scoring.</summary>
    public double ScoreSeconds { get; init; }

    /// <summary>The command line that made it, to make it again.</summary>
    public string? Command { get; init; }
}

/// <summary>Heat maps of pictures beside what is really defective in them.</summary>
/// <param name="Maps">Heat maps of all pictures, of the shape <c>[1,h,w]</c>.</param>
/// <param name="Masks">Their masks.</param>
/// <param name="Metrics">How well the maps find the defective pixels.</param>
public sealed record DefectMaps(Samples Maps, PixelMasks Masks, PixelMetrics Metrics);

/// <summary>One self-contained HTML file about a scored dataset: readable offline, light and dark.</summary>
public static class HtmlReport
{
    /// <summary>Writes the report, whole or not at all.</summary>
    /// <exception cref="AnomalySharpException">The file cannot be written.</exception>
    public static void Write(string path, ReportContent content) => Write(path, ReportView.Of(content));

    internal static void Write(string path, ReportView view)
    {
        byte[] page = Encoding.UTF8.GetBytes(Page.Render(view).Markup);
        AtomicFile.Write(path, stream => stream.Write(page));
    }
}
