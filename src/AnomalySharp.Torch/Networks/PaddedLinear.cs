using AnomalySharp.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// A dense layer whose numbers of inputs and outputs are filled up to multiples of 8. For other numbers, libtorch's matrix product (MKL's) sums a row
/// in another order depending on its place in the batch, and what a sample gets must not depend on what stands before it.
/// </summary>
internal sealed class PaddedLinear : nn.Module<Tensor, Tensor>
{
    private const int Multiple = 8;

    private readonly Linear _layer;
    private readonly int _inputs, _outputs;

    public PaddedLinear(int inputs, int outputs, bool bias = true) : base("padded")
    {
        (_inputs, _outputs) = (inputs, outputs);
        // One output is a sum for each row.
        _layer = nn.Linear(Padded(inputs), outputs == 1 ? 1 : Padded(outputs), bias);
        register_module("layer", _layer);
    }

    /// <summary>The weights, those of the filling too.</summary>
    public Tensor Weight => _layer.weight!;

    /// <summary>The biases; null where there are none.</summary>
    public Tensor? Bias => _layer.bias;

    /// <summary>A layer with the house's initial weights.</summary>
    public static PaddedLinear Create(int inputs, int outputs, Activation next, Random random)
    {
        PaddedLinear layer = new(inputs, outputs);
        InitialWeights.Fill(layer.Weight, layer.Bias, inputs, next, random);
        return layer;
    }

    public override Tensor forward(Tensor rows) => Run(rows, _layer.call);

    /// <summary>The same with another product in place of the layer's.</summary>
    internal Tensor Run(Tensor rows, Func<Tensor, Tensor> product)
    {
        Tensor padded = _inputs % Multiple == 0 ? rows : nn.functional.pad(rows, [0, Padded(_inputs) - _inputs]);
        Tensor result = product(padded);
        return result.size(-1) == _outputs ? result : result.narrow(-1, 0, _outputs);
    }

    /// <summary>The next multiple of 8.</summary>
    internal static int Padded(int count) => (count + Multiple - 1) / Multiple * Multiple;
}
