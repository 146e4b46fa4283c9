using AnomalySharp.Explanation;

namespace AnomalySharp.Reports.Sections;

/// <summary>The most abnormal rows and why they are. Pictures have a gallery instead.</summary>
internal static class AnomalySection
{
    public static Html Render(ReportView view) => view.HasPictures || view.Top.Count == 0 ? Html.Empty : Html.Of($"""
        <section>
        <h2>The most abnormal {view.Noun}s</h2>
        <p class="hint">The bars say how much of the score each column accounts for; beside each value is {(view.Context.Count == 0
            ? $"the range of the middle 90 % of the training {view.Noun}s, or their most frequent categories"
            : $"the range in which 90 % are expected given {string.Join(", ", view.Context)}, or the most likely categories")}.</p>
        <div class="scroll"><table>
        <thead><tr><th scope="col">{Capital(view.Noun)}</th><th scope="col" class="number">Score</th><th scope="col" class="number">Probability</th>
        {(view.Scored.Labels is null ? Html.Empty : new Html("<th scope=\"col\">Label</th>"))}<th scope="col">Why</th></tr></thead>
        <tbody>{view.Top.Select(sample => Row(view, sample))}</tbody>
        </table></div>
        </section>
        """);

    private static Html Row(ReportView view, SampleExplanation sample) => Html.Of($"""
        <tr><td class="name"><b>{sample.Row}</b>
        {new Html(sample.IsAnomaly ? "" : "<br><span class=\"pill\">below the threshold</span>")}</td>
        <td class="number">{Numbers.Short(sample.Score)}</td><td class="number">{Numbers.Percent(sample.Probability)}</td>{Label(view, sample.Index)}
        <td class="reasons">{sample.Columns.Select(Reason)}{(sample.Edges ?? []).Take(3).Select(Edge)}</td></tr>
        """);

    private static Html Label(ReportView view, int index) => view.Scored.Labels is not { } labels ? Html.Empty
        : new Html(labels[index] == 1 ? "<td><span class=\"pill alert\">anomaly</span></td>" : "<td><span class=\"pill\">normal</span></td>");

    private static Html Reason(ColumnContribution column) => Html.Of($"""
        <div class="reason"><span><b>{column.Column}</b> = {(column.Value.Length == 0 ? "missing" : column.Value)} <span class="hint">usually
        {column.Usual}</span></span>{Bar(column.Share)}<span class="number hint">{column.Share * 100:0} %</span></div>
        """);

    private static Html Edge(EdgeContribution edge) => Html.Of($"""
        <div class="reason"><span><b>{(edge.Exists ? "edge" : "no edge")} to {edge.Node}</b> <span class="hint">one is expected with probability
        {Numbers.Short(edge.Expected)}</span></span>{Bar(edge.Share)}<span class="number hint">{edge.Share * 100:0} %</span></div>
        """);

    /// <summary>A bar of the given share of the width.</summary>
    internal static Html Bar(double share) => Html.Of($"""<span class="bar"><i style="width:{Math.Clamp(share, 0, 1) * 100:0.#}%"></i></span>""");

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];
}
