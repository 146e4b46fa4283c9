namespace AnomalySharp;

/// <summary>What a model says of a dataset: a score, a probability and a verdict for every sample.</summary>
public sealed class ScoredSamples
{
    /// <summary>The scores: finite, higher = more anomalous.</summary>
    public required ReadOnlyMemory<float> Scores { get; init; }

    /// <summary>Probabilities of being an anomaly, 0 to 1, rising with the score.</summary>
    public required ReadOnlyMemory<float> Probabilities { get; init; }

    /// <summary>Samples with a score above it are anomalies.</summary>
    public required float Threshold { get; init; }

    /// <summary>One name per sample, or null where the position is the name.</summary>
    public IReadOnlyList<string>? RowNames { get; init; }

    /// <summary>Labels that came with the data, or null.</summary>
    public IReadOnlyList<byte>? Labels { get; init; }

    /// <summary>Per column, the number of cells whose text did not occur in training.</summary>
    public IReadOnlyDictionary<string, int> UnseenCategories { get; init; } = new Dictionary<string, int>();

    /// <summary>Number of samples.</summary>
    public int Count => Scores.Length;

    /// <summary>Whether sample <paramref name="i"/> is called an anomaly.</summary>
    public bool IsAnomaly(int i) => Scores.Span[i] > Threshold;

    /// <summary>Number of samples called anomalies.</summary>
    public int AnomalyCount
    {
        get
        {
            int count = 0;
            foreach (float score in Scores.Span) count += score > Threshold ? 1 : 0;
            return count;
        }
    }

    /// <summary>How sample <paramref name="i"/> is called: its name, or its position counted from 0.</summary>
    public string RowName(int i) => RowNames?[i] ?? i.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Positions in falling order of score; ties in order of position.</summary>
    public int[] MostAnomalous(int count)
    {
        int[] order = [.. Enumerable.Range(0, Count)];
        float[] negated = new float[Count];
        System.Numerics.Tensors.TensorPrimitives.Negate(Scores.Span, negated);
        // Sort is not stable: equal scores are put in order of position by sorting keys that carry it.
        (float Score, int Index)[] keys = [.. order.Select(i => (negated[i], i))];
        Array.Sort(keys);
        return [.. keys.Take(count).Select(key => key.Index)];
    }
}
