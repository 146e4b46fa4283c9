using AnomalySharp.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>Two dense layers with leaky rectifiers on a flattened sample.</summary>
internal sealed class DenseTrunk : FeatureTrunk
{
    private readonly Linear _first, _second;

    public DenseTrunk(AdversarialArchitecture architecture, Random random) : base("dense")
    {
        Width = architecture.Width;
        _first = Layer(architecture.Shape.Length, Width, random);
        _second = Layer(Width, Width, random);
        register_module("layer1", _first);
        register_module("layer2", _second);
    }

    public override int Width { get; }

    public override Tensor forward(Tensor samples) => Rectified(_second.call(Rectified(_first.call(samples.flatten(1)))));

    internal static Linear Layer(int inputs, int outputs, Random random, Activation next = Activation.LeakyRelu)
    {
        Linear layer = nn.Linear(inputs, outputs);
        InitialWeights.Fill(layer.weight!, layer.bias, inputs, next, random);
        return layer;
    }

    internal static Tensor Rectified(Tensor values) => nn.functional.leaky_relu(values, AdversarialArchitecture.LeakySlope);
}

/// <summary>Code → two dense layers → a sample: of any shape, linear; for pictures in −1 to 1.</summary>
internal sealed class DenseGenerator : nn.Module<Tensor, Tensor>
{
    private readonly Linear _first, _second, _output;
    private readonly long[] _shape;

    public DenseGenerator(AdversarialArchitecture architecture, Random random) : base("generator")
    {
        _shape = [.. architecture.Shape.Dimensions.Select(extent => (long)extent)];
        _first = DenseTrunk.Layer(architecture.Latent, architecture.Width, random);
        _second = DenseTrunk.Layer(architecture.Width, architecture.Width, random);
        _output = DenseTrunk.Layer(architecture.Width, architecture.Shape.Length, random, Activation.Identity);
        register_module("layer1", _first);
        register_module("layer2", _second);
        register_module("output", _output);
    }

    public override Tensor forward(Tensor code)
    {
        Tensor output = _output.call(DenseTrunk.Rectified(_second.call(DenseTrunk.Rectified(_first.call(code))))).unflatten(1, _shape);
        return _shape.Length == 3 ? output.tanh() : output;
    }
}
