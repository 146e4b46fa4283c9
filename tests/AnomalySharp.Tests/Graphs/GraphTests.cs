using AnomalySharp.Graphs;
using AnomalySharp.Tables;
using AnomalySharp.Tests.Common;

namespace AnomalySharp.Tests.Graphs;

public class GraphTests
{
    // 0 – 1 – 2, 3 – 4, 5 alone.
    private static readonly Graph Small = Graph.OfEdges(6, [1, 0, 2, 4, 2], [0, 1, 1, 3, 2], ["a", "b", "c", "d", "e", "f"]);

    [Fact]
    public void Loops_are_dropped_duplicates_merged_and_directions_forgotten_and_said_so()
    {
        Assert.Equal(3, Small.EdgeCount);
        Assert.Equal([0, 2], Small.NeighborsOf(1).ToArray());
        Assert.Equal([1, 2, 1, 1, 1, 0], Enumerable.Range(0, 6).Select(Small.DegreeOf));
        Assert.True(Small.HasEdge(3, 4) && Small.HasEdge(4, 3) && !Small.HasEdge(0, 2));
        Assert.Equal(
            ["1 edge leads from a node to itself and was dropped.", "2 edges are given in one direction and count in both."], Small.Notes);
        Assert.Equal(["1 edge occurs more than once and was merged."], Graph.OfEdges(2, [0, 0, 1], [1, 1, 0]).Notes);
        Assert.Empty(Graph.OfEdges(2, [0, 1], [1, 0]).Notes);
    }

    [Fact]
    public void Nodes_that_are_not_there_are_refused_by_edge_and_number()
    {
        DataException refused = Assert.Throws<DataException>(() => Graph.OfEdges(3, [0, 1], [1, 3]));
        Assert.Contains("Edge 1 (counted from 0) leads to node 3, and there are 3 nodes", refused.Message, StringComparison.Ordinal);
        Assert.Throws<DataException>(() => Graph.OfEdges(3, [0, -1], [1, 2]));
        Assert.Throws<DataException>(() => Graph.OfEdges(2, [], [], ["one"]));
    }

    [Fact]
    public void A_part_has_the_edges_among_its_nodes_in_their_new_places()
    {
        Graph part = Small.Select([2, 5, 1]);
        Assert.Equal((3, 1), (part.Count, part.EdgeCount));
        Assert.Equal([2], part.NeighborsOf(0).ToArray());
        Assert.Equal(["c", "f", "b"], part.Names!);
        Assert.Equal([1, 0, 2], Small.Around(1, 1));
        Assert.Equal([0, 1, 2], Small.Around(0, 2));
        Assert.Equal([5], Small.Around(5, 3));
    }

    [Fact]
    public void Samples_carry_their_graph_along_and_lose_it_where_it_would_be_cut()
    {
        Samples nodes = new Samples(new float[12], new SampleShape(2)).WithGraph(Small);
        Assert.Equal(DataKinds.Graph, nodes.Kind);
        Assert.Equal("e", nodes.RowName(4));
        Assert.Same(Small, nodes.WithLabels(new byte[6]).WithValues(new float[18], new SampleShape(3)).Graph);
        Assert.Same(Small, nodes.Slice(0, 6).Graph);
        Assert.Null(nodes.Slice(0, 5).Graph);
        Assert.Equal(1, nodes.Select([3, 4]).Graph!.EdgeCount);
        Assert.Throws<DataException>(() => new Samples(new float[10], new SampleShape(2)).WithGraph(Small));
        Assert.Throws<DataException>(() => new Samples(new float[24], new SampleShape(2, 2)).WithGraph(Small));
        Dataset table = new Dataset(new Table([new NumberColumn("x", new double[6])]), new byte[6]).WithGraph(Small);
        Assert.Equal(DataKinds.Graph, table.Kind);
        Assert.Equal(1, table.Select([3, 4]).Graph!.EdgeCount);
        Assert.Same(Small, table.WithoutLabels().Graph);
        Assert.Throws<DataException>(() => new Dataset(new Table([new NumberColumn("x", new double[5])])).WithGraph(Small));
    }

    [Fact]
    public void A_method_for_tables_sees_the_attributes_of_nodes_alone()
    {
        Samples nodes = CommunityGraph.Create(1);
        using AnomalyModel with = AnomalyModel.Train(nodes, new AnomalySharp.Detectors.Classical.KnnOptions());
        using AnomalyModel without = AnomalyModel.Train(nodes.WithGraph(null), new AnomalySharp.Detectors.Classical.KnnOptions());
        float[] scores = with.Score(nodes, cancellation: TestContext.Current.CancellationToken).Scores.ToArray();
        Assert.Equal(without.Score(nodes.WithGraph(null), cancellation: TestContext.Current.CancellationToken).Scores.ToArray(), scores);
        Assert.Null(with.Explain(nodes, [0])[0].Edges);
    }
}
