using AnomalySharp.Reports.Charts;

namespace AnomalySharp.Reports.Sections;

/// <summary>When something was abnormal: the scores of rows or frames in their order, one figure for each series.</summary>
internal static class TimelineSection
{
    private const int Most = 6;

    public static Html Render(ReportView view)
    {
        if (view.Timelines.Count == 0 || view.Scored.Count == 0) return Html.Empty;
        ScoreHistogram range = new(view.Scored.Scores.Span, view.Scored.Threshold);
        Timeline[] shown = view.Timelines.Count <= Most ? [.. view.Timelines]
            : [.. view.Timelines.OrderByDescending(line => line.Highest(view.Scored.Scores.Span)).Take(Most)];
        string left = shown.Length == view.Timelines.Count ? ""
            : $" Shown are the {Most} of {Numbers.Count(view.Timelines.Count)} series with the highest scores.";
        string labels = view.Scored.Labels is null ? "" : " Shaded is what is labelled as an anomaly.";
        string beyond = range.Beyond == 0 ? "" : $" Scores above {Numbers.Short(range.High)} are drawn there.";
        return Html.Of($"""
            <section>
            <h2>Scores in order</h2>
            <p class="hint">The score of every {view.Noun} by its number.{labels}{beyond}{left}</p>
            {shown.Select((line, i) => Html.Of($"""
                {(line.Name is null ? Html.Empty : Html.Of($"""<div class="block"><h3>{line.Name}</h3></div>"""))}
                {line.Render(view.Scored, range.Low, range.High, view.Noun, $"timeline{i}")}
                """))}
            </section>
            """);
    }
}
