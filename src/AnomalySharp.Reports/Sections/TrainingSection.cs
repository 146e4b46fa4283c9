using AnomalySharp.Reports.Charts;

namespace AnomalySharp.Reports.Sections;

/// <summary>The training curves of methods that have a loss, phase by phase, and what else they measured.</summary>
internal static class TrainingSection
{
    public static Html Render(ReportView view)
    {
        FitProgress[][] phases =
        [
            .. view.Training.History.Where(step => step.Loss is { } value && double.IsFinite(value))
                .GroupBy(step => step.Phase).Select(phase => phase.ToArray()),
        ];
        return phases.Length == 0 ? Html.Empty : Html.Of($"""
            <section>
            <h2>Training</h2>
            {phases.Select((steps, i) => Phase(steps, i, phases.Length > 1))}
            </section>
            """);
    }

    private static Html Phase(FitProgress[] steps, int number, bool named)
    {
        bool validated = steps.Any(step => step.ValidationLoss is not null);
        FitProgress last = steps[^1];
        string stopped = last.Done < last.Total ? $", stopped before {Numbers.Count(last.Total)} because it no longer improved" : "";
        string heldOut = last.ValidationLoss is { } loss ? $", on the held-out part at {Numbers.Short(loss)}" : "";
        string figure = number == 0 ? "training" : $"training{number + 1}";
        // What is told of normal samples and of anomalies is compared: it shares a figure.
        (string Title, string[] Measures)[] measures =
        [
            .. steps.SelectMany(step => step.Measures?.Keys ?? []).Distinct().GroupBy(Both).SelectMany(group =>
                group.ToArray() is [string one, string other] ? [(group.Key, [one, other])] : group.Select(measure => (measure, (string[])[measure]))),
        ];
        return Html.Of($"""
            <div{(number > 0 ? new Html(" class=\"block\"") : Html.Empty)}>{(named ? Html.Of($"<h3>{last.Phase}</h3>") : Html.Empty)}
            <p class="hint">{Numbers.Count(last.Done)} epochs{stopped}. The loss ended at {Numbers.Short(last.Loss!.Value)}{heldOut}.</p>
            {LineCharts.Training(steps, figure)}
            <div class="key"><span><i style="background:var(--accent)"></i>training loss</span>
            {(validated ? new Html("<span><i style=\"background:var(--second)\"></i>loss on the held-out part</span>") : Html.Empty)}</div>
            {(measures.Length == 0 ? Html.Empty : Html.Of($"""
                <div class="pair">{measures.Select((group, i) => Measures(steps, group.Title, group.Measures, $"{figure}-measure{i + 1}"))}</div>
                """))}</div>
            """);
    }

    private static Html Measures(FitProgress[] steps, string title, string[] measures, string name)
    {
        Html chart = LineCharts.Measures(steps, measures, title, name);
        return measures.Length == 1 ? chart : Html.Of($"""
            <div>{chart}
            <div class="key"><span><i style="background:var(--accent)"></i>{measures[0]}</span>
            <span><i style="background:var(--second)"></i>{measures[1]}</span></div></div>
            """);
    }

    private static string Both(string measure) =>
        measure.Replace("normal samples", "samples", StringComparison.Ordinal).Replace("anomalies", "samples", StringComparison.Ordinal);
}
