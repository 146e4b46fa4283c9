using System.Globalization;

namespace AnomalySharp.Reports.Sections;

/// <summary>The answer in one sentence and a row of numbers.</summary>
internal static class Headline
{
    public static Html Render(ReportView view)
    {
        int found = view.Scored.AnomalyCount;
        double share = view.Scored.Count == 0 ? 0 : (double)found / view.Scored.Count;
        return Html.Of($"""
            <header>
            <h1>{view.Title}</h1>
            <p class="lead"><strong>{Numbers.Count(found)} of {view.Counted(view.Scored.Count)}</strong> {(found == 1 ? "is" : "are")} abnormal, says
            <strong>{view.Detector.Name}</strong>. {view.Detector.Info.Summary}</p>
            </header>
            <div class="tiles">
            {Tile(Numbers.Count(found), $"anomalies, {Numbers.Percent(share)}", alert: found > 0)}
            {Tile(Numbers.Count(view.Scored.Count), $"{view.Noun}s scored in {Numbers.Seconds(view.ScoreSeconds)}")}
            {Tile(Numbers.Seconds(view.Training.Seconds), $"of training on {view.Counted(view.Training.Rows)}")}
            {Figures(view)}
            </div>
            """);
    }

    private static Html Figures(ReportView view) => view.Metrics is not { } metrics ? Html.Empty : Html.Of($"""
        {Tile(metrics.RocAuc.ToString("0.000", CultureInfo.InvariantCulture), "ROC AUC against the labels")}
        {Tile(metrics.AveragePrecision.ToString("0.000", CultureInfo.InvariantCulture), "average precision")}
        {Tile(metrics.F1.ToString("0.000", CultureInfo.InvariantCulture), "F1 at the threshold")}
        """);

    private static Html Tile(string number, string meaning, bool alert = false) =>
        Html.Of($"""<div class="tile{(alert ? " alert" : "")}"><b>{number}</b><span>{meaning}</span></div>""");
}
