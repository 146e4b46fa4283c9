using AnomalySharp.Tables;

namespace AnomalySharp.Data.Tables;

/// <summary>Tables as datasets: the label column is taken out and turned into labels.</summary>
internal static class TableReader
{
    public static IEnumerable<Dataset> ReadBlocks(FileKind kind, string? path, ReadOptions options, int blockRows, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using TableStream stream = new(database => kind switch
        {
            FileKind.Sql => TableSource.OfSql(options.Sql!),
            FileKind.Parquet => TableSource.OfParquet(path!),
            FileKind.Json => TableSource.OfJson(path!, lines: false),
            FileKind.JsonLines => TableSource.OfJson(path!, lines: true),
            _ => TextTable.Open(database, path!, options.TextColumns),
        }, options.TextColumns, cancellation);
        LabelMap? map = options.LabelColumn is string column ? new LabelMap(stream.Name, column, options.AnomalyValue) : null;
        IReadOnlyList<string> notes = stream.Notes;
        bool any = false;
        while (stream.Next(blockRows) is Table table)
        {
            any = true;
            Dataset block = WithLabels(table, map, options);
            if (blockRows == int.MaxValue && map is { Seen.Count: > 0 } && options.AnomalyValue is string value && !block.Labels!.Contains((byte)1))
            {
                notes = [.. notes, $"No label of '{stream.Name}' is '{value}': all rows count as normal. There are: {string.Join(", ", map.Seen.Take(10))}."];
            }
            yield return block.Table == table && notes.Count == 0 ? block : new Dataset(block.Table!, block.Labels) { Notes = notes };
            // What the reader has to say is said once, with the first block.
            notes = [];
        }
        if (!any)
        {
            // DuckDB calls the only column of a file without objects 'json', which nobody wrote.
            throw new DataException(kind == FileKind.Sql
                ? "The query gives no rows. Check its conditions."
                : kind is FileKind.Json or FileKind.JsonLines
                ? $"'{stream.Name}' holds no rows. Give at least one object, such as {{\"a\": 1}}."
                : $"'{stream.Name}' has no rows, only column names ({string.Join(", ", stream.ColumnNames.Take(10))}). Give at least one row.");
        }
    }

    private static Dataset WithLabels(Table table, LabelMap? map, ReadOptions options)
    {
        if (map is null) return new Dataset(table);
        TableColumn? labels = table.Columns.FirstOrDefault(column => column.Name == options.LabelColumn);
        if (labels is not null)
        {
            return new Dataset(new Table([.. table.Columns.Where(column => column != labels)], table.Source) { FirstRow = table.FirstRow }, map.Of(labels, table.FirstRow));
        }
        if (options.LabelOptional) return new Dataset(table);
        string names = string.Join(", ", table.Columns.Take(50).Select(column => column.Name));
        throw new DataException($"'{table.Source}' has no column '{options.LabelColumn}' for the labels. Its columns are: {names}.");
    }
}
