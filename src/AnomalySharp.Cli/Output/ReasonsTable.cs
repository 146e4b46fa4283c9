using AnomalySharp.Explanation;
using Spectre.Console;

namespace AnomalySharp.Cli.Output;

/// <summary>Abnormal rows and the columns that make them so.</summary>
internal static class ReasonsTable
{
    private const int Columns = 3;

    /// <summary>One line per row.</summary>
    public static Table Create(IEnumerable<SampleExplanation> samples)
    {
        Table table = Terminal.CreateTable("row", "score", "probability", "anomaly", "why");
        foreach (SampleExplanation sample in samples)
        {
            table.AddRow(
                Markup.Escape(sample.Row),
                Terminal.Number(sample.Score),
                Terminal.Percent(sample.Probability),
                sample.IsAnomaly ? "yes" : "no",
                Markup.Escape(string.Join("\n", sample.Reasons(Columns))));
        }
        return table;
    }

    /// <summary>One line per column of one row, then per edge of a node.</summary>
    public static Table Create(SampleExplanation sample)
    {
        Table table = Terminal.CreateTable("column", "value", "usually", "share");
        foreach (ColumnContribution column in sample.Columns)
        {
            string value = column.Value.Length == 0 ? "missing" : column.Value;
            table.AddRow(Markup.Escape(column.Column), Markup.Escape(value), Markup.Escape(column.Usual), Terminal.Percent(column.Share));
        }
        foreach (EdgeContribution edge in sample.Edges ?? [])
        {
            string usually = FormattableString.Invariant($"there with probability {edge.Expected:0.00}");
            table.AddRow(Markup.Escape($"edge to {edge.Node}"), edge.Exists ? "yes" : "no", usually, Terminal.Percent(edge.Share));
        }
        return table;
    }
}
