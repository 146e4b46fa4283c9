using AnomalySharp.Tables;

namespace AnomalySharp.Data.Tables;

/// <summary>Reads a table in blocks of rows, or all of it as one block.</summary>
internal sealed class TableStream : IDisposable
{
    private readonly DuckDb _database = new();
    private readonly TableSource _source;
    private readonly ColumnPlan[] _columns;
    private readonly TextPool[] _pools;
    private readonly QueryResult _result;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _interrupt;
    private int _position, _expected;
    private long _rows;

    /// <summary>Columns left out, a header that is missing.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>The columns that are read.</summary>
    public IEnumerable<string> ColumnNames => _columns.Select(column => column.Name);

    /// <summary>Where it comes from, for messages.</summary>
    public string Name => _source.Name;

    /// <summary>Starts reading.</summary>
    /// <param name="open">Says what to read.</param>
    /// <param name="textColumns">Columns that are texts, whatever the source makes of them.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="DataException">The file or query cannot be read.</exception>
    public TableStream(Func<DuckDb, TableSource> open, IReadOnlyList<string> textColumns, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        _interrupt = cancellation.Register(_database.Cancel);
        try
        {
            TableSource source = _source = open(_database);
            (_columns, Notes) = ColumnPlan.Of(source, Describe(), textColumns);
            _pools = [.. _columns.Select(_ => new TextPool())];
            string select = string.Join(", ", _columns.Select(column => column.Expression));
            _result = Guard(() => _database.Query($"SELECT {select} FROM {source.From}"));
            _position = Guard(_result.Next) ? 0 : -1;
        }
        catch (Exception e)
        {
            Dispose();
            // The sniffer, too, fails when it is interrupted.
            if (e is not OperationCanceledException) cancellation.ThrowIfCancellationRequested();
            throw;
        }
    }

    /// <summary>The next rows, at most <paramref name="most"/>; null after the last.</summary>
    public Table? Next(int most)
    {
        if (_position < 0) return null;
        Array[] cells = [.. _columns.Select(column => column.NewCells(Math.Min(most, Math.Max(_expected, _result.Count))))];
        int count = 0;
        while (count < most && _position >= 0)
        {
            _cancellation.ThrowIfCancellationRequested();
            int rows = Math.Min(most - count, _result.Count - _position);
            for (int j = 0; j < _columns.Length; j++)
            {
                cells[j] = Grown(cells[j], count, rows, most);
                if (cells[j] is double[] numbers) _result.CopyNumbers(j, _position, numbers.AsSpan(count, rows));
                else _result.CopyTexts(j, _position, ((string?[])cells[j]).AsSpan(count, rows), _pools[j]);
            }
            count += rows;
            _position += rows;
            if (_position == _result.Count) _position = Guard(_result.Next) ? 0 : -1;
        }
        _expected = count;
        long first = _rows;
        _rows += count;
        return new Table([.. _columns.Select((column, j) => column.ToColumn(Trimmed(cells[j], count)))], _source.Name) { FirstRow = first };
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        _result?.Dispose();
        _database.Dispose();
    }

    private List<string[]> Describe() =>
        Guard(() => _database.Texts($"SELECT column_name, column_type FROM (DESCRIBE {_source.Select}\n)"));

    private T Guard<T>(Func<T> run)
    {
        try
        {
            return run();
        }
        catch (DuckDbException e)
        {
            // An interrupted query fails as any other does.
            _cancellation.ThrowIfCancellationRequested();
            throw DuckDbErrors.Explain(_source, e);
        }
    }

    private static Array Grown(Array cells, int count, int rows, int most)
    {
        if (count + rows <= cells.Length) return cells;
        return Trimmed(cells, (int)Math.Min(most, Math.Max(count + rows, 2L * cells.Length)));
    }

    private static Array Trimmed(Array cells, int length)
    {
        if (cells.Length == length) return cells;
        if (cells is double[] numbers)
        {
            Array.Resize(ref numbers, length);
            return numbers;
        }
        string?[] texts = (string?[])cells;
        Array.Resize(ref texts, length);
        return texts;
    }
}
