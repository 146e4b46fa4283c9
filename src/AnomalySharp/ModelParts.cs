using AnomalySharp.Conditioning;
using AnomalySharp.FeatureExtraction;
using AnomalySharp.Preprocessing;
using AnomalySharp.Sequences;
using AnomalySharp.Tables;
using AnomalySharp.Thresholding;

namespace AnomalySharp;

/// <summary>Everything of a model but the detector's state.</summary>
internal sealed record ModelParts
{
    public required DetectorEntry Entry { get; init; }

    public required DetectorOptions Options { get; init; }

    /// <summary>Shape of the samples, before features are extracted from them.</summary>
    public required SampleShape Shape { get; init; }

    /// <summary>What extracts features; null where the detector sees the samples.</summary>
    public FeatureStage? Features { get; init; }

    public required TableEncoder? Encoder { get; init; }

    /// <summary>What judges values by their context; null where the detector sees all columns.</summary>
    public ContextStage? Context { get; init; }

    /// <summary>Names of the training samples' features, where they had any and were no table.</summary>
    public required IReadOnlyList<string>? FeatureNames { get; init; }

    public required FeatureScaler Scaler { get; init; }

    /// <summary>Usual range of each group of values, where the model was not trained on a table.</summary>
    public required IReadOnlyList<UsualRange> Usual { get; init; }

    public required ThresholdRule ThresholdRule { get; init; }

    public required AnomalyProbability Probability { get; init; }

    public required double Contamination { get; init; }

    public required string? LabelColumn { get; init; }

    public required TrainingSummary Summary { get; init; }

    /// <summary>How rows become windows; null where they do not.</summary>
    public WindowSettings? Windows { get; init; }

    /// <summary>The score of rows that no window judges: the median of the training rows'.</summary>
    public float UnjudgedScore { get; init; }

    /// <summary>Whether nodes of a graph are judged by their edges, so that all of them are needed to judge one.</summary>
    public bool SeesGraph => Entry.Info.Kinds.HasFlag(DataKinds.Graph) || Features is { SeesGraph: true };

    /// <summary>What brings scores of rows to their range; null where there are no windows, and in models from files also where they are not normalised.</summary>
    public ScoreRange? ScoreRange { get; init; }

    /// <summary>Whether scores of rows are normalised, so that each depends on others of its series.</summary>
    public bool IsNormalized => ScoreRange is { Normalization: not ScoreNormalization.None };

    /// <summary>Shape of what a dataset holds: of a row or a frame where the detector sees windows of them.</summary>
    public SampleShape RowShape => Windows is null ? Shape : RowOf(Shape);

    /// <summary>Shape of a row or a frame of windows.</summary>
    public static SampleShape RowOf(SampleShape window) => new(window.Dimensions.AsSpan()[1..]);

    /// <summary>The data as features, not scaled.</summary>
    /// <exception cref="DataException">Another kind of data, schema or shape than at training.</exception>
    public EncodedTable Prepare(Dataset data)
    {
        data = InKindOfTraining(data);
        if (SeesGraph && data.Graph is null)
        {
            throw new DataException(
                $"The model judges the nodes of a graph, and {data.Source} has no edges. Give them with --edges, or as array edge_index of an .npz.");
        }
        if (Encoder is not null)
        {
            if (data.Table is not { } table)
            {
                throw new DataException($"The model was trained on a table, and {data.Source} holds samples of shape {data.Samples!.Shape}.");
            }
            EncodedTable encoded = Encode(table);
            Samples judged = Context?.Apply(encoded.Samples) ?? encoded.Samples;
            return encoded with { Samples = judged.WithGraph(data.Graph) };
        }
        if (data.Samples is not { } samples)
        {
            throw new DataException($"The model was trained on samples of shape {RowShape}, and {data.Source} is a table. Give it data of that kind.");
        }
        if (!samples.Shape.Equals(RowShape))
        {
            SampleShape row = RowShape;
            string remedy = row.Rank == 3 && samples.Shape.Rank == 3 && (row[1], row[2]) != (samples.Shape[1], samples.Shape[2])
                ? $" Resize pictures of files with --image-size {row[2]}x{row[1]}, frames of videos with --frame {row[2]}x{row[1]}."
                : "";
            throw new DataException($"The model was trained on samples of shape {RowShape}, and those of {data.Source} have shape {samples.Shape}.{remedy}");
        }
        RequireFinite(data.Source, samples);
        return new EncodedTable(samples, new Dictionary<string, int>());
    }

    /// <summary>A table's features, those of context columns among them.</summary>
    public EncodedTable Encode(Table table) => Encoder!.Encode(WithoutLabels(table, LabelColumn, Windows, Context?.Columns));

