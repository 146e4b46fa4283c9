using System.Text.RegularExpressions;

namespace AnomalySharp.Data.Tables;

/// <summary>Makes one sentence of the page of text that DuckDB writes: what, where, remedy.</summary>
internal static partial class DuckDbErrors
{
    public static DataException Explain(TableSource source, DuckDbException error)
    {
        string text = error.Message;
        bool query = source.Name == TableSource.Query;
        string file = query && File().Match(text) is { Success: true } named ? $" '{named.Groups[1].Value}'" : "";
        string line = Line().Match(text) is { Success: true } at ? $", line {at.Groups[1].Value}" : "";
        string where = query && file.Length == 0 ? "The query cannot be run" : query ? $"Cannot read{file}{line}" : $"Cannot read '{source.Name}'{line}";
        (string what, string remedy) = Cause(text, query);
        return new DataException($"{where}: {what.TrimEnd('.', '!')}. {remedy}", error);
    }

    private static (string What, string Remedy) Cause(string text, bool query)
    {
        if (Columns().Match(text) is { Success: true } ragged)
        {
            string found = ragged.Groups[2].Value;
            return ($"it has {found} {(found == "1" ? "cell" : "cells")} where the lines before have {ragged.Groups[1].Value}",
                "Give every line the same number of cells, with quotes around cells that hold the delimiter.");
        }
        if (Conversion().Match(text) is { Success: true } cell)
        {
            return ($"'{cell.Groups[2].Value}' in column '{cell.Groups[1].Value}' is not of the column's type, {cell.Groups[3].Value}", "Correct the cell, or leave it empty.");
        }
        if (text.Contains("unterminated quote", StringComparison.Ordinal)) return ("a quote is opened and not closed", "Close it, and double quotes inside a quoted cell.");
        if (text.Contains("not utf-8", StringComparison.OrdinalIgnoreCase)) return ("it is not UTF-8", "Save the file as UTF-8.");
        return (FirstSentence(text), query
            ? "Check its names and quotes; files are named relative to the current folder, in single quotes."
            : "Check that the file is whole and that its ending tells what it is.");
    }

    // The first line names the kind of error; of an error in a text file it only gives the line, and what is wrong comes after the line itself.
    private static string FirstSentence(string text)
    {
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        int original = Array.FindIndex(lines, line => line.StartsWith("Original Line:", StringComparison.Ordinal));
        string sentence = original >= 0 && original + 1 < lines.Length ? lines[original + 1]
            : lines.FirstOrDefault(line => !line.Contains("closed pending query", StringComparison.Ordinal)) ?? text;
        return Prefix().Replace(sentence, "");
    }

    [GeneratedRegex(@"\b[Ll]ine:? (\d+)")]
    private static partial Regex Line();

    [GeneratedRegex(@"^\s*file = (.+?)\s*$", RegexOptions.Multiline)]
    private static partial Regex File();

    [GeneratedRegex(@"Expected Number of Columns: (\d+) Found: (\d+)")]
    private static partial Regex Columns();

    [GeneratedRegex("column \"(.+)\". Could not convert string \"(.*)\" to '(.+)'")]
    private static partial Regex Conversion();

    [GeneratedRegex(@"^(Error: )?(\w+ )?(\w+ )?Error: ")]
    private static partial Regex Prefix();
}
