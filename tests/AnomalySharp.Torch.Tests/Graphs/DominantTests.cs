using AnomalySharp.Detectors.Classical;
using AnomalySharp.Evaluation;
using AnomalySharp.Explanation;
using AnomalySharp.FeatureExtraction;
using AnomalySharp.Tests.Common;
using AnomalySharp.Torch.Detectors.Reconstruction;
using AnomalySharp.Torch.Features;

namespace AnomalySharp.Torch.Tests.Graphs;

public sealed class DominantTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("anomalysharp-graphs-").FullName;

    private static readonly TrainingSettings Settings = new() { Context = new FitContext { Seed = 1, Threads = 1 } };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(EdgeDecoder.Product, 4096, 0.9)]
    [InlineData(EdgeDecoder.Product, 50, 0.9)]
    [InlineData(EdgeDecoder.Sigmoid, 4096, 0.9)]
    [InlineData(EdgeDecoder.Sigmoid, 50, 0.7)]
    public void A_clique_and_nodes_with_wrong_attributes_are_found(EdgeDecoder decoder, int batchSize, double least)
    {
        Samples nodes = CommunityGraph.Create(1);
        using AnomalyModel model = AnomalyModel.Train(nodes, new DominantOptions { Decoder = decoder, BatchSize = batchSize }, Settings);
        float[] scores = Scores(model, nodes);
        Assert.InRange(DetectionMetrics.Compute(scores, nodes.Labels!, 0).RocAuc, least, 1);
        Assert.InRange(AmongNormal(0, CommunityGraph.Clique), least - 0.1, 1);
        Assert.InRange(AmongNormal(CommunityGraph.Clique, CommunityGraph.Strangers), least - 0.1, 1);

        double AmongNormal(int first, int count)
        {
            int[] rows = [.. Enumerable.Range(first, count), .. Enumerable.Range(14, CommunityGraph.Count - 14)];
            return DetectionMetrics.Compute([.. rows.Select(row => scores[row])], [.. rows.Select(row => nodes.Labels![row])], 0).RocAuc;
        }
    }

    [Fact]
    public void A_stranger_is_explained_by_its_attributes_and_a_member_of_the_clique_by_its_edges()
    {
        Samples nodes = CommunityGraph.Create(1, [.. Enumerable.Range(0, CommunityGraph.Count).Select(i => $"n{i}")]);
        using AnomalyModel model = AnomalyModel.Train(nodes, new DominantOptions(), Settings);
        IReadOnlyList<SampleExplanation> said = model.Explain(nodes, [0, CommunityGraph.Clique]);
        Assert.Equal(["n0", "n8"], said.Select(one => one.Row));
        EdgeContribution edge = said[0].Edges![0];
        Assert.True(edge.Exists);
        Assert.True(nodes.Graph!.HasEdge(0, nodes.RowNames!.ToList().IndexOf(edge.Node)));
        Assert.Contains(said[0].Reasons(10), reason => reason.StartsWith($"edge to {edge.Node} (expected with probability ", StringComparison.Ordinal));
        Assert.True(said[0].Edges!.Sum(other => other.Share) > said[0].Columns.Sum(column => column.Share));
        // Node 8 is of community 2 and has the attributes of community 0.
        Assert.DoesNotContain(said[1].Columns[0].Column, "a1 a4", StringComparison.Ordinal);
        Assert.True(said[1].Columns[0].Share > said[1].Edges![0].Share);
        float[] scores = Scores(model, nodes);
        Samples parts = model.Attribute(nodes, cancellation: TestContext.Current.CancellationToken);
        Assert.All(said, one => Assert.InRange(one.Columns.Sum(column => column.Share) + one.Edges!.Sum(other => other.Share), 0.2, 1.001));
        Assert.All(Enumerable.Range(0, nodes.Count), i => Assert.True(parts[i].ToArray().Sum() < scores[i]));
    }

    [Fact]
    public void A_model_judges_graphs_that_it_was_not_trained_on_also_after_storing()
    {
        Samples other = CommunityGraph.Create(7).Select([.. Enumerable.Range(0, 100)]);
        string path = Path.Combine(_folder, "m.anomaly");
        using AnomalyModel model = AnomalyModel.Train(CommunityGraph.Create(1), new DominantOptions(), Settings);
        model.Save(path);
        using AnomalyModel loaded = AnomalyModel.Load(path);
        float[] scores = Scores(loaded, other);
        Assert.Equal(Scores(model, other), scores);
        Assert.InRange(DetectionMetrics.Compute(scores, other.Labels!, 0).RocAuc, 0.85, 1);
        Assert.Contains("no edges", Assert.Throws<DataException>(() => Scores(loaded, other.WithGraph(null))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Normal_only_learns_from_the_edges_among_normal_nodes_and_rows_without_edges_are_refused()
    {
        Samples nodes = CommunityGraph.Create(1);
        using AnomalyModel model = AnomalyModel.Train(nodes, new DominantOptions(), Settings with { NormalOnly = true });
        Assert.Equal(CommunityGraph.Count - 14, model.Summary.Rows);
        Assert.Contains(model.Summary.Notes, note => note.StartsWith($"Of {nodes.Graph!.EdgeCount} edges, the ", StringComparison.Ordinal));
        Assert.InRange(DetectionMetrics.Compute(Scores(model, nodes), nodes.Labels!, 0).RocAuc, 0.75, 1);
        string refused = Assert.Throws<DataException>(() => AnomalyModel.Train(nodes.WithGraph(null), new DominantOptions(), Settings)).Message;
        Assert.Contains("--edges", refused, StringComparison.Ordinal);
    }

    [Fact]
    public void Isolated_nodes_and_several_components_have_scores()
    {
        Samples nodes = CommunityGraph.Create(1), alone = nodes.WithGraph(AnomalySharp.Graphs.Graph.OfEdges(nodes.Count, [0], [1]));
        foreach (EdgeDecoder decoder in Enum.GetValues<EdgeDecoder>())
        {
            using AnomalyModel model = AnomalyModel.Train(alone, new DominantOptions { Epochs = 3, Decoder = decoder }, Settings);
            Assert.All(Scores(model, alone), score => Assert.True(float.IsFinite(score)));
        }
    }

    [Fact]
    public void Codes_of_nodes_serve_any_detector_are_stored_and_explained_by_the_nodes_own_attributes()
    {
        Samples nodes = CommunityGraph.Create(1), other = CommunityGraph.Create(5);
        TrainingSettings settings = Settings with { Features = FeatureCatalog.Parse("gae:4[epochs=60;hidden=8]") };
        Assert.Equal(4, Assert.IsType<GaeFeatureOptions>(settings.Features).Latent);
        using AnomalyModel model = AnomalyModel.Train(nodes, new KnnOptions(), settings);
        Assert.Equal(4, model.Summary.Features);
        string path = Path.Combine(_folder, "m.anomaly");
        model.Save(path);
        using AnomalyModel loaded = AnomalyModel.Load(path);
        Assert.Equal(Scores(model, other), Scores(loaded, other));
        float[] values = nodes.Values.ToArray();
        values[(50 * CommunityGraph.Width) + 1] += 30;
        Samples changed = nodes.WithValues(values, nodes.Shape, nodes.FeatureNames);
        SampleExplanation said = model.Explain(changed, [50])[0];
        Assert.Equal("a1", said.Columns[0].Column);
        Assert.Equal(Scores(model, changed)[50], said.Score);
        Assert.Contains("no edges", Assert.Throws<DataException>(() => Scores(model, nodes.WithGraph(null))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_code_of_changed_attributes_is_the_same_by_a_nodes_surroundings_as_by_the_whole_graph()
    {
        Samples nodes = CommunityGraph.Create(2);
        using FeatureExtractor extractor = FeatureCatalog.Parse("gae:4[epochs=5]").CreateExtractor(FeatureForm.Vectors);
        extractor.Fit(nodes, new FitContext { Seed = 1 });
        float[] values = nodes.Values.ToArray(), version = [3, 1, 4, 1, 5, 9];
        version.CopyTo(values, 30 * CommunityGraph.Width);
        float[] whole = extractor.Extract(nodes.WithValues(values, nodes.Shape))[30].ToArray();
        float[] local = extractor.ExtractVersions(nodes, 30, new Samples(version, nodes.Shape))[0].ToArray();
        for (int k = 0; k < whole.Length; k++) Assert.Equal(whole[k], local[k], 1e-5);
    }

    [Fact]
    public void Several_extractors_of_which_one_sees_the_graph_stand_side_by_side()
    {
        Samples nodes = CommunityGraph.Create(1);
        TrainingSettings settings = Settings with { Features = FeatureCatalog.Parse("gae:3[epochs=5]+walks:4[walks=2]+autoencoder:2[epochs=3]") };
        using AnomalyModel model = AnomalyModel.Train(nodes, new IsolationForestOptions(), settings);
        Assert.Equal(9, model.Summary.Features);
        string path = Path.Combine(_folder, "m.anomaly");
        model.Save(path);
        using AnomalyModel loaded = AnomalyModel.Load(path);
        Assert.Equal(Scores(model, nodes), Scores(loaded, nodes));
        Assert.Equivalent(model.Explain(nodes, [3]), loaded.Explain(nodes, [3]), strict: true);
    }

    private static float[] Scores(AnomalyModel model, Samples nodes) =>
        model.Score(nodes, 1, TestContext.Current.CancellationToken).Scores.ToArray();
}
