using static AnomalySharp.Data.Tables.DuckDb;

namespace AnomalySharp.Data.Tables;

/// <summary>What a table is read from, as DuckDB is told.</summary>
/// <param name="Name">For messages: the file, or <c>the query</c>.</param>
/// <param name="From">What stands after FROM.</param>
/// <param name="Notes">What was odd about the file.</param>
/// <param name="Header">The names in the first line of a text file as they stand there, or null.</param>
internal sealed record TableSource(string Name, string From, IReadOnlyList<string> Notes, IReadOnlyList<string>? Header = null)
{
    public static TableSource OfSql(string sql)
    {
        string query = sql.Trim().TrimEnd(';');
        if (query.Length == 0) throw new OptionException("The query is empty. Give one such as --sql \"select * from 'file.parquet'\".");
        // The line break ends a comment at the end of the query.
        return new TableSource("the query", $"({query}\n)", []);
    }

    public static TableSource OfParquet(string path) => new(path, $"read_parquet({Literal(path)})", []);

    public static TableSource OfJson(string path, bool lines) =>
        new(path, $"read_json({Literal(path)}, sample_size = -1, format = '{(lines ? "newline_delimited" : "auto")}')", []);

    public static TableSource OfText(string path)
    {
        TextDialect dialect = TextDialect.Of(path);
        // Everything that decides where a cell begins is given: left to guess, DuckDB takes a ragged file for a table of one column, or skips its first
        // lines. Types are told by all rows, so that a word in the last one makes the column text instead of an error.
        string from = $"read_csv({Literal(path)}, delim = {Literal(dialect.Delimiter.ToString())}, quote = '\"', escape = '\"', skip = 0, comment = '', "
            + $"null_padding = false, ignore_errors = false, sample_size = -1, compression = '{(dialect.Compressed ? "gzip" : "none")}', "
            + $"encoding = '{dialect.Encoding}', nullstr = ['', 'NA', 'N/A', 'NaN', 'nan', 'NAN', 'null', 'NULL', '?'])";
        return new TableSource(path, from, dialect.Notes, dialect.Header);
    }
}
