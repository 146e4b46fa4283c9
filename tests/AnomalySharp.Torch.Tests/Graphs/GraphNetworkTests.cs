using AnomalySharp.Graphs;
using AnomalySharp.Networks;
using AnomalySharp.Tests.Common;
using AnomalySharp.Torch.Native;
using AnomalySharp.Torch.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Tests.Graphs;

public class GraphNetworkTests
{
    // 0 – 1 – 2, and 3 alone.
    private static readonly Graph Path = Graph.OfEdges(4, [0, 1], [1, 2]);

    [Fact]
    public void A_convolution_sums_neighbours_by_the_roots_of_degrees_whichever_side_is_narrower()
    {
        TorchRuntime.Prepare();
        foreach (int outputs in new[] { 1, 3 })
        {
            using DisposeScope scope = NewDisposeScope();
            GraphConvolution layer = new(2, outputs, Activation.Identity, new Random(1));
            (Parameter bias, Parameter weight) = ((Parameter)layer.named_parameters().Single(one => one.parameter.dim() == 1).parameter,
                (Parameter)layer.named_parameters().Single(one => one.parameter.dim() == 2).parameter);
            using (no_grad())
            {
                weight.copy_(ones_like(weight));
                bias.copy_(full(bias.shape, KeptScalar.Of(0.5)));
            }
            Tensor nodes = tensor(new float[] { 1, 2, 3, 4, 5, 6, 7, 8 }, [4, 2]);
            float[] result = layer.call(GraphConvolution.Propagation(Path, CPU), nodes).data<float>().ToArray();
            // Row sums 3, 7, 11, 15; degrees with loops 2, 3, 2, 1.
            double[] expected = [3 / 2.0 + (7 / Math.Sqrt(6)), (3 / Math.Sqrt(6)) + (7 / 3.0) + (11 / Math.Sqrt(6)), (7 / Math.Sqrt(6)) + (11 / 2.0), 15];
            for (int i = 0; i < 4 * outputs; i++) Assert.Equal(expected[i / outputs] + 0.5, result[i], 1e-5);
        }
    }

    [Fact]
    public void Errors_of_edges_are_those_of_the_whole_matrix_without_ever_having_it()
    {
        TorchRuntime.Prepare();
        using DisposeScope scope = NewDisposeScope();
        Graph graph = CommunityGraph.Create(1).Graph!;
        int n = graph.Count, k = 3;
        float[] values = FiniteDifferences.Normal(4, n * k);
        Tensor z = tensor(values, [n, k]);
        float[] products = ProductDecoder.Errors(z, graph).data<float>().ToArray();
        int[] all = [.. Enumerable.Range(0, n)];
        float[] sigmoids = SigmoidDecoder.Errors(z, graph, all, all, null);
        for (int i = 0; i < n; i++)
        {
            double product = 0, sigmoid = 0;
            for (int j = 0; j < n; j++)
            {
                double dot = FiniteDifferences.Dot(values.AsSpan(i * k, k), values.AsSpan(j * k, k)), edge = graph.HasEdge(i, j) ? 1 : 0;
                product += Math.Pow(dot - (i == j ? 1 : edge), 2);
                if (i != j) sigmoid += Math.Pow((1 / (1 + Math.Exp(-dot))) - edge, 2);
            }
            Assert.Equal(Math.Sqrt(product), products[i], 1e-3 * Math.Sqrt(product));
            Assert.Equal(Math.Sqrt(sigmoid), sigmoids[i], 1e-4 * Math.Sqrt(sigmoid));
        }
    }

    [Fact]
    public void A_sample_of_nodes_stands_for_all_that_are_no_neighbours()
    {
        TorchRuntime.Prepare();
        using DisposeScope scope = NewDisposeScope();
        Graph graph = CommunityGraph.Create(2).Graph!;
        // Equal codes: every probability is the same, so that any sample gives the exact error.
        Tensor z = ones(graph.Count, 2);
        int[] all = [.. Enumerable.Range(0, graph.Count)], some = [.. all.Where(i => i % 4 == 1)];
        float[] exact = SigmoidDecoder.Errors(z, graph, all, all, null), sampled = SigmoidDecoder.Errors(z, graph, some, some, null);
        for (int k = 0; k < some.Length; k++) Assert.Equal(exact[some[k]], sampled[k], 1e-4);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    [InlineData(true, 3)]
    public void Gradients_of_errors_of_edges_are_their_slopes(bool sigmoid, int every)
    {
        TorchRuntime.Prepare();
        Graph graph = CommunityGraph.Create(3).Graph!.Select([.. Enumerable.Range(0, 24)]);
        int[] nodes = [.. Enumerable.Range(0, graph.Count).Where(i => i % every == 0)];
        float[] point = FiniteDifferences.Normal(5, graph.Count * 2), gradient;
        using (DisposeScope scope = NewDisposeScope())
        {
            Tensor z = tensor(point, [graph.Count, 2]).requires_grad_();
            Loss(z).backward();
            gradient = z.grad!.data<float>().ToArray();
        }
        FiniteDifferences.CheckSlopes(point, gradient, at =>
        {
            using DisposeScope scope = NewDisposeScope();
            return Loss(tensor(at, [graph.Count, 2])).Number();
        });

        Tensor Loss(Tensor z) => sigmoid ? SigmoidDecoder.MeanError(z, graph, nodes) : ProductDecoder.Errors(z, graph).mean();
    }

    [Fact]
    public void The_gradient_of_a_reconstruction_reaches_every_weight_through_the_graph()
    {
        TorchRuntime.Prepare();
        Samples samples = CommunityGraph.Create(4);
        using GraphAutoencoder module = new(CommunityGraph.Width, [5, 4], decodes: true, seed: 1);
        using TorchNetwork network = new(module, samples.Shape, CommunityGraph.Width);
        float[] point = network.Parameters.Values.ToArray();
        using (DisposeScope scope = NewDisposeScope())
        {
            network.Enter(training: true);
            network.AddGradients(Loss());
        }
        FiniteDifferences.CheckSlopes(point, network.Parameters.Gradients.ToArray(), at =>
        {
            using DisposeScope scope = NewDisposeScope();
            at.CopyTo(network.Parameters.Values);
            return Loss().Number();
        });

        Tensor Loss()
        {
            Tensor x = network.Import(samples.Values.Span, samples.Count), propagation = GraphConvolution.Propagation(samples.Graph!, CPU);
            Tensor z = module.Encode(propagation, x);
            return (x - module.Decode(propagation, z)).Squared().mean().Plus(ProductDecoder.Errors(z, samples.Graph!).mean());
        }
    }
}
