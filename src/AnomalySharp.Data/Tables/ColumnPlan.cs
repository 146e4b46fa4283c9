using System.Text.RegularExpressions;
using AnomalySharp.Tables;
using static AnomalySharp.Data.Tables.DuckDb;

namespace AnomalySharp.Data.Tables;

/// <summary>What becomes of a column: DuckDB itself turns it into DOUBLE or VARCHAR, so that only these two have to be read.</summary>
/// <param name="Name">Its header.</param>
/// <param name="Expression">The SQL that gives its cells.</param>
/// <param name="IsNumber">Whether the cells are numbers.</param>
/// <param name="IsDate">Whether they are points in time, in seconds.</param>
internal sealed partial record ColumnPlan(string Name, string Expression, bool IsNumber, bool IsDate)
{
    /// <summary>The columns to read.</summary>
    /// <exception cref="DataException">Two columns of one name, or none that can be used.</exception>
    public static (ColumnPlan[] Columns, IReadOnlyList<string> Notes) Of(TableSource source, IReadOnlyList<(string Name, string Type)> columns)
    {
        List<string> notes = [.. source.Notes];
        List<ColumnPlan> plans = [];
        RequireUnique(source.Name, columns.Select(column => column.Name));
        if (columns.All((column) => GeneratedName().IsMatch(column.Name)) && source.Header?[0] != columns[0].Name)
        {
            notes.Add($"'{Path.GetFileName(source.Name)}' has no header line; its columns are called {columns[0].Name} to {columns[^1].Name}.");
        }
        else if (source.Header is not null)
        {
            // DuckDB renames the second of two equal names, and a model would then look for a column that nobody wrote.
            RequireUnique(source.Name, source.Header.Select(name => name.Trim()).Where(name => name.Length > 0));
        }
        foreach ((string name, string type) in columns)
        {
            string cell = Identifier(name);
            if (type.EndsWith(']') || type.StartsWith("STRUCT", StringComparison.Ordinal) || type.StartsWith("MAP", StringComparison.Ordinal)
                || type.StartsWith("UNION", StringComparison.Ordinal))
            {
                notes.Add($"Column '{name}' was left out: it holds lists or records ({type}).");
                continue;
            }
            plans.Add(type.Split('(')[0] switch
            {
                "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT" or "HUGEINT" or "UTINYINT" or "USMALLINT" or "UINTEGER" or "UBIGINT" or "UHUGEINT"
                    or "BIGNUM" or "FLOAT" or "DOUBLE" or "DECIMAL" or "BOOLEAN" => new ColumnPlan(name, $"CAST({cell} AS DOUBLE)", true, false),
                "DATE" or "TIMESTAMP" or "TIMESTAMP_S" or "TIMESTAMP_MS" or "TIMESTAMP_NS" or "TIMESTAMP WITH TIME ZONE" =>
                    new ColumnPlan(name, $"CAST(epoch({cell}) AS DOUBLE)", true, true),
                "TIME" or "INTERVAL" => new ColumnPlan(name, $"CAST(epoch({cell}) AS DOUBLE)", true, false),
                _ => new ColumnPlan(name, $"CAST({cell} AS VARCHAR)", false, false),
            });
        }
        if (plans.Count == 0) throw new DataException($"'{source.Name}' has no column that can be used: all hold lists or records. Select their fields with --sql.");
        return ([.. plans], notes);
    }

    /// <summary>Room for cells of this column.</summary>
    public Array NewCells(int count) => IsNumber ? new double[count] : new string?[count];

    /// <summary>The column with the given cells.</summary>
    public TableColumn ToColumn(Array cells) =>
        cells is double[] numbers ? new NumberColumn(Name, numbers, IsDate) : new TextColumn(Name, (string?[])cells);

    private static void RequireUnique(string source, IEnumerable<string> names)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (string name in names)
        {
            if (!seen.Add(name)) throw new DataException($"In '{source}', two columns are called '{name}'. Rename one.");
        }
    }

    [GeneratedRegex(@"^column\d+$")]
    private static partial Regex GeneratedName();
}
