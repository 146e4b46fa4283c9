using AnomalySharp.Reports.Charts;

namespace AnomalySharp.Reports.Sections;

/// <summary>How the scores are spread, and where the threshold cuts.</summary>
internal static class ScoreSection
{
    public static Html Render(ReportView view)
    {
        if (view.Scored.Count == 0) return Html.Empty;
        ScoreHistogram histogram = new(view.Scored.Scores.Span, view.Scored.Threshold);
        string beyond = histogram.Beyond == 0 ? ""
            : $" The last bar also counts {view.Counted(histogram.Beyond)} with a score above {Numbers.Short(histogram.High)}.";
        return Html.Of($"""
            <section>
            <h2>Scores</h2>
            <p class="hint">The higher the score, the more abnormal the {view.Noun}. Those above the threshold are called anomalies.{beyond}</p>
            {histogram.Render(view.Noun)}
            <div class="key"><span><i style="background:var(--accent)"></i>normal</span>
            <span><i style="background:var(--alert)"></i>anomaly</span></div>
            </section>
            """);
    }
}
