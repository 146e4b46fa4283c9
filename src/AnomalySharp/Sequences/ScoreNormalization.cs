namespace AnomalySharp.Sequences;

/// <summary>How the scores of a series, such as a video, are brought to a range of their own.</summary>
public enum ScoreNormalization
{
    /// <summary>Not at all: scores are the detector's.</summary>
    None,

    /// <summary>
    /// (s − min)/(max − min) over the training and what has come of the series so far: min and max start as those of the training, so that the first frames
    /// have a range to be held against. A score, of 0 to 1, depends on nothing that comes later.
    /// </summary>
    Causal,

    /// <summary>
    /// (s − min)/(max − min) over the whole series, as papers on video do: 0 and 1 occur in every series, also where all of it is normal, and a score depends
    /// on what comes later.
    /// </summary>
    Video,
}

/// <summary>Brings scores of series to the range that <see cref="ScoreNormalization"/> names.</summary>
/// <param name="Normalization">How.</param>
/// <param name="Low">The least score of the training, before this.</param>
/// <param name="High">The greatest score of the training, before this.</param>
public sealed record ScoreRange(ScoreNormalization Normalization, float Low, float High)
{
    /// <summary>The range of the scores of the training; NaN, for rows that are not judged, is no score.</summary>
    internal static ScoreRange Of(ScoreNormalization normalization, ReadOnlySpan<float> scores)
    {
        (float low, float high) = Extremes(scores);
        return new ScoreRange(normalization, low, high);
    }

    /// <summary>The scores of rows, normalised series by series; NaN stays NaN. Where the least is the greatest, they are 0.</summary>
    /// <param name="scores">A score for each row.</param>
    /// <param name="series">Positions of rows, in their order.</param>
    public float[] Normalize(ReadOnlySpan<float> scores, IReadOnlyList<IReadOnlyList<int>> series)
    {
        float[] normalized = scores.ToArray();
        if (Normalization == ScoreNormalization.None) return normalized;
        foreach (IReadOnlyList<int> rows in series)
        {
            (float low, float high) = (Low, High);
            if (Normalization == ScoreNormalization.Video) (low, high) = Extremes([.. rows.Select(row => normalized[row])]);
            foreach (int row in rows)
            {
                float score = normalized[row];
                if (float.IsNaN(score)) continue;
                (low, high) = (Math.Min(low, score), Math.Max(high, score));
                normalized[row] = high > low ? (float)(((double)score - low) / ((double)high - low)) : 0;
            }
        }
        return normalized;
    }

    private static (float Low, float High) Extremes(ReadOnlySpan<float> scores)
    {
        (float low, float high) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (float score in scores)
        {
            if (!float.IsNaN(score)) (low, high) = (Math.Min(low, score), Math.Max(high, score));
        }
        return low <= high ? (low, high) : (0, 0);
    }
}
