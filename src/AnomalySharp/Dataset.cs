using AnomalySharp.Graphs;
using AnomalySharp.Tables;

namespace AnomalySharp;

/// <summary>
/// What a file holds: either a table, whose columns still have to become features, or samples that are features already (pictures, arrays).
/// Labels and row names travel along.
/// </summary>
public sealed class Dataset
{
    private readonly Graph? _graph;

    /// <summary>The table, where the data is one.</summary>
    public Table? Table { get; }

    /// <summary>The samples, where the data is not a table.</summary>
    public Samples? Samples { get; }

    /// <summary>Number of rows or samples.</summary>
    public int Count => Table?.Count ?? Samples!.Count;

    /// <summary>What its samples are.</summary>
    public DataKinds Kind => Graph is not null ? DataKinds.Graph : Samples?.Shape.Kind ?? DataKinds.Table;

    /// <summary>Which rows or samples are connected, where they are the nodes of a graph; otherwise null.</summary>
    public Graph? Graph => Samples?.Graph ?? _graph;

    /// <summary>Number of the first row in the whole data, counted from 0, where this is a part of it.</summary>
    public long FirstRow => Table?.FirstRow ?? Samples!.FirstRow;

    /// <summary>1 = anomaly, 0 = normal, or null where not known.</summary>
    public IReadOnlyList<byte>? Labels { get; }

    /// <summary>
    /// What each sample follows the one before it in: the video of a frame, the folder of a picture. Windows do not go over its borders. Null where all of
    /// it is one series, or where nothing is known.
    /// </summary>
    public IReadOnlyList<string>? Series
    {
        get;
        init => field = value is null || value.Count == Count ? value : throw new DataException($"{Count} samples need {Count} names of series, not {value.Count}.");
    }

    /// <summary>What the reader has to say: columns left out, pictures resized or skipped.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Where it came from, for messages.</summary>
    public string Source { get; init; } = "the data";

    /// <summary>A table, with labels where they are known.</summary>
    public Dataset(Table table, IReadOnlyList<byte>? labels = null)
    {
        if (labels is not null && labels.Count != table.Count) throw new DataException($"{table.Count} rows need {table.Count} labels, not {labels.Count}.");
        (Table, Labels, Source) = (table, labels, table.Source);
    }

    private Dataset(Table table, IReadOnlyList<byte>? labels, Graph? graph) : this(table, labels) => _graph = graph;

    /// <summary>Samples, with the labels they carry.</summary>
    public Dataset(Samples samples) => (Samples, Labels) = (samples, samples.Labels);

    /// <summary>Samples are a dataset.</summary>
    public static implicit operator Dataset(Samples samples) => new(samples);

    /// <summary>A table is a dataset.</summary>
    public static implicit operator Dataset(Table table) => new(table);

    /// <summary>The same rows or samples as nodes of <paramref name="graph"/>; or, with null, without edges.</summary>
    /// <exception cref="DataException">Another number of nodes than rows, or samples that are no rows <c>[d]</c>.</exception>
    public Dataset WithGraph(Graph? graph)
    {
        if (Samples is not null) return WithSamples(Samples.WithGraph(graph));
        if (graph is not null && graph.Count != Count) throw new DataException($"{Count} rows need a graph of {Count} nodes, not {graph.Count}.");
        return new Dataset(Table!, Labels, graph) { Source = Source, Notes = Notes, Series = Series };
    }

    /// <summary>The same with what a reader has to say.</summary>
    public Dataset WithNotes(IReadOnlyList<string> notes) => Samples is not null
        ? new Dataset(Samples) { Source = Source, Notes = notes, Series = Series }
        : new Dataset(Table!, Labels, _graph) { Source = Source, Notes = notes, Series = Series };

    /// <summary>The rows at the given positions, copied; of a graph with the edges among them.</summary>
    public Dataset Select(ReadOnlySpan<int> rows)
    {
        string[]? series = Series is null ? null : new string[rows.Length];
        for (int i = 0; series is not null && i < rows.Length; i++) series[i] = Series![rows[i]];
        if (Samples is not null) return new Dataset(Samples.Select(rows)) { Source = Source, Notes = Notes, Series = series };
        byte[]? labels = Labels is null ? null : new byte[rows.Length];
        for (int i = 0; labels is not null && i < rows.Length; i++) labels[i] = Labels![rows[i]];
        return new Dataset(Table!.Select(rows), labels, _graph?.Select(rows)) { Source = Source, Notes = Notes, Series = series };
    }

    /// <summary>The same with other samples, of which there are as many; labels are those that they carry.</summary>
    public Dataset WithSamples(Samples samples) => new(samples) { Source = Source, Notes = Notes, Series = Series };

    /// <summary>The same with other labels.</summary>
    /// <exception cref="DataException">Another number of labels than samples.</exception>
    public Dataset WithLabels(IReadOnlyList<byte> labels) => Samples is { } samples ? WithSamples(samples.WithLabels(labels))
        : new Dataset(Table!, labels, _graph) { Source = Source, Notes = Notes, Series = Series };

    /// <summary>The same without labels: what training and scoring get to see where figures are to be measured.</summary>
    public Dataset WithoutLabels() => Samples is { } samples ? WithSamples(samples.WithLabels(null))
        : new Dataset(Table!, null, _graph) { Source = Source, Notes = Notes, Series = Series };
}
