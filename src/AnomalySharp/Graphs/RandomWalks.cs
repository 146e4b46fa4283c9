namespace AnomalySharp.Graphs;

/// <summary>
/// Random walks of second order (Grover, Leskovec: node2vec: Scalable feature learning for networks. KDD 2016, 3.2): after a step from t to v, the next node
/// x has the weight 1/p where it is t again, 1 where it is a neighbour of t, and 1/q elsewhere.
/// </summary>
/// <param name="graph">Where to walk.</param>
/// <param name="p">The larger, the more seldom a walk goes back at once.</param>
/// <param name="q">The larger, the nearer it stays to where it was.</param>
internal sealed class RandomWalks(Graph graph, double p, double q)
{
    private readonly double _most = Math.Max(1, Math.Max(1 / p, 1 / q));

    /// <summary>Walks from <paramref name="start"/> until <paramref name="walk"/> is full; only an isolated node ends it early, with itself.</summary>
    /// <returns>The number of nodes walked over, the first included.</returns>
    public int Walk(int start, Random random, Span<int> walk)
    {
        walk[0] = start;
        for (int step = 1; step < walk.Length; step++)
        {
            ReadOnlySpan<int> neighbors = graph.NeighborsOf(walk[step - 1]);
            if (neighbors.IsEmpty) return step;
            walk[step] = step == 1 ? neighbors[random.Next(neighbors.Length)] : Next(walk[step - 2], neighbors, random);
        }
        return walk.Length;
    }

    // Drawn evenly, and taken with the share that its weight has of the greatest one: no table of weights for every edge.
    private int Next(int before, ReadOnlySpan<int> neighbors, Random random)
    {
        while (true)
        {
            int next = neighbors[random.Next(neighbors.Length)];
            double weight = next == before ? 1 / p : graph.HasEdge(before, next) ? 1 : 1 / q;
            if (random.NextDouble() * _most < weight) return next;
        }
    }
}
