using AnomalySharp.Data.Arrays;
using AnomalySharp.Data.Graphs;
using AnomalySharp.Data.Images;
using AnomalySharp.Data.Tables;
using AnomalySharp.Data.Video;

namespace AnomalySharp.Data;

/// <summary>Reads whatever a path names: a table, arrays, pictures, videos.</summary>
/// <remarks>
/// Tables are <c>.csv</c>, <c>.tsv</c>, <c>.txt</c>, <c>.json</c>, <c>.jsonl</c>, <c>.ndjson</c> (each also with <c>.gz</c>), <c>.parquet</c>, and
/// queries; arrays are <c>.npz</c> and <c>.npy</c>; pictures are IDX and CIFAR-10 files, picture files, and folders of these. A file whose ending
/// says nothing is told by its first bytes. An <c>.npz</c> with an array <c>edge_index</c>, and rows with <see cref="ReadOptions.Edges"/>, are graphs. Videos
/// are files that ffmpeg decodes, raw frames where <see cref="ReadOptions.Frame"/> says their size, and folders of these; pictures of a folder are frames, too,
/// where windows are cut from them.
/// </remarks>
public static class DatasetReader
{
    /// <summary>Reads all of it into memory. The kind is told by the name's ending and the first bytes.</summary>
    /// <param name="path">A file or folder; ignored where <see cref="ReadOptions.Sql"/> is set.</param>
    /// <param name="options">Label column and the like.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="DataException">Missing, unreadable, malformed: the message names file, row and column.</exception>
    public static Dataset Read(string? path, ReadOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new ReadOptions();
        FileKind found = FileKinds.Of(path, options);
        if (found.IsTable && options.LabelsFile is not null)
        {
            throw new DataException($"'{path}' is a table, which has its labels in a column: name it with --label.");
        }
        Dataset data = found switch
        {
            FileKind.Arrays => NpzReader.Read(path!, options, cancellation),
            FileKind.Idx => IdxReader.Read(path!, options, cancellation),
            FileKind.Cifar => CifarReader.Read(path!, options, cancellation),
            FileKind.Images => ImageReader.Read(path!, options with { ImageSize = options.ImageSize ?? SizeOf(options.Frame) }, cancellation),
            FileKind.Video => VideoReader.Read(path!, options, cancellation),
            FileKind kind => TableReader.ReadBlocks(kind, path, options, int.MaxValue, cancellation).Single(),
        };
        if (options.LabelsFile is { } labels) data = data.WithLabels(LabelsFile.Read(labels, data.Count, options.AnomalyValue, cancellation));
        return options.Edges is null ? data : EdgeTable.Connect(data, options, cancellation);
    }

    private static (int Width, int Height)? SizeOf((int Width, int Height, int? Channels)? frame) => frame is { } size ? (size.Width, size.Height) : null;

    /// <summary>Reads block after block, so that a table larger than memory can be scored. A graph is one block.</summary>
    /// <inheritdoc cref="Read"/>
    /// <param name="path">A file or folder; ignored where <see cref="ReadOptions.Sql"/> is set.</param>
    /// <param name="options">Label column and the like.</param>
    /// <param name="blockRows">Most rows of one block.</param>
    /// <param name="cancellation">Stops reading.</param>
    public static IEnumerable<Dataset> ReadBlocks(
        string? path, ReadOptions? options = null, int blockRows = 65_536, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blockRows);
        options ??= new ReadOptions();
        FileKind kind = FileKinds.Of(path, options);
        return kind.IsTable && options.Edges is null && options.LabelsFile is null
            ? TableReader.ReadBlocks(kind, path, options, blockRows, cancellation)
            : Blocks(Read(path, options, cancellation), blockRows);
    }

    private static IEnumerable<Dataset> Blocks(Dataset whole, int blockRows)
    {
        if (whole.Count == 0) yield break;
        if (whole.Graph is not null) blockRows = whole.Count;
        for (int start = 0; start < whole.Count; start += blockRows)
        {
            int count = Math.Min(blockRows, whole.Count - start);
            if (count == whole.Count)
            {
                yield return whole;
                yield break;
            }
            // What the reader has to say is said once, with the first block.
            IReadOnlyList<string> notes = start == 0 ? whole.Notes : [];
            yield return whole.Samples is Samples samples
                ? new Dataset(samples.Slice(start, count)) { Source = whole.Source, Notes = notes }
                : new Dataset(whole.Table!.Select([.. Enumerable.Range(start, count)]), whole.Labels?.Skip(start).Take(count).ToArray()) { Notes = notes };
        }
    }
}
