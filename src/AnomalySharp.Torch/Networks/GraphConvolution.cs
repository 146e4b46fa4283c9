using AnomalySharp.Graphs;
using AnomalySharp.Networks;
using AnomalySharp.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// A layer of a graph convolutional network (Kipf, Welling: Semi-supervised classification with graph convolutional networks. ICLR 2017, eq. 2):
/// H′ = ÂHW + b with Â = D̃^(−½)(A + I)D̃^(−½), D̃ the degrees of A + I. Its weights do not depend on the graph.
/// </summary>
internal sealed class GraphConvolution : nn.Module<Tensor, Tensor, Tensor>
{
    private readonly Linear _weights;
    private readonly Parameter _bias;

    public GraphConvolution(int inputs, int outputs, Activation next, Random random) : base("convolution")
    {
        _weights = nn.Linear(inputs, outputs, hasBias: false);
        InitialWeights.Fill(_weights.weight!, null, inputs, next, random);
        _bias = new Parameter(zeros(outputs));
        register_module("weights", _weights);
        register_parameter("bias", _bias);
    }

    /// <param name="propagation">Â of <see cref="Propagation"/>, <c>[n,n]</c>.</param>
    /// <param name="nodes">H, <c>[n,inputs]</c>.</param>
    public override Tensor forward(Tensor propagation, Tensor nodes)
    {
        // Neighbours are summed on the narrower side.
        bool widens = _bias.shape[0] > nodes.shape[1];
        return (widens ? _weights.call(mm(propagation, nodes)) : mm(propagation, _weights.call(nodes))).Plus(_bias);
    }
    /// <summary>Refuses options by which nodes would be held out: codes are of all nodes of a graph, and there is no loss on some to stop by.</summary>
    /// <exception cref="OptionException">validationFraction or patience is not 0.</exception>
    public static void RequireAllNodes(NetworkDetectorOptions options)
    {
        if (options.ValidationFraction == 0 && options.Patience == 0) return;
        throw new OptionException("The nodes of a graph are learnt from together, and none are held out: validationFraction and patience can only be 0.");
    }

    /// <summary>Â of a graph: a sparse tensor <c>[n,n]</c> of one value for each node and two for each edge.</summary>
    public static Tensor Propagation(Graph graph, Device device)
    {
        float[] roots = [.. Enumerable.Range(0, graph.Count).Select(i => MathF.Sqrt(1 + graph.DegreeOf(i)))];
        return WithLoops(graph, (i, j) => 1 / (roots[i] * roots[j]), device, ScalarType.Float32);
    }

    /// <summary>A + I of a graph, likewise, with numbers of the kind that <paramref name="codes"/> has, and where it is.</summary>
    public static Tensor Adjacency(Graph graph, Tensor codes) => WithLoops(graph, (_, _) => 1, codes.device, codes.dtype);

    private static Tensor WithLoops(Graph graph, Func<int, int, float> value, Device device, ScalarType type)
    {
        int length = graph.Count + (2 * graph.EdgeCount), at = 0;
        long[] places = new long[2 * length];
        float[] values = new float[length];
        for (int i = 0; i < graph.Count; i++)
        {
            Add(i, i);
            foreach (int neighbor in graph.NeighborsOf(i)) Add(i, neighbor);
        }
        using Tensor indices = tensor(places, [2, length]);
        using Tensor weights = tensor(values, dtype: type);
        return sparse_coo_tensor(indices, weights, [graph.Count, graph.Count], device: device);

        void Add(int i, int j)
        {
            (places[at], places[length + at]) = (i, j);
            values[at++] = value(i, j);
        }
    }
}
