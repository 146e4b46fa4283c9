namespace AnomalySharp.Clustering;

/// <summary>Which clusters are large (He, Xu, Deng: Discovering cluster-based local outliers, 2003, definition 2).</summary>
internal static class LargeClusters
{
    /// <summary>How many clusters are large: the fewest of which equation 1 (α) or 2 (β) holds.</summary>
    /// <param name="sizes">Sizes of the clusters, falling.</param>
    /// <param name="alpha">Share of the samples.</param>
    /// <param name="beta">Ratio of neighbouring sizes.</param>
    public static int Count(ReadOnlySpan<int> sizes, double alpha, double beta)
    {
        long total = 0, sum = 0;
        foreach (int size in sizes) total += size;
        for (int b = 1; b < sizes.Length; b++)
        {
            sum += sizes[b - 1];
            if (sum >= alpha * total || sizes[b - 1] >= beta * sizes[b]) return b;
        }
        return sizes.Length;
    }
}
