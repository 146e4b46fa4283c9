using AnomalySharp.Preprocessing;

namespace AnomalySharp;

/// <summary>Samples that a detector makes, brought back to the units of the data.</summary>
internal static class ModelGeneration
{
    public static Samples Generate(ModelParts parts, Detector detector, int count, int seed)
    {
        RequireWayBack(parts);
        IGenerativeDetector generative = RequireDrawing(parts, detector);
        if (count < 1) throw new OptionException($"The number of samples to generate is {count}; allowed: 1 or more.");
        if ((long)count * parts.Shape.Length > Array.MaxLength)
        {
            throw new OptionException($"{count} samples of shape {parts.Shape} are more than fit into one array. Generate fewer at once.");
        }
        return InUnitsOfTheData(parts, generative.Generate(count, seed));
    }

    public static Samples Interpolate(ModelParts parts, Detector detector, Dataset data, int from, int to, int steps)
    {
        RequireWayBack(parts);
        IInterpolatingDetector interpolating = detector as IInterpolatingDetector ?? throw Refuse(parts, "generate samples", entry => entry.IsInterpolating);
        RequireSteps(steps);
        foreach (int row in (ReadOnlySpan<int>)[from, to])
        {
            if (row < 0 || row >= data.Count) throw new DataException($"{data.Source} has no row {row}: its {data.Count} rows are counted from 0.");
        }
        Samples ends = parts.Prepare(data.Select([from, to])).Samples;
        return InUnitsOfTheData(parts, interpolating.Interpolate(parts.Scaler.Apply(ends), steps));
    }

    public static Samples Interpolate(ModelParts parts, Detector detector, int steps, int seed)
    {
        RequireWayBack(parts);
        IGenerativeDetector generative = RequireDrawing(parts, detector);
        RequireSteps(steps);
        return InUnitsOfTheData(parts, generative.Interpolate(steps, seed));
    }

    private static IGenerativeDetector RequireDrawing(ModelParts parts, Detector detector) => detector switch
    {
        IGenerativeDetector generative => generative,
        IInterpolatingDetector => throw Refuse(
            parts,
            "draw samples: it makes them of codes of other samples, whose distribution is not known. It can go from one given sample to another (interpolate)",
            entry => entry.IsGenerative),
        _ => throw Refuse(parts, "generate samples", entry => entry.IsGenerative),
    };

    private static OptionException Refuse(ModelParts parts, string what, Func<DetectorEntry, bool> can) => new(
        $"The detector '{parts.Entry.Name}' cannot {what}. Those that can: "
        + $"{string.Join(", ", DetectorCatalog.All.Where(can).Select(entry => entry.Name))}.");

    private static void RequireWayBack(ModelParts parts)
    {
        if (parts.Windows is not null) throw new OptionException("A model of windows of rows generates nothing: rows are what its data holds.");
        if (parts.Context is not null)
        {
            throw new OptionException(
                "The model's detector knows differences from what a context lets expect, and no context. Train it without --context to generate.");
        }
        if (parts.Features is null) return;
        throw new OptionException("The model's detector knows features, and no way back from them to samples. Train it without --features to generate.");
    }

    private static void RequireSteps(int steps)
    {
        if (steps < 2) throw new OptionException($"The number of steps is {steps}; allowed: 2 or more.");
    }

    private static Samples InUnitsOfTheData(ModelParts parts, Samples scaled)
    {
        float[] values = parts.Scaler.Undo(scaled);
        IReadOnlyList<string>? names = parts.FeatureNames;
        if (parts.Encoder is { } encoder)
        {
            names = [.. encoder.Features.Select(feature => feature.Name)];
            AddOrigins(encoder, values);
        }
        return new Samples(values, parts.Shape, featureNames: names);
    }

    /// <summary>Dates, and numbers far from 0, were learnt as distances from an origin.</summary>
    private static void AddOrigins(TableEncoder encoder, float[] values)
    {
        int width = encoder.Features.Count, feature = 0;
        foreach (EncodedColumn column in encoder.Columns)
        {
            if (column.Width > 0 && column.ValueFeatures == 1 && column.Origin != 0)
            {
                for (int i = feature; i < values.Length; i += width) values[i] = (float)(values[i] + column.Origin);
            }
            feature += column.Width;
        }
    }
}
