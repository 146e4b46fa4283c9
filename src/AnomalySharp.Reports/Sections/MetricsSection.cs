using AnomalySharp.Evaluation;
using AnomalySharp.Reports.Charts;

namespace AnomalySharp.Reports.Sections;

/// <summary>How well scores and verdicts agree with the labels.</summary>
internal static class MetricsSection
{
    public static Html Render(ReportView view)
    {
        if (view.Metrics is not { } metrics || (view.Scored.Labels ?? view.Data.Labels) is not { } labels) return Html.Empty;
        ReadOnlySpan<float> scores = view.Scored.Scores.Span;
        ConfusionMatrix counts = metrics.Confusion;
        double share = (counts.TruePositives + counts.FalseNegatives) / (double)labels.Count;
        return Html.Of($"""
            <section>
            <h2>Against the labels</h2>
            <p class="hint">{Numbers.Percent(share)} of the {view.Noun}s are labelled as anomalies. Labels were used for
            {(view.Rule.NeedsLabels ? "these figures and to find the threshold" : "these figures only")}. The red points are the threshold of this report, the dotted lines chance.</p>
            <div class="pair">
            <div><h3>ROC curve, area {metrics.RocAuc:0.000}</h3>{LineCharts.Roc(DetectionCurve.Roc(scores, labels), metrics)}</div>
            <div><h3>Precision and recall, average precision {metrics.AveragePrecision:0.000}</h3>
            {LineCharts.PrecisionRecall(DetectionCurve.PrecisionRecall(scores, labels), metrics, share)}</div>
            <div class="block"><h3>Verdicts</h3>{Confusion(counts)}</div>
            <div class="block"><h3>Figures</h3>{Table(metrics)}</div>
            </div>
            </section>
            """);
    }

    private static Html Confusion(ConfusionMatrix counts) => Html.Of($"""
        <div class="confusion">
        <span></span><span>called anomaly</span><span>called normal</span>
        <span class="side">anomalies</span><div><b>{Numbers.Count(counts.TruePositives)}</b><small>found</small></div>
        <div class="wrong"><b>{Numbers.Count(counts.FalseNegatives)}</b><small>missed</small></div>
        <span class="side">normal</span><div class="wrong"><b>{Numbers.Count(counts.FalsePositives)}</b><small>false alarms</small></div>
        <div><b>{Numbers.Count(counts.TrueNegatives)}</b><small>passed</small></div>
        </div>
        """);

    private static Html Table(DetectionMetrics metrics) => Html.Of($"""
        <table>
        {Line("ROC AUC", metrics.RocAuc)}
        {Line("Average precision (AUPR-out)", metrics.AveragePrecision)}
        {Line("AUPR-in", metrics.AuprIn)}
        {Line("Precision at the threshold", metrics.Precision)}
        {Line("Recall (sensitivity) at the threshold", metrics.Recall)}
        {Line("Specificity at the threshold", metrics.Specificity)}
        {Line("F1 at the threshold", metrics.F1)}
        {Line("Best F1 over all thresholds", metrics.BestF1)}
        {Line("Youden's J, best", metrics.YoudenJ)}
        {Line("Equal error rate", metrics.EqualErrorRate)}
        {Line("Precision among the n highest, n anomalies", metrics.PrecisionAtN)}
        </table>
        """);

    private static Html Line(string name, double value) => Html.Of($"""<tr><td>{name}</td><td class="number">{value:0.0000}</td></tr>""");
}
