using AnomalySharp.Preprocessing;
using AnomalySharp.Tables;
using AnomalySharp.Thresholding;

namespace AnomalySharp;

/// <summary>Everything of a model but the detector's state.</summary>
internal sealed record ModelParts
{
    public required DetectorEntry Entry { get; init; }

    public required DetectorOptions Options { get; init; }

    public required SampleShape Shape { get; init; }

    public required TableEncoder? Encoder { get; init; }

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

    /// <summary>The data as features, not scaled.</summary>
    /// <exception cref="DataException">Another kind of data, schema or shape than at training.</exception>
    public EncodedTable Prepare(Dataset data)
    {
        if (Encoder is not null)
        {
            return data.Table is { } table
                ? Encoder.Encode(WithoutLabels(table, LabelColumn))
                : throw new DataException($"The model was trained on a table, and {data.Source} holds samples of shape {data.Samples!.Shape}.");
        }
        if (data.Samples is not { } samples)
        {
            throw new DataException($"The model was trained on samples of shape {Shape}, and {data.Source} is a table. Give it data of that kind.");
        }
        if (!samples.Shape.Equals(Shape))
        {
            throw new DataException($"The model was trained on samples of shape {Shape}, and those of {data.Source} have shape {samples.Shape}.");
        }
        RequireFinite(data.Source, samples);
        return new EncodedTable(samples, new Dictionary<string, int>());
    }

    /// <summary>The table without its label column, if it has one.</summary>
    public static Table WithoutLabels(Table table, string? labelColumn)
    {
        bool without = labelColumn is null || table.Columns.All(column => column.Name != labelColumn);
        return without ? table : new Table([.. table.Columns.Where(column => column.Name != labelColumn)], table.Source);
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
