namespace AnomalySharp.Data;

/// <summary>How to read a file.</summary>
public sealed record ReadOptions
{
    /// <summary>Column of the labels; null where there is none. In an <c>.npz</c> it is the name of an array, usually <c>y</c>.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>Whether a missing <see cref="LabelColumn"/> is fine: scoring data may have it or not.</summary>
    public bool LabelOptional { get; init; }

    /// <summary>The label text that means anomaly, where cells are neither 0/1 nor true/false.</summary>
    public string? AnomalyValue { get; init; }

    /// <summary>A query in DuckDB's SQL that gives the table, instead of a path.</summary>
    public string? Sql { get; init; }

    /// <summary>Width and height that pictures are resized to; null: all must have the size of the first.</summary>
    public (int Width, int Height)? ImageSize { get; init; }

    /// <summary>Whether unreadable pictures are left out with a note instead of being an error.</summary>
    public bool SkipBad { get; init; }
}

/// <summary>Reads whatever a path names: a table, arrays, pictures.</summary>
public static class DatasetReader
{
    /// <summary>Reads all of it into memory. The kind is told by the name's ending and the first bytes.</summary>
    /// <param name="path">A file or folder; ignored where <see cref="ReadOptions.Sql"/> is set.</param>
    /// <param name="options">Label column and the like.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="DataException">Missing, unreadable, malformed: the message names file, row and column.</exception>
    public static Dataset Read(string? path, ReadOptions? options = null, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Reads block after block, so that a table larger than memory can be scored.</summary>
    /// <inheritdoc cref="Read"/>
    /// <param name="path">A file or folder; ignored where <see cref="ReadOptions.Sql"/> is set.</param>
    /// <param name="options">Label column and the like.</param>
    /// <param name="blockRows">Most rows of one block.</param>
    /// <param name="cancellation">Stops reading.</param>
    public static IEnumerable<Dataset> ReadBlocks(
        string? path, ReadOptions? options = null, int blockRows = 65_536, CancellationToken cancellation = default) => throw new NotImplementedException();
}
