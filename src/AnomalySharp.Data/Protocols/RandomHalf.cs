namespace AnomalySharp.Data.Protocols;

/// <summary>
/// A random half of the rows, of which the normal ones train; the other half is scored, with as many of its anomalies as make up a given share: the
/// protocol of DAGMM (Zong et al., ICLR 2018) and of BiGAN's experiment (Zenati et al. 2018) on KDDCUP99.
/// </summary>
public static class RandomHalf
{
    private const int Purpose = 0x4A1F;

    /// <summary>Splits rows.</summary>
    /// <param name="labels">1 = anomaly, 0 = normal.</param>
    /// <param name="share">Share of anomalies among the scored rows, above 0 and below 1; less where there are not as many.</param>
    /// <param name="seed">Decides the halves and what is drawn from them.</param>
    /// <param name="trainLimit">Most rows that train; null: all normal rows of the half.</param>
    /// <param name="testLimit">Most rows that are scored; null: as many as there are.</param>
    /// <returns>Rows that train, and rows that are scored, both rising.</returns>
    /// <exception cref="DataException">A half lacks rows of a kind.</exception>
    public static (int[] Train, LabelledRows Test) Split(
        IReadOnlyList<byte> labels, double share, int seed, int? trainLimit = null, int? testLimit = null)
    {
        Random random = new FitContext { Seed = seed }.CreateRandom(Purpose);
        int[] order = [.. Enumerable.Range(0, labels.Count)];
        random.Shuffle(order);
        int half = order.Length / 2;
        int[] train = [.. order[..half].Where(row => labels[row] == 0)];
        int[] normal = [.. order[half..].Where(row => labels[row] == 0)], abnormal = [.. order[half..].Where(row => labels[row] == 1)];
        if (train.Length == 0 || normal.Length == 0 || abnormal.Length == 0)
        {
            throw new DataException("A random half of the rows lacks normal rows or anomalies: the table is too small for this protocol.");
        }
        // Rows are in random order already.
        int normals = Math.Min(normal.Length, (int)Math.Round((testLimit ?? int.MaxValue) * (1 - share)));
        int anomalies = Math.Clamp((int)Math.Round(normals * share / (1 - share)), 1, abnormal.Length);
        train = train[..Math.Min(train.Length, trainLimit ?? train.Length)];
        Array.Sort(train);
        return (train, LabelledRows.Of(normal[..normals], abnormal[..anomalies]));
    }
}
