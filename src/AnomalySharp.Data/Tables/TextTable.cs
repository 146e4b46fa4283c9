using static AnomalySharp.Data.Tables.DuckDb;

namespace AnomalySharp.Data.Tables;

/// <summary>A table in a text file: its types are told by DuckDB from all of its rows, once.</summary>
internal static class TextTable
{
    // Everything that decides where a cell begins is given: left to guess, DuckDB takes a ragged file for a table of one column, or skips its first
    // lines.
    private const string Fixed = "quote = '\"', escape = '\"', skip = 0, comment = '', null_padding = false, ignore_errors = false, strict_mode = true";
    private const string Missing = "'', 'NA', 'N/A', 'NaN', 'nan', 'NAN', 'null', 'NULL', '?'";

    // To the sniffer they would make a column of numbers one of texts.
    private const string Infinite = "'inf', '+inf', '-inf', 'Inf', '+Inf', '-Inf', 'INF', '-INF', 'infinity', '-infinity', 'Infinity', '-Infinity'";

    /// <summary>What <paramref name="database"/> is to read; cells of <paramref name="textColumns"/> stay as they are written.</summary>
    /// <exception cref="DataException">Empty, not text, ragged, or with two columns of one name.</exception>
    public static TableSource Open(DuckDb database, string path, IReadOnlyList<string> textColumns)
    {
        TextDialect dialect = TextDialect.Of(path);
        // DuckDB takes the first half of a file that was cut off for a table of half the rows.
        if (dialect.Compressed) FileBytes.RequireWhole(path);
        string arguments = $"{TableSource.FileLiteral(path)}, delim = {Literal(dialect.Delimiter.ToString())}, {Fixed}, "
            + $"compression = '{(dialect.Compressed ? "gzip" : "none")}', encoding = '{dialect.Encoding}'";
        TableSource source = new(path, "", dialect.Notes);
        string[] format;
        List<string[]> columns;
        try
        {
            // All rows count: a word in the last one makes the column text instead of an error.
            string sniff = $"sniff_csv({arguments}, nullstr = [{Missing}, {Infinite}], sample_size = -1)";
            format = database.Texts($"SELECT CAST(HasHeader AS VARCHAR), DateFormat, TimestampFormat, to_json(Columns) FROM {sniff}")[0]!;
            columns = database.Texts($"SELECT c.name, c.type FROM (SELECT unnest(from_json({Literal(format[3])}, '[{{\"name\":\"VARCHAR\",\"type\":\"VARCHAR\"}}]')) AS c)");
        }
        catch (DuckDbException e)
        {
            throw RaggedLine(database, source, arguments, dialect) ?? DuckDbErrors.Explain(source, e);
        }
        bool header = format[0] == "true";
        // DuckDB renames the second of two names that are equal but for case, and a model would then look for a column that nobody wrote.
        if (header) RequireUnique(path, dialect.Header);
        // Whole numbers are read as any others, since an infinity may be among them.
        string types = string.Join(", ", columns.Select(column => $"{Literal(column[0])}: {Literal(TypeOf(column[0], column[1]))}"));
        string from = $"read_csv({arguments}, nullstr = [{Missing}], auto_detect = false, header = {format[0]}, columns = {{{types}}}"
            + (format[1].Length > 0 ? $", dateformat = {Literal(format[1])}" : "") + (format[2].Length > 0 ? $", timestampformat = {Literal(format[2])}" : "") + ")";
        string note = $"'{Path.GetFileName(path)}' has no header line; its columns are called {columns[0][0]}{(columns.Count > 1 ? $" to {columns[^1][0]}" : "")}.";
        return new TableSource(path, from, header ? dialect.Notes : [.. dialect.Notes, note]);

        string TypeOf(string name, string sniffed) => textColumns.Contains(name) ? "VARCHAR" : sniffed == "BIGINT" ? "DOUBLE" : sniffed;
    }

    // What the sniffer says of a file that is no table does not name the line; reading it as text, by its first line, does.
    private static DataException? RaggedLine(DuckDb database, TableSource source, string arguments, TextDialect dialect)
    {
        string columns = string.Join(", ", dialect.Header.Select((_, j) => $"'c{j}': 'VARCHAR'"));
        try
        {
            using QueryResult rows = database.Query($"SELECT * FROM read_csv({arguments}, auto_detect = false, header = true, columns = {{{columns}}})");
            while (rows.Next()) { }
            return null;
        }
        catch (DuckDbException e)
        {
            return DuckDbErrors.Explain(source, e);
        }
    }

    private static void RequireUnique(string path, IReadOnlyList<string> names)
    {
        Dictionary<string, string> seen = new(StringComparer.OrdinalIgnoreCase);
        foreach (string name in names)
        {
            if (name.Length == 0 || seen.TryAdd(name, name)) continue;
            string what = seen[name] == name ? $"two columns are called '{name}'" : $"the columns '{seen[name]}' and '{name}' differ only in upper and lower case";
            throw new DataException($"In '{path}', line 1, {what}. Rename one.");
        }
    }
}
