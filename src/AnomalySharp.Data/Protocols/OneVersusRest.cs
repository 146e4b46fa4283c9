namespace AnomalySharp.Data.Protocols;

/// <summary>
/// One class of the training split trains; the whole test split is scored, with that class normal and every other abnormal: the protocol of Deep
/// SVDD (Ruff et al., ICML 2018) and of Golan and El-Yaniv (NeurIPS 2018).
/// </summary>
public static class OneVersusRest
{
    private const int Purpose = 0x012E;

    /// <summary>Rows of the training split that train, rising: those of the class, or at most <paramref name="limit"/> of them.</summary>
    /// <param name="classes">Class of each sample of the training split.</param>
    /// <param name="normal">The class that is normal.</param>
    /// <param name="seed">Decides which samples are drawn where there is a limit.</param>
    /// <param name="limit">Most training samples; null: all.</param>
    /// <exception cref="DataException">No sample has the class.</exception>
    public static int[] Train(IReadOnlyList<byte> classes, byte normal, int seed, int? limit = null)
    {
        int[] rows = [.. Enumerable.Range(0, classes.Count).Where(i => classes[i] == normal)];
        if (rows.Length == 0) throw new DataException($"No sample of the training split has the class {normal}.");
        int[] drawn = LabelledRows.Draw(rows, limit, new FitContext { Seed = seed }.CreateRandom(Purpose));
        Array.Sort(drawn);
        return drawn;
    }

    /// <summary>Labels of the test split: 0 for the class, 1 for every other.</summary>
    /// <param name="classes">Class of each sample of the test split.</param>
    /// <param name="normal">The class that is normal.</param>
    public static byte[] Labels(IReadOnlyList<byte> classes, byte normal) => [.. classes.Select(one => one == normal ? (byte)0 : (byte)1)];
}
