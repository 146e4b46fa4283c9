using AnomalySharp.Tables;
using static AnomalySharp.Data.Tables.DuckDb;

namespace AnomalySharp.Data.Tables;

/// <summary>What becomes of a column: DuckDB itself turns it into DOUBLE or VARCHAR, so that only these two have to be read.</summary>
/// <param name="Name">Its header.</param>
/// <param name="Expression">The SQL that gives its cells.</param>
/// <param name="IsNumber">Whether the cells are numbers.</param>
/// <param name="IsDate">Whether they are points in time, in seconds.</param>
internal sealed record ColumnPlan(string Name, string Expression, bool IsNumber, bool IsDate)
{
    /// <summary>The columns to read.</summary>
    /// <exception cref="DataException">Two columns of one name, or none that can be used.</exception>
    public static (ColumnPlan[] Columns, IReadOnlyList<string> Notes) Of(
        TableSource source, IReadOnlyList<string[]> columns, IReadOnlyList<string> textColumns)
    {
        List<string> notes = [.. source.Notes];
        List<ColumnPlan> plans = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (string[] column in columns)
        {
            (string name, string type) = (column[0], column[1]);
            if (!seen.Add(name)) throw new DataException($"In '{source.Name}', two columns are called '{name}'. Rename one.");
            string cell = Identifier(name);
            if (type.EndsWith(']') || type.StartsWith("STRUCT", StringComparison.Ordinal) || type.StartsWith("MAP", StringComparison.Ordinal)
                || type.StartsWith("UNION", StringComparison.Ordinal))
            {
                notes.Add($"Column '{name}' was left out: it holds lists or records ({type}).");
                continue;
            }
            plans.Add(type.Split('(')[0] switch
            {
                // Fractions are left to be written as they always are here: DuckDB writes 1.0 for 1.
                not ("FLOAT" or "DOUBLE" or "DECIMAL") when textColumns.Contains(name) => Text(name),
                "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT" or "HUGEINT" or "UTINYINT" or "USMALLINT" or "UINTEGER" or "UBIGINT" or "UHUGEINT"
                    or "BIGNUM" or "FLOAT" or "DOUBLE" or "DECIMAL" or "BOOLEAN" => new ColumnPlan(name, $"CAST({cell} AS DOUBLE)", true, false),
                "DATE" or "TIMESTAMP" or "TIMESTAMP_S" or "TIMESTAMP_MS" or "TIMESTAMP_NS" or "TIMESTAMP WITH TIME ZONE" =>
                    new ColumnPlan(name, $"CAST(epoch({cell}) AS DOUBLE)", true, true),
                "TIME" or "INTERVAL" => new ColumnPlan(name, $"CAST(epoch({cell}) AS DOUBLE)", true, false),
                _ => Text(name),
            });
        }
        if (plans.Count == 0)
        {
            throw new DataException(
                $"'{source.Name}' has no column that can be used: all hold lists or records. Select their fields with --sql.");
        }
        return ([.. plans], notes);
    }

    private static ColumnPlan Text(string name) => new(name, $"CAST({Identifier(name)} AS VARCHAR)", false, false);

    /// <summary>Room for cells of this column.</summary>
    public Array NewCells(int count) => IsNumber ? new double[count] : new string?[count];

    /// <summary>The column with the given cells.</summary>
    public TableColumn ToColumn(Array cells) =>
        cells is double[] numbers ? new NumberColumn(Name, numbers, IsDate) : new TextColumn(Name, (string?[])cells);
}
