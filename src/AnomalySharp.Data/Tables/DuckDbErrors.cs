using System.Text.RegularExpressions;

namespace AnomalySharp.Data.Tables;

/// <summary>Makes one sentence of the page of text that DuckDB writes: what, where, remedy.</summary>
internal static partial class DuckDbErrors
{
    public static DataException Explain(TableSource source, DuckDbException error)
    {
        string text = error.Message;
        string what = source.Name == "the query" ? "The query cannot be run" : $"Cannot read '{source.Name}'";
        string line = Line().Match(text) is { Success: true } at ? $", line {at.Groups[1].Value}" : "";
        if (Columns().Match(text) is { Success: true } ragged)
        {
            return new DataException(
                $"{what}{line}: it has {Plural(ragged.Groups[2].Value)} where the lines before have {ragged.Groups[1].Value}. "
                + "Give every line the same number of cells, with quotes around cells that hold the delimiter.", error);
        }
        string first = Prefix().Replace(text.Split('\n')[0].Trim(), "");
        return new DataException($"{what}{line}: {first.TrimEnd('.')}. {Remedy(text, source)}", error);
    }

    private static string Plural(string count) => count == "1" ? "1 cell" : $"{count} cells";

    private static string Remedy(string text, TableSource source) =>
        text.Contains("quote", StringComparison.OrdinalIgnoreCase) ? "Close every quote, and double those inside a quoted cell."
        : text.Contains("unicode", StringComparison.OrdinalIgnoreCase) || text.Contains("utf-8", StringComparison.OrdinalIgnoreCase)
            ? "Save the file as UTF-8."
        : source.Name == "the query" ? "Check its names and quotes; files are named relative to the current folder, in single quotes."
        : "Check that the file is whole and that its ending tells what it is.";

    [GeneratedRegex(@"\b[Ll]ine:? (\d+)")]
    private static partial Regex Line();

    [GeneratedRegex(@"Expected Number of Columns: (\d+) Found: (\d+)")]
    private static partial Regex Columns();

    [GeneratedRegex(@"^(\w+ )?(\w+ )?Error: ")]
    private static partial Regex Prefix();
}
