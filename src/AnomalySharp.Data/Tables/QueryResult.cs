using System.Text;
using DuckDB.NET.Native;
using static DuckDB.NET.Native.NativeMethods;

namespace AnomalySharp.Data.Tables;

/// <summary>The rows of a query in chunks of some thousand, of columns that are DOUBLE or VARCHAR.</summary>
internal sealed unsafe class QueryResult(DuckDBResult result) : IDisposable
{
    private DuckDBResult _result = result;
    private DuckDBDataChunk? _chunk;

    /// <summary>Rows of the current chunk.</summary>
    public int Count { get; private set; }

    /// <summary>Number of columns.</summary>
    public int ColumnCount => (int)NativeMethods.Query.DuckDBColumnCount(ref _result);

    /// <summary>Goes on to the next chunk.</summary>
    /// <returns>False after the last.</returns>
    /// <exception cref="DuckDbException">The query failed on the way.</exception>
    public bool Next()
    {
        _chunk?.Dispose();
        _chunk = null;
        DuckDBDataChunk chunk = NativeMethods.Query.DuckDBFetchChunk(_result);
        if (chunk.IsInvalid)
        {
            chunk.Dispose();
            string? error = NativeMethods.Query.DuckDBResultError(ref _result);
            return string.IsNullOrEmpty(error) ? false : throw new DuckDbException(error);
        }
        _chunk = chunk;
        Count = (int)DataChunks.DuckDBDataChunkGetSize(chunk);
        return Count > 0 || Next();
    }

    /// <summary>Copies cells of a DOUBLE column; NaN where there is none.</summary>
    public void CopyNumbers(int column, int start, Span<double> target)
    {
        nint vector = DataChunks.DuckDBDataChunkGetVector(_chunk!, column);
        new ReadOnlySpan<double>((double*)Vectors.DuckDBVectorGetData(vector) + start, target.Length).CopyTo(target);
        ulong* valid = Vectors.DuckDBVectorGetValidity(vector);
        if (valid is null) return;
        for (int i = 0; i < target.Length; i++)
        {
            if (!IsValid(valid, start + i)) target[i] = double.NaN;
        }
    }

    /// <summary>Copies cells of a VARCHAR column; null where there is none.</summary>
    /// <param name="column">Position of the column.</param>
    /// <param name="start">First row of the chunk.</param>
    /// <param name="target">Where to.</param>
    /// <param name="pool">Texts that occurred before: categories then exist once, not once per row.</param>
    public void CopyTexts(int column, int start, Span<string?> target, TextPool pool)
    {
        nint vector = DataChunks.DuckDBDataChunkGetVector(_chunk!, column);
        DuckDBString* texts = (DuckDBString*)Vectors.DuckDBVectorGetData(vector) + start;
        ulong* valid = Vectors.DuckDBVectorGetValidity(vector);
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = valid is not null && !IsValid(valid, start + i) ? null : pool.Get(new ReadOnlySpan<byte>(texts[i].Data, texts[i].Length));
        }
    }

    public void Dispose()
    {
        _chunk?.Dispose();
        NativeMethods.Query.DuckDBDestroyResult(ref _result);
    }

    private static bool IsValid(ulong* valid, int row) => (valid[row >> 6] >> (row & 63) & 1) != 0;
}

/// <summary>Gives equal texts the same string, as long as there are few different ones.</summary>
internal sealed class TextPool
{
    private const int MostTexts = 4_096, LongestText = 128;
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public TextPool() => _lookup = _texts.GetAlternateLookup<ReadOnlySpan<char>>();

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > LongestText) return Encoding.UTF8.GetString(utf8);
        Span<char> characters = stackalloc char[LongestText];
        characters = characters[..Encoding.UTF8.GetChars(utf8, characters)];
        if (_lookup.TryGetValue(characters, out string? known)) return known;
        string text = new(characters);
        if (_texts.Count < MostTexts) _texts.Add(text);
        return text;
    }
}
