using System.Numerics.Tensors;
using AnomalySharp.Graphs;

namespace AnomalySharp;

/// <summary>
/// <see cref="Count"/> samples of one <see cref="Shape"/>: row-major float32 in one block of managed memory, with optional labels, feature
/// names and row names that travel along.
/// </summary>
public sealed class Samples
{
    private readonly ReadOnlyMemory<float> _values;
    private readonly ReadOnlyMemory<int> _starts;
    private readonly Lazy<ReadOnlyMemory<float>>? _copied;

    /// <summary>All values, sample after sample: <c>Count × Shape.Length</c> of them.</summary>
    /// <remarks>Windows that overlap share their values, and are copied apart when this is first asked for; <see cref="this[int]"/> copies nothing.</remarks>
    public ReadOnlyMemory<float> Values => _copied?.Value ?? _values;

    /// <summary>Number of samples.</summary>
    public int Count { get; }

    /// <summary>Shape of one sample.</summary>
    public SampleShape Shape { get; }

    /// <summary>One label per sample, 1 = anomaly and 0 = normal, or null where they are not known. Never used by training.</summary>
    public IReadOnlyList<byte>? Labels { get; }

    /// <summary>One name per value of a sample, or null.</summary>
    public IReadOnlyList<string>? FeatureNames { get; }

    /// <summary>One identity per sample (a key, a file name), or null where the position is the identity.</summary>
    public IReadOnlyList<string>? RowNames { get; }

    /// <summary>Number of the first sample in the whole data, counted from 0, where this is a part of it: samples without names are called by it.</summary>
    public long FirstRow { get; init; }

    /// <summary>Which samples are connected, where they are the nodes of a graph; otherwise null.</summary>
    public Graph? Graph { get; private init; }

    /// <summary>What the samples are: nodes of a graph, or what their shape says.</summary>
    public DataKinds Kind => Graph is null ? Shape.Kind : DataKinds.Graph;

    /// <summary>The values of sample <paramref name="i"/>.</summary>
    public ReadOnlySpan<float> this[int i] => _values.Span.Slice(SharesValues ? _starts.Span[i] : i * Shape.Length, Shape.Length);

    /// <summary>Whether samples overlap in memory, so that <see cref="Values"/> would copy them.</summary>
    internal bool SharesValues => _copied is not null;

    /// <summary>Wraps <paramref name="values"/> without copying.</summary>
    /// <param name="values">Row-major values, a whole number of samples.</param>
    /// <param name="shape">Shape of one sample.</param>
    /// <param name="labels">One 0 or 1 per sample, or null.</param>
    /// <param name="featureNames">One name per value of a sample, or null.</param>
    /// <param name="rowNames">One name per sample, or null.</param>
    /// <exception cref="DataException">The lengths do not fit, or a label is neither 0 nor 1.</exception>
    public Samples(
        ReadOnlyMemory<float> values,
        SampleShape shape,
        IReadOnlyList<byte>? labels = null,
        IReadOnlyList<string>? featureNames = null,
        IReadOnlyList<string>? rowNames = null)
    {
        if (values.Length % shape.Length != 0)
        {
            throw new DataException($"{values.Length} values are not a whole number of samples of shape {shape} ({shape.Length} values each).");
        }
        Count = values.Length / shape.Length;
        if (labels is not null && labels.Count != Count) throw new DataException($"{Count} samples need {Count} labels, not {labels.Count}.");
        if (labels is not null && !AreLabels(labels)) throw new DataException("A label must be 0 (normal) or 1 (anomaly).");
        if (featureNames is not null && featureNames.Count != shape.Length)
        {
            throw new DataException($"A sample of {shape.Length} values needs {shape.Length} feature names, not {featureNames.Count}.");
        }
        if (rowNames is not null && rowNames.Count != Count) throw new DataException($"{Count} samples need {Count} row names, not {rowNames.Count}.");
        (_values, Shape, Labels, FeatureNames, RowNames) = (values, shape, labels, featureNames, rowNames);
    }

    private Samples(ReadOnlyMemory<float> values, SampleShape shape, ReadOnlyMemory<int> starts, Lazy<ReadOnlyMemory<float>>? copied = null)
    {
        (_values, Shape, _starts, Count) = (values, shape, starts, starts.Length);
        _copied = copied ?? new Lazy<ReadOnlyMemory<float>>(CopyApart);
    }

    /// <summary>Samples that may overlap: each is the part of <paramref name="values"/> that begins at its start.</summary>
    internal static Samples Overlapping(ReadOnlyMemory<float> values, SampleShape shape, ReadOnlyMemory<int> starts) => new(values, shape, starts);

