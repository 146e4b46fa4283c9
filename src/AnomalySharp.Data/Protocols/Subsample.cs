namespace AnomalySharp.Data.Protocols;

/// <summary>Fewer rows of a labelled dataset, with the share of anomalies kept.</summary>
public static class Subsample
{
    private const int Purpose = 0x5AB5;

    /// <summary>At most <paramref name="limit"/> rows, rising: of anomalies and of normal rows the same share (at least one of each).</summary>
    /// <param name="labels">1 = anomaly, 0 = normal.</param>
    /// <param name="limit">Most rows, at least 2.</param>
    /// <param name="seed">Decides which rows are drawn.</param>
    public static int[] Rows(IReadOnlyList<byte> labels, int limit, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 2);
        int[] all = [.. Enumerable.Range(0, labels.Count)];
        if (labels.Count <= limit) return all;
        int[] abnormal = [.. all.Where(i => labels[i] == 1)], normal = [.. all.Where(i => labels[i] == 0)];
        int anomalies = (int)Math.Round((double)abnormal.Length * limit / labels.Count);
        if (abnormal.Length > 0) anomalies = Math.Max(1, anomalies);
        if (normal.Length > 0) anomalies = Math.Min(limit - 1, anomalies);
        Random random = new FitContext { Seed = seed }.CreateRandom(Purpose);
        int[] rows = [.. LabelledRows.Draw(abnormal, anomalies, random), .. LabelledRows.Draw(normal, limit - anomalies, random)];
        Array.Sort(rows);
        return rows;
    }
}
