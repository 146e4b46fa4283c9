using AnomalySharp.Tables;

namespace AnomalySharp.Preprocessing;

/// <summary>One feature that a table column became.</summary>
/// <param name="Name">Name of the feature, such as <c>amount</c>, <c>country=DE</c> or <c>age is missing</c>.</param>
/// <param name="Column">Name of the column that it comes from.</param>
public sealed record EncodedFeature(string Name, string Column);

/// <summary>A table as features, and what was odd about it.</summary>
/// <param name="Samples">One sample per row, not scaled.</param>
/// <param name="UnseenCategories">Per column that has any, the number of cells whose text did not occur in training.</param>
public sealed record EncodedTable(Samples Samples, IReadOnlyDictionary<string, int> UnseenCategories);

/// <summary>Turns the columns of a table into features, by name, as learnt from the training rows.</summary>
/// <remarks>
/// Numbers stay as they are; dates, and numbers far from 0 for their spread, have the training median subtracted, which float32 would drown in.
/// Texts become one feature per category (up to 20 where nothing else is asked for), or the share of training rows that have the category.
/// Missing numbers become the median, missing texts a category of their own, both with an indicator where training had any. Columns that are
/// constant or empty are left out, and so are those that identify rows: nearly all texts distinct, numbers that count the rows, or distinct
/// whole numbers under a name such as <c>id</c>. If there is exactly one identifier, it names the rows.
/// </remarks>
public sealed class TableEncoder
{
    // Rows are encoded in blocks that stay in cache, because columns are read one after another and rows written one after another.
    private const int BlockRows = 512;

    private readonly ColumnWriter[] _writers;
    private readonly SampleShape _shape;
    private readonly string[] _names;

    /// <summary>What becomes of each column of the training table.</summary>
    internal IReadOnlyList<EncodedColumn> Columns { get; }

    /// <summary>The features, in order.</summary>
    public IReadOnlyList<EncodedFeature> Features { get; }

    /// <summary>Columns whose cells are categories: a file that is to be encoded has them as texts, whatever else they could be taken for.</summary>
    public IReadOnlyList<string> TextColumns { get; }

    /// <summary>The column whose cells name the rows; null where no column, or more than one, identifies them.</summary>
    public string? RowNameColumn { get; }

    /// <summary>An encoder as it was learnt.</summary>
    /// <exception cref="DataException">No usable column is left.</exception>
    internal TableEncoder(IReadOnlyList<EncodedColumn> columns)
    {
        Columns = columns;
        Features = [.. columns.SelectMany(column => column.Features())];
        if (Features.Count == 0) throw new DataException("No usable column is left.");
        TextColumns = [.. columns.Where(column => column.Role is ColumnRole.OneHot or ColumnRole.Frequency).Select(column => column.Name)];
        _names = [.. Features.Select(feature => feature.Name)];
        _shape = new SampleShape(Features.Count);
        int offset = 0;
        List<ColumnWriter> writers = [];
        foreach (EncodedColumn column in columns.Where(column => column.Width > 0))
        {
            writers.Add(new ColumnWriter(column, offset));
            offset += column.Width;
        }
        _writers = [.. writers];
        EncodedColumn[] identifiers = [.. columns.Where(column => column.Role == ColumnRole.RowName)];
        RowNameColumn = identifiers.Length == 1 ? identifiers[0].Name : null;
    }

    /// <summary>Learns from the training rows.</summary>
    /// <param name="table">The training rows, without the label column.</param>
    /// <param name="encoding">How texts become features.</param>
    /// <param name="notes">Which columns were left out or imputed, and why.</param>
    /// <exception cref="DataException">No usable column is left, or a cell is infinite.</exception>
    public static TableEncoder Fit(Table table, CategoryEncoding encoding, out IReadOnlyList<string> notes)
    {
        List<string> said = [];
        List<EncodedColumn> columns = [];
        foreach (TableColumn column in table.Columns)
        {
            (EncodedColumn learnt, string? note) = ColumnLearner.Learn(column, encoding, table);
            columns.Add(learnt);
            if (note is not null) said.Add(note);
        }
        notes = said;
        if (columns.All(column => column.Width == 0))
        {
            string why = columns.Count == 0 ? "It has no columns besides the labels." : string.Join(" ", said.Take(10));
            throw new DataException($"In {table.Source}, no usable column is left. {why} Add a column that varies from row to row.");
        }
        return new TableEncoder(columns);
    }

    /// <summary>Encodes rows of a table with the same columns, in any order. Columns that training left out may be there or not.</summary>
    /// <exception cref="DataException">A column is missing, new, or of another type, or a cell is infinite.</exception>
    public EncodedTable Encode(Table table)
    {
        RequireColumns(table);
        Dictionary<string, TableColumn> byName = table.Columns.ToDictionary(column => column.Name, StringComparer.Ordinal);
        ColumnCells[] cells = [.. _writers.Select(writer => ColumnCells.For(writer.Column, byName[writer.Column.Name], table))];
        int width = Features.Count;
        if ((long)table.Count * width > Array.MaxLength)
        {
            throw new DataException($"{table.Source} has {table.Count} rows of {width} features, more than one array holds. Read it in parts.");
        }
        float[] values = new float[table.Count * width];
        int[] unseen = new int[_writers.Length];
        for (int start = 0; start < table.Count; start += BlockRows)
        {
            int end = Math.Min(start + BlockRows, table.Count);
            for (int j = 0; j < _writers.Length; j++) unseen[j] += _writers[j].Write(cells[j], start, end, values, width, table);
        }
        Dictionary<string, int> counted = new(StringComparer.Ordinal);
        for (int j = 0; j < unseen.Length; j++)
        {
            if (unseen[j] > 0) counted.Add(_writers[j].Column.Name, unseen[j]);
        }
        TableColumn? names = RowNameColumn is null ? null : byName.GetValueOrDefault(RowNameColumn);
        Samples samples = new(values, _shape, featureNames: _names, rowNames: names is null ? null : new CellTexts(names, table.FirstRow))
        {
            FirstRow = table.FirstRow,
        };
        return new EncodedTable(samples, counted);
    }

    private void RequireColumns(Table table)
    {
        HashSet<string> present = [.. table.Columns.Select(column => column.Name)];
        HashSet<string> known = [.. Columns.Select(column => column.Name)];
        string[] missing = [.. Columns.Where(column => column.IsUsed && !present.Contains(column.Name)).Select(column => column.Name)];
        string[] added = [.. table.Columns.Where(column => !known.Contains(column.Name)).Select(column => column.Name)];
        if (missing.Length + added.Length == 0) return;
        throw TableErrors.Columns(table, missing, added, Columns.Where(column => column.IsUsed).Select(column => column.Name));
    }
}
