namespace AnomalySharp.Tables;

/// <summary>One column of a table, before it is turned into features.</summary>
/// <param name="Name">Its header.</param>
public abstract record TableColumn(string Name)
{
    /// <summary>Number of cells.</summary>
    public abstract int Count { get; }

    /// <summary>The cells at <paramref name="rows"/>, copied.</summary>
    public abstract TableColumn Select(ReadOnlySpan<int> rows);

    /// <summary>Cell <paramref name="row"/> as text, empty where it is missing.</summary>
    public abstract string Text(int row);
}

/// <summary>Numbers; NaN where a cell is missing. Dates are seconds since 1970-01-01 UTC, truth values 0 and 1.</summary>
/// <param name="Name">Its header.</param>
/// <param name="Values">One value per row.</param>
/// <param name="IsDate">Whether the values are points in time.</param>
public sealed record NumberColumn(string Name, double[] Values, bool IsDate = false) : TableColumn(Name)
{
    /// <inheritdoc/>
    public override int Count => Values.Length;

    /// <inheritdoc/>
    public override TableColumn Select(ReadOnlySpan<int> rows)
    {
        double[] values = new double[rows.Length];
        for (int i = 0; i < rows.Length; i++) values[i] = Values[rows[i]];
        return this with { Values = values };
    }

    /// <inheritdoc/>
    public override string Text(int row) => double.IsNaN(Values[row]) ? ""
        : IsDate ? DateTime.UnixEpoch.AddSeconds(Values[row]).ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture)
        : Values[row].ToString("R", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Texts; null where a cell is missing.</summary>
/// <param name="Name">Its header.</param>
/// <param name="Values">One value per row.</param>
public sealed record TextColumn(string Name, string?[] Values) : TableColumn(Name)
{
    /// <inheritdoc/>
    public override int Count => Values.Length;

    /// <inheritdoc/>
    public override TableColumn Select(ReadOnlySpan<int> rows)
    {
        string?[] values = new string?[rows.Length];
        for (int i = 0; i < rows.Length; i++) values[i] = Values[rows[i]];
        return this with { Values = values };
    }

    /// <inheritdoc/>
    public override string Text(int row) => Values[row] ?? "";
}

/// <summary>Columns of equal length, as read from a file: the label column is not among them.</summary>
public sealed class Table
{
    /// <summary>The columns, in the file's order.</summary>
    public IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>Number of rows.</summary>
    public int Count { get; }

    /// <summary>Where it came from, for messages: a file name or a query.</summary>
    public string Source { get; }

    /// <summary>Number of the first row in the whole data, counted from 0, where this is a part of it: messages count from there.</summary>
    public long FirstRow { get; init; }

    /// <summary>A table of the given columns.</summary>
    /// <exception cref="DataException">Columns of unequal length, or two of one name.</exception>
    public Table(IReadOnlyList<TableColumn> columns, string source = "the table")
    {
        Columns = columns;
        Source = source;
        Count = columns.Count == 0 ? 0 : columns[0].Count;
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (TableColumn column in columns)
        {
            if (column.Count != Count) throw new DataException($"In {source}, column '{column.Name}' has {column.Count} cells and '{columns[0].Name}' {Count}.");
            if (!names.Add(column.Name)) throw new DataException($"In {source}, two columns are called '{column.Name}'. Rename one.");
        }
    }

    /// <summary>The rows at the given positions, copied.</summary>
    public Table Select(ReadOnlySpan<int> rows)
    {
        TableColumn[] columns = new TableColumn[Columns.Count];
        for (int j = 0; j < columns.Length; j++) columns[j] = Columns[j].Select(rows);
        return new Table(columns, Source) { FirstRow = RowNumbers.FirstOf(rows, FirstRow) };
    }
}
