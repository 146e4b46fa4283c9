namespace AnomalySharp.Graphs;

/// <summary>
/// Which samples are connected: an undirected graph without loops and multiple edges over nodes <c>0 … Count − 1</c>, as sorted lists of neighbours in
/// one array (compressed rows). Isolated nodes and several components are fine. Immutable.
/// </summary>
public sealed class Graph
{
    private readonly int[] _starts, _neighbors;

    private Graph(int[] starts, int[] neighbors, IReadOnlyList<string>? names) => (_starts, _neighbors, Names) = (starts, neighbors, names);

    /// <summary>Number of nodes.</summary>
    public int Count => _starts.Length - 1;

    /// <summary>Number of undirected edges.</summary>
    public int EdgeCount => _neighbors.Length / 2;

    /// <summary>One name per node, or null where the position is the name.</summary>
    public IReadOnlyList<string>? Names { get; }

    /// <summary>What was mended when it was made: loops dropped, duplicates merged, directions forgotten.</summary>
    public IReadOnlyList<string> Notes { get; private init; } = [];

    /// <summary>Neighbours of node <paramref name="i"/>, rising.</summary>
    public ReadOnlySpan<int> NeighborsOf(int i) => _neighbors.AsSpan(_starts[i], _starts[i + 1] - _starts[i]);

    /// <summary>Number of neighbours of node <paramref name="i"/>.</summary>
    public int DegreeOf(int i) => _starts[i + 1] - _starts[i];

    /// <summary>Whether two nodes are connected.</summary>
    public bool HasEdge(int i, int j) => NeighborsOf(i).BinarySearch(j) >= 0;

    /// <summary>A graph of the given edges, in any order and direction.</summary>
    /// <param name="count">Number of nodes.</param>
    /// <param name="from">One end of each edge.</param>
    /// <param name="to">The other end of each edge.</param>
    /// <param name="names">One name per node, or null.</param>
    /// <exception cref="DataException">An end that is no node, or another number of names than nodes.</exception>
    public static Graph OfEdges(int count, ReadOnlySpan<int> from, ReadOnlySpan<int> to, IReadOnlyList<string>? names = null)
    {
        if (from.Length != to.Length) throw new DataException($"{from.Length} ends of edges need {from.Length} other ends, not {to.Length}.");
        if (names is not null && names.Count != count) throw new DataException($"{count} nodes need {count} names, not {names.Count}.");
        List<long> given = new(from.Length);
        for (int e = 0; e < from.Length; e++)
        {
            int stray = (uint)from[e] >= (uint)count ? from[e] : to[e];
            if ((uint)stray >= (uint)count)
            {
                throw new DataException(
                    $"Edge {e} (counted from 0) leads to node {stray}, and there are {count} nodes, counted from 0. Add the node, or leave the edge out.");
            }
            if (from[e] != to[e]) given.Add(Key(from[e], to[e]));
        }
        long[] directed = Distinct(given), both = Distinct([.. directed, .. directed.Select(key => Key((int)key, (int)(key >> 32)))]);
        List<string> notes = [];
        int loops = from.Length - given.Count, duplicates = given.Count - directed.Length, oneWay = both.Length - directed.Length;
        if (loops > 0) notes.Add($"{Counted(loops, "edge leads from a node to itself and was", "edges lead from a node to itself and were")} dropped.");
        if (duplicates > 0) notes.Add($"{Counted(duplicates, "edge occurs more than once and was", "edges occur more than once and were")} merged.");
        if (oneWay > 0) notes.Add($"{Counted(oneWay, "edge is given in one direction and counts", "edges are given in one direction and count")} in both.");
        return OfSorted(count, both, names, notes);
    }

    /// <summary>The nodes at the given positions, in that order, with the edges among them.</summary>
    public Graph Select(ReadOnlySpan<int> nodes)
    {
        int[] place = new int[Count];
        Array.Fill(place, -1);
        for (int i = 0; i < nodes.Length; i++) place[nodes[i]] = i;
        List<long> keys = [];
        string[]? names = Names is null ? null : new string[nodes.Length];
        for (int i = 0; i < nodes.Length; i++)
        {
            if (names is not null) names[i] = Names![nodes[i]];
            foreach (int neighbor in NeighborsOf(nodes[i]))
            {
                if (place[neighbor] >= 0) keys.Add(Key(i, place[neighbor]));
            }
        }
        keys.Sort();
        return OfSorted(nodes.Length, [.. keys], names, []);
    }

    /// <summary>The node itself, first, and all nodes that at most <paramref name="steps"/> edges lead to.</summary>
    public int[] Around(int node, int steps)
    {
        List<int> found = [node];
        HashSet<int> seen = [node];
        for (int step = 0, first = 0; step < steps; step++)
        {
            int last = found.Count;
            for (; first < last; first++)
            {
                foreach (int neighbor in NeighborsOf(found[first]))
                {
                    if (seen.Add(neighbor)) found.Add(neighbor);
                }
            }
        }
        return [.. found];
    }

    private static Graph OfSorted(int count, long[] keys, IReadOnlyList<string>? names, IReadOnlyList<string> notes)
    {
        int[] starts = new int[count + 1], neighbors = new int[keys.Length];
        for (int k = 0; k < keys.Length; k++)
        {
            starts[(int)(keys[k] >> 32) + 1]++;
            neighbors[k] = (int)keys[k];
        }
        for (int i = 0; i < count; i++) starts[i + 1] += starts[i];
        return new Graph(starts, neighbors, names) { Notes = notes };
    }

    private static long[] Distinct(List<long> keys)
    {
        keys.Sort();
        int kept = 0;
        for (int k = 0; k < keys.Count; k++)
        {
            if (kept == 0 || keys[k] != keys[kept - 1]) keys[kept++] = keys[k];
        }
        return [.. keys[..kept]];
    }

    private static long Key(int from, int to) => (long)from << 32 | (uint)to;

    private static string Counted(int count, string one, string several) => count == 1 ? $"1 {one}" : $"{count} {several}";
}
