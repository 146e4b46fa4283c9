namespace AnomalySharp.Data.Protocols;

/// <summary>
/// Of a random half of the rows the normal ones train, and the other half is scored: the protocol of Zong et al. (DAGMM, ICLR 2018), whose threshold
/// flags as large a share of the scored rows as is known to be abnormal, and of BiGAN's experiment (Zenati et al. 2018) on KDDCUP99.
/// </summary>
public static class RandomHalf
{
    private const int Purpose = 0x7A1F;

    /// <summary>Rows that train and rows that test, each rising.</summary>
    /// <param name="labels">1 = anomaly, 0 = normal.</param>
    /// <param name="seed">Decides which half is which.</param>
    /// <exception cref="DataException">The first half has no normal row, or the other lacks one of both kinds.</exception>
    public static (int[] Train, int[] Test) Split(IReadOnlyList<byte> labels, int seed)
    {
        (int[] train, int[] test) = Shuffled(labels, seed);
        return ([.. train.Order()], [.. test.Order()]);
    }

    /// <summary>The same with as many anomalies among the tested rows as make up a given share.</summary>
    /// <param name="labels">1 = anomaly, 0 = normal.</param>
    /// <param name="share">Share of anomalies among the tested rows, above 0 and below 1; less where there are not as many.</param>
    /// <param name="seed">Decides the halves and what is drawn from them.</param>
    /// <param name="trainLimit">Most rows that train; null: all normal rows of the half.</param>
    /// <param name="testLimit">Most rows that are tested; null: as many as there are.</param>
    /// <exception cref="DataException">The first half has no normal row, or the other lacks one of both kinds.</exception>
    public static (int[] Train, LabelledRows Test) SplitAtShare(
        IReadOnlyList<byte> labels, double share, int seed, int? trainLimit = null, int? testLimit = null)
    {
        (int[] train, int[] test) = Shuffled(labels, seed);
        int[] normal = [.. test.Where(row => labels[row] == 0)], abnormal = [.. test.Where(row => labels[row] == 1)];
        // Rows are in random order already.
        int normals = Math.Min(normal.Length, (int)Math.Round((testLimit ?? int.MaxValue) * (1 - share)));
        int anomalies = Math.Clamp((int)Math.Round(normals * share / (1 - share)), 1, abnormal.Length);
        return ([.. train.Take(trainLimit ?? train.Length).Order()], LabelledRows.Of(normal[..normals], abnormal[..anomalies]));
    }

    /// <summary>Precision, recall and F1 where the given share of the highest scores, at least one, is flagged.</summary>
    /// <param name="scores">Scores of the tested rows; equal ones are flagged in their order.</param>
    /// <param name="labels">Their labels.</param>
    /// <param name="ratio">The share, above 0 and at most 1.</param>
    /// <exception cref="OptionException">The share is out of range.</exception>
    public static (double Precision, double Recall, double F1) AtRatio(ReadOnlySpan<float> scores, IReadOnlyList<byte> labels, double ratio)
    {
        if (ratio is not (> 0 and <= 1)) throw new OptionException($"The share of flagged rows is {ratio}; allowed: above 0 and at most 1.");
        int[] order = [.. Enumerable.Range(0, scores.Length)];
        float[] falling = scores.ToArray();
        // A stable order, so that equal scores are flagged the same way every time.
        order = [.. order.OrderByDescending(i => falling[i])];
        int flagged = Math.Max(1, (int)Math.Round(ratio * order.Length)), anomalies = labels.Count(label => label == 1);
        int hits = order.Take(flagged).Count(i => labels[i] == 1);
        double precision = (double)hits / flagged, recall = anomalies == 0 ? 0 : (double)hits / anomalies;
        return (precision, recall, hits == 0 ? 0 : 2 * precision * recall / (precision + recall));
    }

    private static (int[] Train, int[] Test) Shuffled(IReadOnlyList<byte> labels, int seed)
    {
        int[] rows = [.. Enumerable.Range(0, labels.Count)];
        new FitContext { Seed = seed }.CreateRandom(Purpose).Shuffle(rows);
        int[] train = [.. rows[..(rows.Length / 2)].Where(row => labels[row] == 0)], test = rows[(rows.Length / 2)..];
        if (train.Length > 0 && test.Any(row => labels[row] == 0) && test.Any(row => labels[row] == 1)) return (train, test);
        throw new DataException(
            $"{labels.Count} rows with {labels.Count(label => label == 1)} anomalies are too few: a half has no normal row or no anomaly.");
    }
}
