namespace AnomalySharp.Neighbors;

/// <summary>How nearest neighbours are looked for.</summary>
public enum NeighborSearch
{
    /// <summary>Exactly, except where that would take many minutes: beyond 10¹³ multiplications for a search from every row.</summary>
    Auto,

    /// <summary>Exactly: through a k-d tree where rows are many and have few values, by comparison with all rows elsewhere.</summary>
    Exact,

    /// <summary>
    /// Through a k-d tree that leaves out what cannot be much nearer: distances are at most twice the exact ones, and mostly equal.
    /// </summary>
    Approximate,
}

/// <summary>Makes the index that an option asks for.</summary>
internal static class NeighborSearches
{
    /// <summary>ε of the approximate search.</summary>
    public const double Slack = 1;

    private const double MostProducts = 1e13;

    /// <summary>Indexes <paramref name="samples"/>.</summary>
    /// <param name="search">How.</param>
    /// <param name="samples">What is searched among.</param>
    /// <param name="context">Told where an exact search is given up; null where the user knows already.</param>
    public static NeighborIndex Index(this NeighborSearch search, Samples samples, FitContext? context = null)
    {
        int width = samples.Shape.Length;
        bool givenUp = search == NeighborSearch.Auto && IsCostly(samples.Count, width), approximate = givenUp || search == NeighborSearch.Approximate;
        if (givenUp)
        {
            context?.Note($"Neighbours among {samples.Count} samples of {width} values are looked for approximately; index=exact compares all.");
        }
        return new NeighborIndex(samples.Values.Span, width, approximate ? Slack : 0);
    }

    /// <summary>Whether an exact search from every row of so many takes many minutes.</summary>
    public static bool IsCostly(int count, int width) => !KdTree.Pays(count, width) && (double)count * count * width > MostProducts;
}
