using AnomalySharp.Graphs;

namespace AnomalySharp.Tests.Common;

/// <summary>
/// Three communities whose nodes have attributes around a centre and edges among themselves; a clique of nodes from all of them, and nodes with the
/// attributes of another community, are labelled 1.
/// </summary>
internal static class CommunityGraph
{
    public const int Count = 120, Width = 6, Clique = 8, Strangers = 6;

    /// <summary>The nodes of the clique come first, then those with wrong attributes.</summary>
    public static Samples Create(int seed, IReadOnlyList<string>? names = null)
    {
        Random random = new(seed);
        float[] values = new float[Count * Width];
        byte[] labels = new byte[Count];
        List<int> from = [], to = [];
        for (int i = 0; i < Count; i++)
        {
            bool stranger = i >= Clique && i < Clique + Strangers;
            int community = i % 3, seen = stranger ? (community + 1) % 3 : community;
            labels[i] = i < Clique + Strangers ? (byte)1 : (byte)0;
            for (int j = 0; j < Width; j++) values[(i * Width) + j] = (j % 3 == seen ? 1 : 0) + (0.1f * random.NextSingle());
            for (int k = 0; k < 2; k++) Add(i, (3 * random.Next(Count / 3)) + community);
            for (int other = 0; i < Clique && other < i; other++) Add(i, other);
        }
        string[] features = [.. Enumerable.Range(0, Width).Select(j => $"a{j}")];
        return new Samples(values, new SampleShape(Width), labels, features).WithGraph(Graph.OfEdges(Count, [.. from], [.. to], names));

        void Add(int a, int b)
        {
            from.Add(a);
            to.Add(b);
        }
    }
}
