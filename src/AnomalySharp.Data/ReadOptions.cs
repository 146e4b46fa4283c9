namespace AnomalySharp.Data;

/// <summary>How to read a file.</summary>
public sealed record ReadOptions
{
    /// <summary>
    /// Column of the labels; null where there is none. In an <c>.npz</c> it is the name of an array, usually <c>y</c>. Pictures have their class as
    /// label (the folder they lie in, the class number of IDX and CIFAR files): any name asks for it.
    /// </summary>
    public string? LabelColumn { get; init; }

    /// <summary>Whether a missing <see cref="LabelColumn"/> is fine: scoring data may have it or not.</summary>
    public bool LabelOptional { get; init; }

    /// <summary>A file with a label for each sample, line by line; null where there is none. Tables have a column of labels instead.</summary>
    public string? LabelsFile { get; init; }

    /// <summary>The label text that means anomaly, where cells are neither 0/1 nor true/false; every other text then means normal.</summary>
    public string? AnomalyValue { get; init; }

    /// <summary>
    /// Columns of a table that are texts whatever this file makes of them: where training saw <c>true</c>, <c>false</c> and <c>maybe</c>, a file
    /// without <c>maybe</c> would otherwise hold truth values. Names that the table does not have mean nothing.
    /// </summary>
    public IReadOnlyList<string> TextColumns { get; init; } = [];

    /// <summary>A query in DuckDB's SQL that gives the table, instead of a path.</summary>
    public string? Sql { get; init; }

    /// <summary>A table of edges, which makes the rows of a table, or samples <c>[d]</c>, nodes of a graph; null: they are none.</summary>
    public string? Edges { get; init; }

    /// <summary>Column that names the nodes as edges do, and is no feature; null: edges name nodes by row, counted from 0.</summary>
    public string? IdColumn { get; init; }

    /// <summary>Column of <see cref="Edges"/> with one end; null: its first.</summary>
    public string? FromColumn { get; init; }

    /// <summary>Column of <see cref="Edges"/> with the other end; null: its second.</summary>
    public string? ToColumn { get; init; }

    /// <summary>Width and height that pictures are resized to; null: all must have the size of the first.</summary>
    public (int Width, int Height)? ImageSize { get; init; }

    /// <summary>
    /// Width, height and channels of frames: what raw frames have (channels 1 where not given), and what those of videos are scaled to (channels null: one where
    /// all are grey, else three). Null: videos keep their size, and there are no raw frames.
    /// </summary>
    public (int Width, int Height, int? Channels)? Frame { get; init; }

    /// <summary>Frames per second that are taken of a video; null: all.</summary>
    public double? FramesPerSecond { get; init; }

    /// <summary>Whether unreadable pictures are left out with a note instead of being an error.</summary>
    public bool SkipBad { get; init; }
}
