using AnomalySharp.Reports.Charts;

namespace AnomalySharp.Reports.Sections;

/// <summary>The training curve of methods that have a loss.</summary>
internal static class TrainingSection
{
    public static Html Render(ReportView view)
    {
        FitProgress[] steps = [.. view.Training.History.Where(step => step.Loss is { } value && double.IsFinite(value))];
        if (steps.Length == 0) return Html.Empty;
        bool validated = steps.Any(step => step.ValidationLoss is not null);
        FitProgress last = steps[^1];
        string stopped = last.Done < last.Total ? $", stopped before {Numbers.Count(last.Total)} because it no longer improved" : "";
        string heldOut = last.ValidationLoss is { } loss ? $", on the held-out part at {Numbers.Short(loss)}" : "";
        return Html.Of($"""
            <section>
            <h2>Training</h2>
            <p class="hint">{Numbers.Count(last.Done)} epochs{stopped}. The loss ended at {Numbers.Short(last.Loss!.Value)}{heldOut}.</p>
            {LineCharts.Training(steps)}
            <div class="key"><span><i style="background:var(--accent)"></i>training loss</span>
            {(validated ? new Html("<span><i style=\"background:var(--second)\"></i>loss on the held-out part</span>") : Html.Empty)}</div>
            </section>
            """);
    }
}
