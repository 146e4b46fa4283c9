using DuckDB.NET.Native;
using static DuckDB.NET.Native.NativeMethods;

namespace AnomalySharp.Data.Tables;

/// <summary>
/// An in-memory DuckDB database with one connection, never touching the network. Its native interface is used directly because it hands out whole
/// vectors, where the ADO reader boxes every cell.
/// </summary>
internal sealed class DuckDb : IDisposable
{
    private readonly DuckDBDatabase _database;
    private readonly DuckDBNativeConnection _connection;
    private readonly string _spill = Path.Combine(Path.GetTempPath(), $"anomalysharp-{Guid.NewGuid():N}");

    private readonly Lock _closing = new();
    private Timer? _canceller;
    private bool _closed;

    public DuckDb()
    {
        Configuration.DuckDBCreateConfig(out DuckDBConfig config);
        using (config)
        {
            // No extension is fetched or loaded: tables in CSV, Parquet and JSON are built in, and reading a file must not reach for the network.
            Set("autoinstall_known_extensions", "false");
            Set("autoload_known_extensions", "false");
            Set("memory_limit", "640MB");
            // Otherwise a query that spills leaves a folder in the current one.
            Set("temp_directory", _spill);
            if (Startup.DuckDBOpen(":memory:", out _database, config, out string? error) == DuckDBState.Error)
            {
                throw new DataException($"The table engine does not start: {error}");
            }
            void Set(string name, string value) => Configuration.DuckDBSetConfig(config, name, value);
        }
        if (Startup.DuckDBConnect(_database, out _connection) == DuckDBState.Error) throw new DataException("The table engine does not start.");
    }

    /// <summary>Runs a statement and throws its result away.</summary>
    /// <exception cref="DuckDbException">It failed.</exception>
    public void Execute(string sql)
    {
        DuckDBState state = NativeMethods.Query.DuckDBQuery(_connection, sql, out DuckDBResult result);
        string? error = state == DuckDBState.Error ? NativeMethods.Query.DuckDBResultError(ref result) : null;
        NativeMethods.Query.DuckDBDestroyResult(ref result);
        if (error is not null) throw new DuckDbException(error);
    }

    /// <summary>Runs a query whose result is fetched bit by bit.</summary>
    /// <inheritdoc cref="Execute" path="/exception"/>
    public QueryResult Query(string sql)
    {
        DuckDBState state = PreparedStatements.DuckDBPrepare(_connection, sql, out DuckDBPreparedStatement statement);
        using (statement)
        {
            if (state == DuckDBState.Error) throw new DuckDbException(PreparedStatements.DuckDBPrepareError(statement));
            state = PreparedStatements.DuckDBExecutePreparedStreaming(statement, out DuckDBResult result);
            if (state == DuckDBState.Success) return new QueryResult(result);
            string error = NativeMethods.Query.DuckDBResultError(ref result);
            NativeMethods.Query.DuckDBDestroyResult(ref result);
            throw new DuckDbException(error);
        }
    }

    /// <summary>The rows of a small result of VARCHAR columns; empty where a cell is missing.</summary>
    /// <inheritdoc cref="Execute" path="/exception"/>
    public List<string[]> Texts(string sql)
    {
        using QueryResult result = Query(sql);
        List<string[]> rows = [];
        TextPool pool = new();
        while (result.Next())
        {
            int first = rows.Count;
            for (int i = 0; i < result.Count; i++) rows.Add(new string[result.ColumnCount]);
            string?[] cells = new string?[result.Count];
            for (int j = 0; j < result.ColumnCount; j++)
            {
                result.CopyTexts(j, 0, cells, pool);
                for (int i = 0; i < cells.Length; i++) rows[first + i][j] = cells[i] ?? "";
            }
        }
        return rows;
    }

    /// <summary>Stops what runs now and what is started later, from any thread.</summary>
    public void Cancel()
    {
        lock (_closing)
        {
            // An interruption that comes just before a statement starts is forgotten by it, so one is not enough.
            if (!_closed) _canceller ??= new Timer(_ => Interrupt(), null, 0, 20);
        }
    }

    private void Interrupt()
    {
        lock (_closing)
        {
            if (!_closed) Startup.DuckDBInterrupt(_connection);
        }
    }

    /// <summary>A text as an SQL literal.</summary>
    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>A name as an SQL identifier.</summary>
    public static string Identifier(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public void Dispose()
    {
        lock (_closing)
        {
            _closed = true;
            _canceller?.Dispose();
        }
        _connection.Dispose();
        _database.Dispose();
        if (Directory.Exists(_spill)) Directory.Delete(_spill, recursive: true);
    }
}

/// <summary>DuckDB's own words, which run over many lines: <see cref="DuckDbErrors"/> makes a message of them.</summary>
internal sealed class DuckDbException(string message) : Exception(message);
