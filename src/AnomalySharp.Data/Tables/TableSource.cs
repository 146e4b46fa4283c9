using static AnomalySharp.Data.Tables.DuckDb;

namespace AnomalySharp.Data.Tables;

/// <summary>What a table is read from, as DuckDB is told.</summary>
/// <param name="Name">For messages: the file, or <see cref="Query"/>.</param>
/// <param name="From">What stands after FROM.</param>
/// <param name="Notes">What was odd about the file.</param>
internal sealed record TableSource(string Name, string From, IReadOnlyList<string> Notes)
{
    /// <summary>The query whose columns are to be described. A query as it was written: in brackets, errors name the brackets, and equal names differ.</summary>
    public string Select { get; init; } = $"SELECT * FROM {From}";

    /// <summary>The name of a query.</summary>
    public const string Query = "the query";

    public static TableSource OfSql(string sql)
    {
        string query = sql.Trim().TrimEnd(';');
        if (query.Length == 0) throw new OptionException("The query is empty. Give one such as --sql \"select * from 'file.parquet'\".");
        // The line break ends a comment at the end of the query.
        return new TableSource(Query, $"({query}\n)", []) { Select = query };
    }

    public static TableSource OfParquet(string path) => new(path, $"read_parquet({FileLiteral(path)})", []);

    public static TableSource OfJson(string path, bool lines) =>
        new(path, $"read_json({FileLiteral(path)}, sample_size = -1, format = '{(lines ? "newline_delimited" : "auto")}')", []);

    /// <summary>A file's name as an SQL literal; its brackets and stars are no pattern.</summary>
    public static string FileLiteral(string path) => Literal(string.Concat(path.Select(c => c is '*' or '?' or '[' ? $"[{c}]" : c.ToString())));
}
