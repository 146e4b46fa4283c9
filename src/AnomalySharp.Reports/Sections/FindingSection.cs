using AnomalySharp.Reports.Charts;

namespace AnomalySharp.Reports.Sections;

/// <summary>What the method found in its training data as a whole: lists of rows and columns, and samples that it made.</summary>
internal static class FindingSection
{
    private const int Most = 20;

    public static Html Render(ReportView view) => view.Findings.Count == 0 ? Html.Empty : Html.Of($"""
        <section>
        <h2>What {view.Detector.Name} found in the training data</h2>
        {view.Findings.Select(finding => finding is SampleFinding made ? Pictures(made) : List(finding, view))}
        </section>
        """);

    /// <summary>Rows of pictures; samples of other shapes are not shown.</summary>
    private static Html Pictures(SampleFinding finding)
    {
        Samples samples = finding.Samples;
        if (samples.Shape.Rank != 3 || finding.Rows.Count == 0) return Html.Empty;
        Picture picture = new(samples.Shape, samples.Values.Span);
        int each = samples.Count / finding.Rows.Count;
        return Html.Of($"""
            <div class="block"><h3>{finding.Title}</h3>
            <p class="hint">{finding.Text}</p>
            <div class="strips">{finding.Rows.Select((row, i) => Html.Of($"""
                <span class="hint">{row}</span>
                <div class="strip">{Enumerable.Range(i * each, each).Select(k => Image(picture, samples[k], row))}</div>
                """))}</div></div>
            """);
    }

    private static Html Image(Picture picture, ReadOnlySpan<float> values, string row) => Html.Of($"""
        <img class="{(picture.IsSmall ? "sharp" : "smooth")}" alt="drawn at {row}"
        src="data:image/png;base64,{Convert.ToBase64String(picture.Png(values))}">
        """);

    private static Html List(Finding finding, ReportView view)
    {
        double greatest = Math.Max(finding.Items.Count == 0 ? 0 : finding.Items[0].Size, double.Epsilon);
        string count = finding.Items.Count > Most ? $"{Numbers.Count(finding.Items.Count)}, of which the first {Most} are" : Numbers.Count(finding.Items.Count);
        return Html.Of($"""
            <div class="block"><h3>{finding.Title}: {count}</h3>
            <p class="hint">{finding.Text}</p>
            <div class="features">{finding.Items.Take(Most).Select(item => Html.Of($"""
                <span>{Name(finding.Kind, item.Position, view)}</span>{AnomalySection.Bar(item.Size / greatest)}<span class="number hint">{Numbers.Short(item.Size)}</span>
                """))}</div></div>
            """);
    }

    /// <summary>Rows have their names where the scored data is what was learnt from, which their number tells.</summary>
    private static string Name(FindingKind kind, int position, ReportView view) => kind == FindingKind.Columns ? view.FeatureName(position)
        : view.Windows is not null ? $"training window {position}"
        : view.Scored.Count == view.Training.Rows ? view.Scored.RowName(position)
        : $"training {view.Noun} {position}";
}
