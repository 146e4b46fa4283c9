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

    /// <summary>What was odd about rows over time: rows put in order, gaps, rows that no window judges.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

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

    /// <summary>The first <paramref name="count"/> positions (or all) in falling order of score; ties in order of position.</summary>
    public int[] MostAnomalous(int count)
    {
        ReadOnlySpan<float> scores = Scores.Span;
        count = Math.Clamp(count, 0, scores.Length);
        if (count == 0) return [];
        // One number orders by falling score, then by position: the complement of the score's order in the upper half, the position in the lower.
        ulong[] kept = new ulong[Math.Min(scores.Length, 2L * count)];
        int filled = 0;
        ulong worst = ulong.MaxValue;
        for (int i = 0; i < scores.Length; i++)
        {
            ulong key = (ulong)~Ordered(scores[i]) << 32 | (uint)i;
            if (key >= worst) continue;
            kept[filled++] = key;
            if (filled < kept.Length || kept.Length == count) continue;
            // The buffer is twice what is asked for, so that each sort is paid for by as many samples as it drops.
            Array.Sort(kept);
            filled = count;
            worst = kept[count - 1];
        }
        Array.Sort(kept, 0, filled);
        int[] positions = new int[count];
        for (int i = 0; i < count; i++) positions[i] = (int)(uint)kept[i];
        return positions;
    }

    // Unsigned integers in the order of the scores: IEEE 754 bits with the sign flipped for positive numbers and all bits for negative ones.
    private static uint Ordered(float score)
    {
        uint bits = BitConverter.SingleToUInt32Bits(score + 0f);
        return (bits & 0x8000_0000) == 0 ? bits ^ 0x8000_0000 : ~bits;
    }
}
