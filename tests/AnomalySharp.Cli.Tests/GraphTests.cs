using System.Globalization;
using System.Text;
using System.Text.Json;
using AnomalySharp.Cli.Tests.Support;
using AnomalySharp.Tests.Common;

namespace AnomalySharp.Cli.Tests;

/// <summary>Graphs through the command line: a table of nodes and one of edges.</summary>
public sealed class GraphTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string[] _graph;

    public GraphTests()
    {
        Samples nodes = CommunityGraph.Create(1, [.. Enumerable.Range(0, CommunityGraph.Count).Select(i => $"n{i}")]);
        StringBuilder table = new("name,a0,a1,a2,a3,a4,a5,y\n"), edges = new("left,right\n");
        for (int i = 0; i < nodes.Count; i++)
        {
            string values = string.Join(',', nodes[i].ToArray().Select(value => value.ToString(CultureInfo.InvariantCulture)));
            table.Append(CultureInfo.InvariantCulture, $"n{i},{values},{nodes.Labels![i]}\n");
            foreach (int neighbor in nodes.Graph!.NeighborsOf(i))
            {
                if (neighbor > i) edges.Append(CultureInfo.InvariantCulture, $"n{i},n{neighbor}\n");
            }
        }
        _graph = [_folder.Write("nodes.csv", table.ToString()), "--edges", _folder.Write("edges.csv", edges.ToString()), "--id", "name"];
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Nodes_are_judged_and_explained_by_attributes_and_edges()
    {
        string report = _folder["r.html"];
        CliResult found = Anomaly.Run(["detect", .. _graph, "--label", "y", "--report", report, "--json"]).MustSucceed();
        Assert.Equal("dominant", found.Json.GetProperty("detector").GetString());
        Assert.InRange(found.Json.GetProperty("rocAuc").GetDouble(), 0.9, 1);
        JsonElement[] top = [.. found.Json.GetProperty("top").EnumerateArray()];
        Assert.All(top, one => Assert.StartsWith("n", one.GetProperty("row").GetString(), StringComparison.Ordinal));
        Assert.Contains(top, one => one.GetProperty("edges").GetArrayLength() > 0);
        Assert.Contains("edge to n", File.ReadAllText(report).ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_is_stored_scores_a_graph_and_says_why()
    {
        string model = _folder["m.anomaly"], scores = _folder["s.csv"];
        Anomaly.Run(["train", .. _graph, "--label", "y", "--detector", "dominant", "--out", model]).MustSucceed();
        Anomaly.Run(["score", model, .. _graph, "--explain", "--out", scores]).MustSucceed();
        string[] lines = File.ReadAllLines(scores);
        Assert.Equal(CommunityGraph.Count + 1, lines.Length);
        Assert.StartsWith("n0,", lines[1], StringComparison.Ordinal);
        CliResult why = Anomaly.Run(["explain", model, .. _graph, "--row", "n0"]).MustSucceed();
        Assert.Contains("Row n0", why.Out, StringComparison.Ordinal);
        Assert.Contains("edge to n", why.Out, StringComparison.Ordinal);
        Anomaly.Run("score", model, _graph[0], "--out", scores).MustRefuse(1, "nodes.csv", "no edges", "--edges");
        Assert.InRange(Anomaly.Run(["evaluate", model, .. _graph, "--label", "y", "--json"]).MustSucceed().Json.GetProperty("rocAuc").GetDouble(), 0.8, 1);
    }

    [Theory]
    [InlineData("gae:4[epochs=20]", 4)]
    [InlineData("gae:4[epochs=5]+walks:3[walks=2]", 7)]
    public void Any_detector_sees_features_of_nodes(string features, int width)
    {
        CliResult found = Anomaly.Run(
            ["detect", .. _graph, "--label", "y", "--detector", "isolation-forest", "--features", features, "--json"]).MustSucceed();
        Assert.Equal(width, found.Json.GetProperty("features").GetInt32());
    }

    [Fact]
    public void What_sees_edges_is_neither_put_on_features_nor_into_an_ensemble()
    {
        Anomaly.Run(["detect", .. _graph, "--label", "y", "--detector", "dominant", "--features", "gae:4"]).MustRefuse(2, "dominant", "--features");
        Anomaly.Run(["detect", .. _graph, "--label", "y", "--detector", "ensemble", "--set", "detectors=knn@gae:4,ecod"]).MustRefuse(2, "knn", "edges");
    }

    [Fact]
    public void Walks_do_not_know_another_graph_and_say_so()
    {
        string model = _folder["m.anomaly"], other = _folder.Write("other.csv", "left,right\nn1,n2\n");
        Anomaly.Run(["train", .. _graph, "--label", "y", "--detector", "knn", "--features", "walks:4[walks=2]", "--out", model]).MustSucceed();
        Anomaly.Run("score", model, _graph[0], "--edges", other, "--id", "name", "--out", _folder["s.csv"]).MustRefuse(1, "training graph", "gae");
    }

    [Fact]
    public void What_is_wrong_with_a_graph_is_said()
    {
        string strange = _folder.Write("strange.csv", "left,right\nn1,n2\nn3,nobody\n");
        Anomaly.Run("detect", _graph[0], "--edges", strange, "--id", "name").MustRefuse(1, "strange.csv", "row 1", "column 'right'", "'nobody'", "Add the node");
        Anomaly.Run("detect", _graph[0], "--id", "name").MustRefuse(2, "--edges");
        Anomaly.Run(["detect", _graph[0], "--detector", "dominant"]).MustRefuse(1, "nodes of a graph with --edges");
        Anomaly.Run("detect", _graph[0], "--detector", "knn", "--features", "gae:3").MustRefuse(1, "no edges", "--edges");
        Anomaly.Run(["detect", .. _graph, "--window", "5", "--detector", "persistence"]).MustRefuse(1, "no order of time");
        Anomaly.Run(["compare", .. _graph, "--label", "y", "--protocol", "normal-only", "--detectors", "knn"]).MustRefuse(2, "tears a graph apart");
    }

    [Fact]
    public void A_comparison_has_methods_of_nodes_beside_those_of_their_attributes()
    {
        CliResult compared = Anomaly.Run(
            ["compare", .. _graph, "--label", "y", "--detectors", "dominant,knn", "--set", "epochs=5", "--seeds", "1", "--json"]).MustSucceed();
        Assert.Equal(["dominant", "knn"], compared.Json.GetProperty("results").EnumerateArray().Select(run => run.GetProperty("detector").GetString()));
    }
}