    /// <summary>The samples at <paramref name="rows"/>, copied in that order, with their labels, names and the edges among them.</summary>
    public Samples Select(ReadOnlySpan<int> rows)
    {
        int width = Shape.Length;
        float[] values = new float[checked(rows.Length * width)];
        for (int i = 0; i < rows.Length; i++) this[rows[i]].CopyTo(values.AsSpan(i * width));
        byte[]? labels = Labels is null ? null : new byte[rows.Length];
        string[]? names = RowNames is null ? null : new string[rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            if (labels is not null) labels[i] = Labels![rows[i]];
            if (names is not null) names[i] = RowNames![rows[i]];
        }
        return new Samples(values, Shape, labels, FeatureNames, names) { FirstRow = RowNumbers.FirstOf(rows, FirstRow), Graph = Graph?.Select(rows) };
    }

    /// <summary>
    /// The samples from <paramref name="start"/> on, <paramref name="count"/> of them; all is shared, nothing copied. A part of a graph's nodes is without
    /// its edges.
    /// </summary>
    public Samples Slice(int start, int count) => SharesValues
        ? new(_values, Shape, _starts.Slice(start, count)) { FirstRow = FirstRow + start }
        : new(
            Values.Slice(start * Shape.Length, count * Shape.Length),
            Shape,
            Labels is null ? null : new ListSlice<byte>(Labels, start, count),
            FeatureNames,
            RowNames is null ? null : new ListSlice<string>(RowNames, start, count))
        { FirstRow = FirstRow + start, Graph = count == Count ? Graph : null };

    /// <summary>The same labels, row names and edges with other values: what a transformation of the features returns.</summary>
    /// <param name="values">The new values, <see cref="Count"/> samples of <paramref name="shape"/>.</param>
    /// <param name="shape">The new shape.</param>
    /// <param name="featureNames">Names of the new features, or null.</param>
    public Samples WithValues(ReadOnlyMemory<float> values, SampleShape shape, IReadOnlyList<string>? featureNames = null) =>
        new(values, shape, Labels, featureNames, RowNames) { FirstRow = FirstRow, Graph = Graph };

    /// <summary>The same samples with other labels, or with none.</summary>
    public Samples WithLabels(IReadOnlyList<byte>? labels) => SharesValues && labels is null
        ? new(_values, Shape, _starts, _copied) { FirstRow = FirstRow }
        : new(Values, Shape, labels, FeatureNames, RowNames) { FirstRow = FirstRow, Graph = Graph };

    /// <summary>The same samples as nodes of <paramref name="graph"/>, called as it calls them where it has names; or, with null, without edges.</summary>
    /// <exception cref="DataException">Another number of nodes than samples, or samples that are no rows <c>[d]</c>.</exception>
    public Samples WithGraph(Graph? graph)
    {
        if (graph == Graph) return this;
        if (graph is not null && graph.Count != Count) throw new DataException($"{Count} samples need a graph of {Count} nodes, not {graph.Count}.");
        if (graph is not null && Shape.Rank != 1) throw new DataException($"Nodes of a graph have features [d], and these samples have the shape {Shape}.");
        return new Samples(Values, Shape, Labels, FeatureNames, graph?.Names ?? RowNames) { FirstRow = FirstRow, Graph = graph };
    }

    /// <summary>How sample <paramref name="i"/> is called in messages and reports: its name, or its number counted from 0.</summary>
    public string RowName(int i) => RowNames?[i] ?? (FirstRow + i).ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>How feature <paramref name="j"/> is called in messages and reports: its name, or <c>f</c> and its position.</summary>
    public string FeatureName(int j) => FeatureNames?[j] ?? $"f{j}";

    /// <summary>Does nothing if every value is finite; otherwise names the first row and column that is not.</summary>
    /// <exception cref="DataException">A value is NaN or infinite.</exception>
    public void RequireFinite()
    {
        // A NaN or an infinity makes the sum not finite: one vectorised pass for the usual case (an overflow only costs the loop below).
        if (!SharesValues && float.IsFinite(TensorPrimitives.Sum(Values.Span))) return;
        for (int i = 0; i < Count; i++)
        {
            ReadOnlySpan<float> sample = this[i];
            if (SharesValues && float.IsFinite(TensorPrimitives.Sum(sample))) continue;
            for (int j = 0; j < sample.Length; j++)
            {
                if (float.IsFinite(sample[j])) continue;
                throw new DataException(
                    $"The value in row {RowName(i)}, column '{FeatureName(j)}' is {sample[j]}. "
                    + "Replace missing and infinite values, or read the data as a table, which imputes them.");
            }
        }
    }

    private ReadOnlyMemory<float> CopyApart()
    {
        if ((long)Count * Shape.Length > Array.MaxLength)
        {
            throw new DataException($"{Count} windows of shape {Shape} are more than one array holds. Raise --stride, or lower --window.");
        }
        float[] values = new float[Count * Shape.Length];
        for (int i = 0; i < Count; i++) this[i].CopyTo(values.AsSpan(i * Shape.Length));
        return values;
    }

    private static bool AreLabels(IReadOnlyList<byte> labels)
    {
        if (labels is byte[] array) return !array.AsSpan().ContainsAnyExceptInRange((byte)0, (byte)1);
        for (int i = 0; i < labels.Count; i++)
        {
            if (labels[i] > 1) return false;
        }
        return true;
    }
}
