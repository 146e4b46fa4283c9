using AnomalySharp.Tables;

namespace AnomalySharp.Preprocessing;

/// <summary>What can be wrong with a table that is to be encoded.</summary>
internal static class TableErrors
{
    public static DataException Infinite(Table table, string column, int row, double value) => new(
        $"In {table.Source}, row {table.FirstRow + row} (counted from 0), column '{column}' is {(value > 0 ? "infinite" : "minus infinite")}. "
        + "Correct the cell, or leave it empty: empty cells are imputed.");

    public static DataException NotANumber(Table table, string column, int row, string text, bool isDate) => new(
        $"In {table.Source}, column '{column}' holds {(isDate ? "dates" : "numbers")} in the training data, "
        + $"and row {table.FirstRow + row} (counted from 0) is '{Shortened(text)}'. Correct the cell, or leave it empty.");

    public static DataException OtherKind(string source, string column, bool isDate) => new(
        $"In {source}, column '{column}' holds {(isDate ? "numbers" : "dates")}, and in the training data {(isDate ? "dates" : "numbers")}. "
        + "Convert it, or train again.");

    public static DataException Columns(Table table, IReadOnlyList<string> missing, IReadOnlyList<string> added, IEnumerable<string> expected)
    {
        List<string> what = [];
        if (missing.Count > 0) what.Add($"lacks {Names(missing)}");
        if (added.Count > 0) what.Add($"has {Names(added)}, which the training data did not have");
        return new DataException(
            $"{table.Source} {string.Join(" and ", what)}. The model expects {Listed(expected)}. "
            + "Rename or add what is missing and remove what is new, or train again.");
    }

    private static string Names(IReadOnlyList<string> names) => $"the column{(names.Count == 1 ? "" : "s")} {Listed(names)}";

    // A message stays readable with hundreds of columns.
    private static string Listed(IEnumerable<string> names)
    {
        string[] all = [.. names.Select(name => $"'{name}'")];
        return all.Length <= 30 ? string.Join(", ", all) : $"{string.Join(", ", all.Take(30))} and {all.Length - 30} more";
    }

    private static string Shortened(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
