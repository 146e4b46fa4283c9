using AnomalySharp.Preprocessing;

namespace AnomalySharp.Data.Protocols;

/// <summary>
/// Conditional anomalies put into a table: rows that keep their context and take over the values of another row, as Song, Wu, Jermaine and Ranka
/// perturb tables (Conditional anomaly detection. IEEE TKDE 19(5), 2007).
/// </summary>
public static class SwappedValues
{
    private const int Purpose = 0x50A6, MostCandidates = 50;

    /// <summary>The table, labelled, and which features are context.</summary>
    /// <param name="normal">Rows without anomalies, at least 4 of at least 2 features.</param>
    /// <param name="share">Share of rows that get others' values, above 0 and below 1.</param>
    /// <param name="farthest">
    /// Whether it is the row with the farthest standardised values among 50 (at most a quarter of the rows) drawn at random, as in the paper;
    /// otherwise any row.
    /// </param>
    /// <param name="seed">Decides the random half of the features that is context, and the rows.</param>
    public static (Samples Rows, IReadOnlyList<int> Context) Make(Samples normal, double share, bool farthest, int seed)
    {
        Random random = new FitContext { Seed = seed }.CreateRandom(Purpose);
        int[] features = [.. Enumerable.Range(0, normal.Shape.Length)], rows = [.. Enumerable.Range(0, normal.Count)];
        random.Shuffle(features);
        random.Shuffle(rows);
        int[] context = [.. features[..(features.Length / 2)].Order()], values = features[(features.Length / 2)..];
        Samples standard = FeatureScaler.Fit(normal, FeatureScaling.Standard).Apply(normal);
        float[] swapped = normal.Values.ToArray();
        byte[] labels = new byte[normal.Count];
        int candidates = farthest ? Math.Min(MostCandidates, normal.Count / 4) : 1;
        foreach (int row in rows[..(int)Math.Ceiling(share * normal.Count)])
        {
            int[] drawn = [.. Enumerable.Range(0, candidates).Select(_ => random.Next(normal.Count))];
            int other = drawn.MaxBy(candidate => Distance(standard, row, candidate, values));
            foreach (int j in values) swapped[row * features.Length + j] = normal[other][j];
            labels[row] = 1;
        }
        return (normal.WithValues(swapped, normal.Shape, normal.FeatureNames).WithLabels(labels), context);
    }

    private static double Distance(Samples rows, int a, int b, int[] features) => features.Sum(j => Math.Pow(rows[a][j] - (double)rows[b][j], 2));
}
