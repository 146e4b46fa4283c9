namespace AnomalySharp.Data.Protocols;

/// <summary>
/// One class is normal, and some samples of the other classes are mixed in, so that they are a given share of the whole; the whole trains, without
/// labels, and is scored. The protocol of the outlier detection experiments of Wang et al. (E³Outlier, NeurIPS 2019) and, with given numbers of
/// both, of Zhou and Paffenroth (RDA, KDD 2017).
/// </summary>
public static class ContaminatedClass
{
    // A random sequence of its own, so that the choice does not depend on what a detector draws from the same seed.
    private const int Purpose = 0x0C7A;

    /// <summary>All samples of the class, or at most <paramref name="limit"/> of them, and ⌊n·ρ/(1 − ρ)⌋ drawn from all other classes.</summary>
    /// <param name="classes">Class of each sample.</param>
    /// <param name="normal">The class that is normal.</param>
    /// <param name="ratio">ρ: the share of the whole that is abnormal, above 0 and below 1.</param>
    /// <param name="seed">Decides which samples are drawn.</param>
    /// <param name="limit">Most normal samples; null: all.</param>
    /// <exception cref="DataException">No sample has the class, or too few have another.</exception>
    /// <exception cref="OptionException">The ratio is out of range.</exception>
    public static LabelledRows Select(IReadOnlyList<byte> classes, byte normal, double ratio, int seed, int? limit = null)
    {
        if (ratio is not (> 0 and < 1)) throw new OptionException($"The share of abnormal samples is {ratio}; allowed: above 0 and below 1.");
        int inliers = Math.Min(classes.Count(one => one == normal), limit ?? int.MaxValue);
        // A hair above the product, so that a share such as 0.1 does not lose a sample to rounding: 900·0.1/0.9 is 99.99….
        return SelectCounts(classes, normal, inliers, (int)Math.Floor((inliers * ratio / (1 - ratio)) + 1e-9), seed);
    }

    /// <summary>Given numbers of samples of the class and of all others together.</summary>
    /// <inheritdoc cref="Select"/>
    /// <param name="classes">Class of each sample.</param>
    /// <param name="normal">The class that is normal.</param>
    /// <param name="inliers">Normal samples.</param>
    /// <param name="outliers">Abnormal samples.</param>
    /// <param name="seed">Decides which samples are drawn.</param>
    public static LabelledRows SelectCounts(IReadOnlyList<byte> classes, byte normal, int inliers, int outliers, int seed)
    {
        int[] inside = [.. Enumerable.Range(0, classes.Count).Where(i => classes[i] == normal)];
        int[] outside = [.. Enumerable.Range(0, classes.Count).Where(i => classes[i] != normal)];
        if (inliers < 1 || inliers > inside.Length)
        {
            throw new DataException($"{inliers} samples of class {normal} are asked for, and there are {inside.Length}.");
        }
        if (outliers < 1 || outliers > outside.Length)
        {
            throw new DataException($"{outliers} samples of other classes than {normal} are asked for, and there are {outside.Length}.");
        }
        Random random = new FitContext { Seed = seed }.CreateRandom(Purpose);
        return LabelledRows.Of(LabelledRows.Draw(inside, inliers, random), LabelledRows.Draw(outside, outliers, random));
    }
}
