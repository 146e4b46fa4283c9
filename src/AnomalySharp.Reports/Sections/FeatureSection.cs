namespace AnomalySharp.Reports.Sections;

/// <summary>Which columns the anomalies have in common.</summary>
internal static class FeatureSection
{
    private const int Most = 15;

    public static Html Render(ReportView view)
    {
        if (view.HasPictures || view.Top.Count == 0) return Html.Empty;
        (string Column, double Share)[] columns =
        [
            .. view.Top.SelectMany(sample => sample.Columns)
                .GroupBy(column => column.Column, column => column.Share, StringComparer.Ordinal)
                .Select(group => (group.Key, Share: group.Sum() / view.Top.Count))
                .OrderByDescending(column => column.Share)
                .Take(Most),
        ];
        if (columns.Length == 0) return Html.Empty;
        // The longest bar fills the width: the eye compares columns, the number says the share.
        double longest = Math.Max(columns[0].Share, double.Epsilon);
        return Html.Of($"""
            <section>
            <h2>What the anomalies have in common</h2>
            <p class="hint">Mean share of each column in the scores of the {view.Counted(view.Top.Count)} above, as far as it is
            among their reasons.</p>
            <div class="features">{columns.Select(column => Html.Of($"""
                <span>{column.Column}</span>{AnomalySection.Bar(column.Share / longest)}<span class="number hint">{column.Share * 100:0.#} %</span>
                """))}</div>
            </section>
            """);
    }
}
