namespace AnomalySharp.Reports.Sections;

/// <summary>What the method found in its training data as a whole: lists of rows and columns.</summary>
internal static class FindingSection
{
    private const int Most = 20;

    public static Html Render(ReportView view) => view.Findings.Count == 0 ? Html.Empty : Html.Of($"""
        <section>
        <h2>What {view.Detector.Name} found in the training data</h2>
        {view.Findings.Select(finding => List(finding, view))}
        </section>
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
        : view.Scored.Count == view.Training.Rows ? view.Scored.RowName(position)
        : $"training {view.Noun} {position}";
}
