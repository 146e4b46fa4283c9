namespace AnomalySharp.Graphs;

/// <summary>What a pair of nodes contributed to the score of the first.</summary>
/// <param name="Other">Position of the other node.</param>
/// <param name="Exists">Whether there is an edge between the two.</param>
/// <param name="Expected">Probability that the method gives to there being one, 0 to 1.</param>
/// <param name="Contribution">What it adds to the score.</param>
public readonly record struct EdgeEffect(int Other, bool Exists, double Expected, double Contribution);

/// <summary>
/// Implemented by detectors that say which edges of a node, or lacking ones, raise its score: it is the sum of the node's attributions and of the
/// contributions of all its pairs.
/// </summary>
public interface IEdgeEffects
{
    /// <summary>For each of the nodes the pairs that contributed most, in falling order; the contributions are in the unit of the attributions.</summary>
    /// <param name="samples">All nodes of a graph, of the shape seen at training.</param>
    /// <param name="nodes">Positions of the nodes asked for.</param>
    /// <param name="top">Most pairs of each.</param>
    IReadOnlyList<IReadOnlyList<EdgeEffect>> EdgeEffects(Samples samples, IReadOnlyList<int> nodes, int top);
}
