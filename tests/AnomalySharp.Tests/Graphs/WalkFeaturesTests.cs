using AnomalySharp.Detectors.Classical;
using AnomalySharp.FeatureExtraction;
using AnomalySharp.Graphs;
using AnomalySharp.Tests.Common;

namespace AnomalySharp.Tests.Graphs;

public class WalkFeaturesTests
{
    private static readonly WalkFeatureOptions Few = new() { Latent = 8, Walks = 4, Length = 10 };

    [Fact]
    public void Steps_have_the_weights_of_return_and_in_out()
    {
        // From 1 to 0: back to 1 has 1/p, the common neighbour 2 has 1, and 3 and 4 have 1/q each.
        Graph graph = Graph.OfEdges(5, [0, 0, 0, 0, 1], [1, 2, 3, 4, 2]);
        RandomWalks walks = new(graph, p: 0.5, q: 4);
        Random random = new(1);
        int[] counts = new int[5], walk = new int[3];
        while (counts.Sum() < 20_000)
        {
            Assert.Equal(3, walks.Walk(1, random, walk));
            if (walk[1] == 0) counts[walk[2]]++;
        }
        double[] expected = [0, 2 / 3.5, 1 / 3.5, 0.25 / 3.5, 0.25 / 3.5];
        for (int i = 0; i < 5; i++) Assert.Equal(expected[i], counts[i] / (double)counts.Sum(), 0.015);
    }

    [Fact]
    public void Nodes_of_one_community_lie_together_and_a_seed_gives_the_same_vectors()
    {
        Samples nodes = CommunityGraph.Create(1);
        Samples vectors = Extract(Fit(nodes, new WalkFeatureOptions { Latent = 16, LearningRate = 0.05 }), nodes);
        double within = 0, between = 0;
        int same = 0, other = 0;
        for (int i = CommunityGraph.Clique; i < nodes.Count; i++)
        {
            for (int j = CommunityGraph.Clique; j < i; j++)
            {
                double cosine = FiniteDifferences.Dot(vectors[i], vectors[j])
                    / Math.Sqrt(FiniteDifferences.Dot(vectors[i], vectors[i]) * FiniteDifferences.Dot(vectors[j], vectors[j]));
                if (i % 3 == j % 3) (within, same) = (within + cosine, same + 1);
                else (between, other) = (between + cosine, other + 1);
            }
        }
        Assert.True(within / same > between / other + 0.2, $"{within / same} within, {between / other} between.");
        Assert.Equal(Extract(Fit(nodes, Few), nodes).Values.ToArray(), Extract(Fit(nodes, Few), nodes).Values.ToArray());
    }

    [Fact]
    public void Nodes_are_known_by_their_names_in_any_order_and_after_storing()
    {
        Samples nodes = CommunityGraph.Create(1, [.. Enumerable.Range(0, CommunityGraph.Count).Select(i => $"n{i}")]);
        FeatureExtractor fitted = Fit(nodes, Few), restored = Few.CreateExtractor(FeatureForm.Vectors);
        restored.SetState(fitted.GetState(), nodes.Shape);
        int[] order = [.. Enumerable.Range(0, nodes.Count)];
        new Random(2).Shuffle(order);
        Assert.Equal(Extract(fitted, nodes).Select(order).Values.ToArray(), Extract(restored, nodes.Select(order)).Values.ToArray());
    }

    [Fact]
    public void Another_graph_is_refused_with_what_to_do()
    {
        Samples nodes = CommunityGraph.Create(1), other = CommunityGraph.Create(2);
        FeatureExtractor fitted = Fit(nodes, Few);
        Assert.Contains("other edges", Assert.Throws<DataException>(() => fitted.Extract(other)).Message, StringComparison.Ordinal);
        string fewer = Assert.Throws<DataException>(() => fitted.Extract(nodes.Select([0, 1, 2]))).Message;
        Assert.Contains("are 3 and not 120", fewer, StringComparison.Ordinal);
        Assert.Contains("--features gae", fewer, StringComparison.Ordinal);
        Assert.Contains("no edges", Assert.Throws<DataException>(() => fitted.Extract(nodes.WithGraph(null))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_detector_on_walks_sees_the_clique_and_no_attributes()
    {
        Samples nodes = CommunityGraph.Create(3);
        using AnomalyModel model = AnomalyModel.Train(nodes, new KnnOptions(), new TrainingSettings { Features = Few, Context = new FitContext { Seed = 1 } });
        float[] scores = model.Score(nodes, cancellation: TestContext.Current.CancellationToken).Scores.ToArray();
        Assert.All(scores, score => Assert.True(float.IsFinite(score)));
        Assert.All(model.Explain(nodes, [0, 20]), sample => Assert.Empty(sample.Columns));
        float[] changed = nodes.Values.ToArray();
        Array.Reverse(changed);
        Samples others = nodes.WithValues(changed, nodes.Shape);
        Assert.Equal(scores, model.Score(others, cancellation: TestContext.Current.CancellationToken).Scores.ToArray());
        Assert.Contains("no edges", Assert.Throws<DataException>(() => model.Score(nodes.WithGraph(null), cancellation: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    private static FeatureExtractor Fit(Samples nodes, WalkFeatureOptions options)
    {
        FeatureExtractor extractor = options.CreateExtractor(FeatureForm.Vectors);
        extractor.Fit(nodes, new FitContext { Seed = 5 });
        return extractor;
    }

    private static Samples Extract(FeatureExtractor extractor, Samples nodes) => extractor.Extract(nodes);
}
