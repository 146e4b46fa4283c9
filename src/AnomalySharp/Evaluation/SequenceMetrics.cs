namespace AnomalySharp.Evaluation;

/// <summary>
/// F1 of verdicts on series, where an anomaly is a range of rows. Beside <see cref="DetectionMetrics"/>, which judge row by row, and not instead:
/// both depend on a threshold, and the point-adjusted one is high for random scores, too.
/// </summary>
public sealed record SequenceMetrics
{
    /// <summary>Ranges of rows labelled as anomalies.</summary>
    public required int Ranges { get; init; }

    /// <summary>Ranges of rows that are flagged.</summary>
    public required int FlaggedRanges { get; init; }

    /// <summary>
    /// F1 over rows after every row of a labelled range counts as flagged once one of its rows is (Xu et al., WWW 2018). Long anomalies make it
    /// high for random scores (Kim et al., AAAI 2022).
    /// </summary>
    public required double PointAdjustedF1 { get; init; }

    /// <summary>
    /// Mean over the flagged ranges of the share of their rows that is labelled, divided by the number of labelled ranges that they overlap.
    /// </summary>
    public required double RangePrecision { get; init; }

    /// <summary>
    /// Mean over the labelled ranges of the share of their rows that is flagged, divided by the number of flagged ranges that they overlap.
    /// </summary>
    public required double RangeRecall { get; init; }

    /// <summary>
    /// Harmonic mean of the two: range-based F1 of Tatbul et al., NeurIPS 2018, with flat bias, cardinality factor 1/x and no reward for mere
    /// existence.
    /// </summary>
    public required double RangeF1 { get; init; }

    /// <summary>Measures verdicts.</summary>
    /// <param name="scores">One per row, higher = more anomalous.</param>
    /// <param name="labels">1 = anomaly, 0 = normal.</param>
    /// <param name="threshold">Rows with a score above it are flagged.</param>
    /// <param name="series">Positions of rows that follow one another; no range goes over the end of one. A row is in one of them at most.</param>
    /// <exception cref="DataException">Lengths differ, or no row is labelled as an anomaly.</exception>
    public static SequenceMetrics Compute(
        ReadOnlySpan<float> scores, IReadOnlyList<byte> labels, float threshold, IReadOnlyList<IReadOnlyList<int>> series)
    {
        if (scores.Length != labels.Count) throw new DataException($"{scores.Length} scores need {scores.Length} labels, not {labels.Count}.");
        bool[] flagged = new bool[scores.Length], real = [.. labels.Select(label => label == 1)], adjusted = new bool[scores.Length];
        for (int i = 0; i < flagged.Length; i++) flagged[i] = adjusted[i] = scores[i] > threshold;
        if (!real.Contains(true)) throw new DataException("No row is labelled as an anomaly, so no range of them can be found.");
        List<int[]> truth = RangesOf(real, series), found = RangesOf(flagged, series);
        foreach (int[] range in truth)
        {
            if (!range.Any(row => flagged[row])) continue;
            foreach (int row in range) adjusted[row] = true;
        }
        double recall = Overlap(truth, found, scores.Length), precision = Overlap(found, truth, scores.Length);
        return new SequenceMetrics
        {
            Ranges = truth.Count,
            FlaggedRanges = found.Count,
            PointAdjustedF1 = F1(adjusted, real),
            RangePrecision = precision,
            RangeRecall = recall,
            RangeF1 = precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall),
        };
    }

    private static double F1(bool[] flagged, bool[] real)
    {
        int hits = 0, wrong = 0;
        for (int i = 0; i < real.Length; i++)
        {
            if (flagged[i] && real[i]) hits++;
            else if (flagged[i] != real[i]) wrong++;
        }
        return 2.0 * hits / ((2 * hits) + wrong);
    }

    /// <summary>
    /// Mean over <paramref name="ranges"/> of the share of rows that some of <paramref name="others"/> hold, over the number of these.
    /// </summary>
    private static double Overlap(List<int[]> ranges, List<int[]> others, int rows)
    {
        if (ranges.Count == 0) return 0;
        int[] rangeOf = new int[rows];
        Array.Fill(rangeOf, -1);
        for (int k = 0; k < others.Count; k++)
        {
            foreach (int row in others[k]) rangeOf[row] = k;
        }
        return ranges.Average(range =>
        {
            int[] hit = [.. range.Select(row => rangeOf[row]).Where(k => k >= 0)];
            return hit.Length == 0 ? 0 : (double)hit.Length / range.Length / hit.Distinct().Count();
        });
    }

    private static List<int[]> RangesOf(bool[] marked, IReadOnlyList<IReadOnlyList<int>> series)
    {
        List<int[]> ranges = [];
        List<int> open = [];
        foreach (IReadOnlyList<int> rows in series)
        {
            foreach (int row in rows)
            {
                if (marked[row]) open.Add(row);
                else Close();
            }
            Close();
        }
        return ranges;

        void Close()
        {
            if (open.Count > 0) ranges.Add([.. open]);
            open.Clear();
        }
    }
}
