using AnomalySharp.Networks;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// Graph convolutions from the features of nodes to codes, ReLU between them, and, where features are reconstructed too, one back to the features. Edges
/// are decoded by products of codes: <see cref="ProductDecoder"/>, <see cref="SigmoidDecoder"/>.
/// </summary>
internal sealed class GraphAutoencoder : nn.Module<Tensor, Tensor>
{
    private readonly GraphConvolution[] _encoder;
    private readonly GraphConvolution? _decoder;

    /// <param name="features">Features of a node.</param>
    /// <param name="widths">Widths of the layers; the last is that of the code.</param>
    /// <param name="decodes">Whether there is a layer back to the features.</param>
    /// <param name="seed">Start of the weights' random sequence.</param>
    public GraphAutoencoder(int features, IReadOnlyList<int> widths, bool decodes, int seed) : base("graph")
    {
        Random random = new(seed);
        _encoder = new GraphConvolution[widths.Count];
        for (int i = 0; i < _encoder.Length; i++)
        {
            Activation next = i == _encoder.Length - 1 ? Activation.Identity : Activation.Relu;
            _encoder[i] = new GraphConvolution(i == 0 ? features : widths[i - 1], widths[i], next, random);
            register_module($"layer{i + 1}", _encoder[i]);
        }
        if (!decodes) return;
        _decoder = new GraphConvolution(widths[^1], features, Activation.Identity, random);
        register_module("decoder", _decoder);
    }

    /// <summary>Z: codes of the nodes, <c>[n,k]</c>.</summary>
    /// <param name="propagation">Â, see <see cref="GraphConvolution.Propagation"/>.</param>
    /// <param name="nodes">X, <c>[n,d]</c>.</param>
    public Tensor Encode(Tensor propagation, Tensor nodes)
    {
        for (int i = 0; i < _encoder.Length; i++)
        {
            nodes = _encoder[i].call(propagation, nodes);
            if (i < _encoder.Length - 1) nodes = nodes.relu();
        }
        return nodes;
    }

    /// <summary>X̂: features of the nodes from their codes, <c>[n,d]</c>.</summary>
    public Tensor Decode(Tensor propagation, Tensor codes) => _decoder!.call(propagation, codes);

    public override Tensor forward(Tensor nodes) => throw new NotSupportedException("Nodes are encoded with their graph: call Encode.");
}
