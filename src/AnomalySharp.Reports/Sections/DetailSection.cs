using System.Globalization;
using System.Text.Json;
using AnomalySharp.Thresholding;

namespace AnomalySharp.Reports.Sections;

/// <summary>What was done, in enough detail to do it again.</summary>
internal static class DetailSection
{
    public static Html Render(ReportView view) => Html.Of($"""
        <section>
        <h2>What was done</h2>
        <dl class="facts">
        {Fact("Data", view.Data.Source)}
        {Fact("Detector", $"{view.Detector.Name}: {view.Detector.Info.Summary}")}
        {Fact("Paper", view.Detector.Info.Paper)}
        {Fact("Options", OptionsText(view.Options))}
        {Fact("Trained on", TrainedText(view))}
        {Fact("Training took", Numbers.Seconds(view.Training.Seconds))}
        {Fact("Scored", $"{view.Counted(view.Scored.Count)}, in {Numbers.Seconds(view.ScoreSeconds)}")}
        {Fact("Threshold", $"{Numbers.Short(view.Scored.Threshold)}, {RuleText(view.Rule)}")}
        {Fact("Contamination", Numbers.Percent(view.Contamination))}
        {Fact("Seed and threads", $"{view.Training.Seed}, {view.Training.Threads}")}
        {Fact("Trained at", view.Training.TrainedAt.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture))}
        </dl>
        {Unseen(view)}
        {Notes(view)}
        {(view.Command is null ? Html.Empty : Html.Of($"""<div class="block"><h3>Command</h3><pre><code>{view.Command}</code></pre></div>"""))}
        </section>
        """);

    private static string TrainedText(ReportView view)
    {
        string given = view.Context.Count == 0 ? "" : $", judged by {string.Join(", ", view.Context.Select(column => $"'{column}'"))}";
        if (view.Windows is not { } windows) return $"{view.Counted(view.Training.Rows)} of {Numbers.Count(view.Training.Features)} features{given}";
        string order = windows.TimeColumn is string time ? $"in the order of '{time}'" : "in their order";
        string entity = windows.EntityColumn is string column ? $", each '{column}' for itself" : "";
        return $"{Numbers.Count(view.Training.Rows)} windows of {windows.Length} rows {order}{entity}; "
            + $"{Numbers.Count(view.Training.Features)} features each{given}";
    }

    private static Html Fact(string name, string text) => Html.Of($"<dt>{name}</dt><dd>{text}</dd>\n");

    /// <summary>The options that differ from their defaults, as <c>--set</c> takes them.</summary>
    private static string OptionsText(DetectorOptions options)
    {
        // Through JSON, which is how options are stored anyway: names and values read as the user would type them.
        using JsonDocument given = Json(options), defaults = Json((DetectorOptions)Activator.CreateInstance(options.GetType())!);
        string[] changed =
        [
            .. given.RootElement.EnumerateObject()
                .Where(option => !JsonElement.DeepEquals(defaults.RootElement.GetProperty(option.Name), option.Value))
                .Select(option => $"{option.Name}={Value(option.Value)}"),
        ];
        return changed.Length == 0 ? "all at their defaults" : string.Join(", ", changed) + "; all others at their defaults";
    }

    private static JsonDocument Json(DetectorOptions options) => JsonSerializer.SerializeToDocument(options, options.GetType(), DetectorCatalog.Json);

    private static string Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => string.Join(',', value.EnumerateArray().Select(Value)),
        JsonValueKind.Null => "auto",
        _ => value.ToString(),
    };

    private static string RuleText(ThresholdRule rule)
    {
        string parameter = rule.Parameter is { } value ? Numbers.Short(value) : "as by default";
        return rule.Kind switch
        {
            ThresholdKind.Contamination => "the quantile of the training scores that the contamination gives",
            ThresholdKind.Quantile => $"a quantile of the training scores, {parameter}",
            ThresholdKind.MeanSigma => $"mean + k standard deviations of the training scores, k {parameter}",
            ThresholdKind.MedianMad => $"median + k median absolute deviations of the training scores, k {parameter}",
            ThresholdKind.Youden => "the one with the best Youden's J on the labels",
            ThresholdKind.BestF1 => "the one with the best F1 on the labels",
            _ => rule.Kind.ToString(),
        };
    }

    private static Html Unseen(ReportView view) => view.Scored.UnseenCategories.Values.All(count => count == 0) ? Html.Empty : Html.Of($"""
        <div class="block"><h3>Categories that did not occur in training</h3>
        <ul>{view.Scored.UnseenCategories.Where(column => column.Value > 0).Select(column =>
            Html.Of($"<li>{column.Key}: {Numbers.Count(column.Value)} cells</li>"))}</ul></div>
        """);

    private static Html Notes(ReportView view)
    {
        string[] notes = [.. view.Data.Notes.Concat(view.Training.Notes).Distinct(StringComparer.Ordinal)];
        return notes.Length == 0 ? Html.Empty
            : Html.Of($"""<div class="block"><h3>Notes on the data</h3><ul>{notes.Select(note => Html.Of($"<li>{note}</li>"))}</ul></div>""");
    }
}
