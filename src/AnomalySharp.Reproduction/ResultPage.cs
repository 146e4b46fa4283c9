using System.Globalization;
using System.Text;
using AnomalySharp.Persistence;

namespace AnomalySharp.Reproduction;

/// <summary>The page beside a result file: what was done, tables, and what was left out. It says nothing that the result file does not.</summary>
public static class ResultPage
{
    /// <summary>Writes the page whole or not at all, and the picture on it, if there is one, beside it.</summary>
    /// <exception cref="AnomalySharpException">They cannot be written.</exception>
    public static void Write(string path, Experiment experiment, ExperimentResults results)
    {
        if (ResultPicture.Render(results) is { } picture) AtomicFile.Write(Path.ChangeExtension(path, ".png"), stream => stream.Write(picture));
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(Render(experiment, results))));
    }

    /// <summary>The page as Markdown.</summary>
    public static string Render(Experiment experiment, ExperimentResults results)
    {
        StringBuilder page = new();
        page.Append($"# {experiment.Title}{(results.Quick ? " (quick subset)" : "")}\n\n");
        if (results.Quick) page.Append("**A small subset that only shows that the experiment runs; its figures are no reproduction.**\n\n");
        page.Append($"**Protocol.** {results.Protocol}\n\n");
        foreach (PublishedFigures figures in experiment.Published)
        {
            page.Append($"**Published figures.** {figures.Source}. Their protocol: {figures.Protocol}.\n\n");
        }
        if (results.Differences.Count > 0)
        {
            page.Append("**What differs.**\n\n");
            foreach (string difference in results.Differences) page.Append($"* {difference}\n");
            page.Append('\n');
        }
        page.Append($"**Run.** {Machine(results)}\n");
        foreach (ResultTable table in experiment.Tables(results)) Append(page, table);
        IReadOnlyList<ExhibitRow> shown = ResultPicture.Rows(results);
        if (shown.Count > 0)
        {
            page.Append($"\n![{experiment.Title}]({experiment.FileName(results.Quick)}.png)\n\n");
            page.Append($"From top to bottom: {string.Join("; ", shown.Select(row => row.Name))}.\n");
        }
        Append(page, Failures(results));
        IReadOnlyList<string>[] skipped = [.. results.Skipped.Select(one => (string[])[one.What, one.Reason, Text(one.Cells)])];
        Append(page, new ResultTable("Left out", ["what", "why", "cells"], skipped));
        string command = $"anomaly reproduce {results.Experiment}{(results.Quick ? " --quick" : "")}";
        page.Append($"\nEvery cell with its seed and settings is in `{experiment.FileName(results.Quick)}.json`. Made by `{command}`.\n");
        return page.ToString();
    }

    private static string Machine(ExperimentResults results)
    {
        CellResult[] cells = [.. results.Measured];
        if (cells.Length == 0) return "No cell gave figures.";
        string machines = string.Join("; ", cells.Select(cell =>
            $"AnomalySharp {cell.Version} on .NET {cell.Runtime}, {cell.Cores} processors, {cell.Parallel} cells at a time, each on one thread").Distinct());
        double seconds = cells.Sum(cell => cell.TrainSeconds + cell.ScoreSeconds);
        return $"{cells.Length} cells, seeds {string.Join(", ", cells.Select(cell => cell.Seed).Distinct().Order())}; {machines}; "
            + string.Create(CultureInfo.InvariantCulture, $"{seconds:N0} seconds of training and scoring, summed over the cells.");
    }

    private static ResultTable Failures(ExperimentResults results) => new(
        "Failed",
        ["what", "why", "cells"],
        [
            .. results.Cells.Where(cell => cell.Error is not null).GroupBy(cell => (cell.Method, cell.Error))
                .Select(group => (string[])[group.Key.Method, group.Key.Error!, Text(group.Count())]),
        ]);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Append(StringBuilder page, ResultTable table)
    {
        if (table.Rows.Count == 0) return;
        page.Append($"\n{table.Caption}\n\n{Row(table.Columns)}|{string.Concat(Enumerable.Repeat("---|", table.Columns.Count))}\n");
        foreach (IReadOnlyList<string> row in table.Rows) page.Append(Row(row));
        static string Row(IEnumerable<string> cells) =>
            $"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |\n";
    }
}
