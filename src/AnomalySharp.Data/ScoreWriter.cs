using System.Globalization;
using System.Text;
using AnomalySharp.Data.Tables;
using AnomalySharp.Persistence;

namespace AnomalySharp.Data;

/// <summary>
/// Writes scores to a <c>.csv</c>, <c>.tsv</c> or <c>.parquet</c> file, block after block: columns <c>row, score, probability, anomaly</c>
/// (0 or 1), and <c>explanation</c> where it is given. The file appears when <see cref="Complete"/> is called, whole.
/// </summary>
public sealed class ScoreWriter : IDisposable
{
    private readonly string _path;
    private readonly bool _explained, _parquet;
    private readonly byte _delimiter;
    private readonly string _temporary;
    private readonly FileStream _stream;
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _used;
    private long _position;
    private bool _named;

    /// <summary>Starts a file; the format is told by the ending.</summary>
    /// <param name="path">Where the file will be.</param>
    /// <param name="explained">Whether there is a column <c>explanation</c>.</param>
    /// <exception cref="OptionException">Unknown ending.</exception>
    /// <exception cref="AnomalySharpException">The folder is missing or not writable.</exception>
    public ScoreWriter(string path, bool explained = false) : this(path, explained, null) { }

    /// <summary>Writes to <paramref name="stream"/>, where a test gives one, instead of the temporary file.</summary>
    internal ScoreWriter(string path, bool explained, FileStream? stream)
    {
        string ending = Path.GetExtension(path).ToLowerInvariant();
        if (ending is not (".csv" or ".tsv" or ".parquet"))
        {
            throw new OptionException($"Scores are written to .csv, .tsv or .parquet, not to '{path}'. Choose one of these endings.");
        }
        (_path, _explained, _parquet) = (path, explained, ending == ".parquet");
        _delimiter = ending == ".tsv" ? (byte)'\t' : (byte)',';
        if (Directory.Exists(path)) throw new AnomalySharpException($"Cannot write '{path}': it is a folder. Give the name of a file.");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder)) throw new AnomalySharpException($"Cannot write '{path}': the folder '{folder}' does not exist. Create it first.");
        _temporary = AtomicFile.TemporaryName(path);
        try
        {
            _stream = stream ?? new FileStream(_temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What the system says would name the temporary file.
            throw new AnomalySharpException($"Cannot write '{path}': the folder '{folder}' is not writable. Choose another --out.", e);
        }
        string[] names = ["row", "score", "probability", "anomaly", .. explained ? ["explanation"] : Array.Empty<string>()];
        Append(Encoding.UTF8.GetBytes(string.Join((char)_delimiter, names) + "\n"));
    }

    /// <summary>Appends scored samples. Rows without names are numbered on from the last block, from 0.</summary>
    /// <param name="scored">The block.</param>
    /// <param name="explanations">One text per sample, or null.</param>
    /// <exception cref="AnomalySharpException">It cannot be written.</exception>
    public void Write(ScoredSamples scored, IReadOnlyList<string>? explanations = null)
    {
        if (explanations is not null && explanations.Count != scored.Count)
        {
            throw new ArgumentException($"{scored.Count} samples need {scored.Count} explanations, not {explanations.Count}.", nameof(explanations));
        }
        ReadOnlySpan<float> scores = scored.Scores.Span, probabilities = scored.Probabilities.Span;
        _named |= scored.RowNames is not null;
        for (int i = 0; i < scores.Length; i++)
        {
            if (scored.RowNames is IReadOnlyList<string> names) AppendText(names[i]);
            else AppendNumber(_position);
            _position++;
            AppendByte(_delimiter);
            AppendNumber(scores[i]);
            AppendByte(_delimiter);
            AppendNumber(probabilities[i]);
            AppendByte(_delimiter);
            AppendByte(scored.IsAnomaly(i) ? (byte)'1' : (byte)'0');
            if (_explained)
            {
                AppendByte(_delimiter);
                if (explanations is not null) AppendText(explanations[i]);
            }
            AppendByte((byte)'\n');
        }
    }

    /// <summary>Finishes the file and renames it into place.</summary>
    /// <exception cref="AnomalySharpException">It cannot be written; an old file stays as it was.</exception>
    public void Complete()
    {
        try
        {
            Flush();
            _stream.Flush(flushToDisk: true);
            _stream.Dispose();
            if (_parquet) AtomicFile.WriteFile(_path, ToParquet);
            else File.Move(_temporary, _path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failure(e);
        }
    }

    /// <summary>Removes what was written, unless <see cref="Complete"/> was called.</summary>
    public void Dispose()
    {
        _stream.Dispose();
        File.Delete(_temporary);
    }

    // The rows wait as text until all are there: Parquet is written in groups of rows, and whether 'row' holds numbers is only known at the end.
    private void ToParquet(string target)
    {
        string columns = $"'row': '{(_named ? "VARCHAR" : "BIGINT")}', 'score': 'FLOAT', 'probability': 'FLOAT', 'anomaly': 'TINYINT'"
            + (_explained ? ", 'explanation': 'VARCHAR'" : "");
        using DuckDb database = new();
        try
        {
            database.Execute(
                $"COPY (SELECT * FROM read_csv({DuckDb.Literal(_temporary)}, auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', "
                + $"columns = {{{columns}}})) TO {DuckDb.Literal(target)} (FORMAT parquet)");
        }
        catch (DuckDbException e)
        {
            throw new IOException(e.Message.Split('\n')[0], e);
        }
    }

    private void AppendNumber<T>(T number) where T : IUtf8SpanFormattable
    {
        Reserve(32);
        // The shortest text that reads back as the same number is the default.
        number.TryFormat(_buffer.AsSpan(_used), out int written, default, CultureInfo.InvariantCulture);
        _used += written;
    }

    private void AppendText(string text)
    {
        bool quoted = text.AsSpan().IndexOfAny("\"\r\n") >= 0 || text.Contains((char)_delimiter);
        Append(Encoding.UTF8.GetBytes(quoted ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text));
    }

    private void AppendByte(byte value)
    {
        Reserve(1);
        _buffer[_used++] = value;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Reserve(1);
            int count = Math.Min(bytes.Length, _buffer.Length - _used);
            bytes[..count].CopyTo(_buffer.AsSpan(_used));
            _used += count;
            bytes = bytes[count..];
        }
    }

    private void Reserve(int count)
    {
        if (_buffer.Length - _used < count) Flush();
    }

    private void Flush()
    {
        try
        {
            _stream.Write(_buffer, 0, _used);
            _used = 0;
        }
        catch (IOException e)
        {
            throw Failure(e);
        }
    }

    private AnomalySharpException Failure(Exception reason) =>
        new($"Cannot write '{_path}': {reason.Message} Nothing was changed; free some space or choose another --out.", reason);
}