    /// <summary>
    /// The data as the kind that the model was trained on, where that is only a matter of form: what a reader makes of a file depends on what is in
    /// it. Arrays with missing values are tables, and pictures that are all grey have one channel.
    /// </summary>
    /// <exception cref="DataException">The model was trained on grey pictures, and one is coloured.</exception>
    public Dataset InKindOfTraining(Dataset data)
    {
        if (Encoder is not null) return data.Samples is { Shape.Rank: 1 } rows && IsKnown(rows) ? AsTable(rows, data) : data;
        if (data.Table is { } table) return RowShape.Rank == 1 && IsKnown(table) ? AsSamples(table, data) : data;
        (SampleShape shape, SampleShape known) = (data.Samples!.Shape, RowShape);
        if (known.Rank != 3 || shape.Rank != 3 || (known[1], known[2]) != (shape[1], shape[2])) return data;
        return (shape[0], known[0]) switch
        {
            (1, 3) => Coloured(data),
            (3, 1) => Grey(data),
            _ => data,
        };
    }

    private bool IsKnown(Samples samples)
    {
        HashSet<string> names = [.. Enumerable.Range(0, samples.Shape.Length).Select(samples.FeatureName)];
        return Encoder!.Columns.All(column => !column.IsUsed || names.Contains(column.Name));
    }

    private bool IsKnown(Table table) => table.Columns.Count == RowShape.Length
        && Enumerable.Range(0, RowShape.Length).All(j => table.Columns[j] is NumberColumn { IsDate: false } column && column.Name == (FeatureNames?[j] ?? $"f{j}"));

    /// <summary>Rows of an array as a table.</summary>
    public static Dataset AsTable(Samples samples, Dataset data)
    {
        TableColumn[] columns = new TableColumn[samples.Shape.Length];
        for (int j = 0; j < columns.Length; j++)
        {
            double[] cells = new double[samples.Count];
            for (int i = 0; i < cells.Length; i++) cells[i] = samples[i][j];
            columns[j] = new NumberColumn(samples.FeatureName(j), cells);
        }
        Table table = new(columns, data.Source) { FirstRow = samples.FirstRow };
        return new Dataset(table, data.Labels) { Notes = data.Notes, Series = data.Series }.WithGraph(data.Graph);
    }

    private Dataset AsSamples(Table table, Dataset data)
    {
        SampleShape row = RowShape;
        float[] values = new float[checked(table.Count * row.Length)];
        for (int j = 0; j < row.Length; j++)
        {
            double[] cells = ((NumberColumn)table.Columns[j]).Values;
            for (int i = 0; i < cells.Length; i++) values[i * row.Length + j] = (float)cells[i];
        }
        Samples samples = new(values, row, data.Labels, FeatureNames) { FirstRow = table.FirstRow };
        return data.WithSamples(samples.WithGraph(data.Graph));
    }

    private Dataset Coloured(Dataset data)
    {
        Samples grey = data.Samples!;
        int plane = grey.Shape.Length;
        float[] values = new float[checked(3 * grey.Values.Length)];
        for (int k = 0; k < 3 * grey.Count; k++) grey[k / 3].CopyTo(values.AsSpan(k * plane));
        return data.WithSamples(grey.WithValues(values, RowShape));
    }

    private Dataset Grey(Dataset data)
    {
        Samples coloured = data.Samples!;
        int plane = RowShape.Length;
        float[] values = new float[coloured.Count * plane];
        for (int i = 0; i < coloured.Count; i++)
        {
            ReadOnlySpan<float> red = coloured[i][..plane];
            if (!red.SequenceEqual(coloured[i].Slice(plane, plane)) || !red.SequenceEqual(coloured[i][(2 * plane)..]))
            {
                throw new DataException(
                    $"The model was trained on grey pictures, and '{coloured.RowName(i)}' of {data.Source} is coloured. Convert it to grey, or train again.");
            }
            red.CopyTo(values.AsSpan(i * plane));
        }
        return data.WithSamples(coloured.WithValues(values, RowShape));
    }

    /// <summary>The table without the columns that are no features: labels, and time and entity of windows, unless the latter is context.</summary>
    public static Table WithoutLabels(Table table, string? labelColumn, WindowSettings? windows = null, IReadOnlyList<string>? context = null)
    {
        string? entity = windows?.EntityColumn;
        string?[] others = [labelColumn, windows?.TimeColumn, entity is not null && context?.Contains(entity) == true ? null : entity];
        bool without = table.Columns.All(column => !others.Contains(column.Name));
        return without ? table : new Table([.. table.Columns.Where(column => !others.Contains(column.Name))], table.Source) { FirstRow = table.FirstRow };
    }

    /// <summary>Does nothing if every value is finite; otherwise names where the data came from, the row and the column.</summary>
    /// <exception cref="DataException">A value is NaN or infinite.</exception>
    public static void RequireFinite(string source, Samples samples)
    {
        try
        {
            samples.RequireFinite();
        }
        catch (DataException e)
        {
            throw new DataException($"In {source}: {e.Message}", e);
        }
    }
}

/// <summary>The range between the 5 % and the 95 % quantile in training.</summary>
internal readonly record struct UsualRange(float Low, float High);
