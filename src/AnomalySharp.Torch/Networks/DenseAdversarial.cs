using AnomalySharp.Networks;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>Two dense layers with leaky rectifiers on a flattened sample.</summary>
internal sealed class DenseTrunk : FeatureTrunk
{
    // Kept: a number given in its place becomes an object that nothing holds during the call, and the garbage collector frees it under libtorch.
    private static readonly TorchSharp.Scalar Slope = AdversarialArchitecture.LeakySlope;

    private readonly PaddedLinear _first, _second;

    public DenseTrunk(AdversarialArchitecture architecture, Random random) : base("dense")
    {
        Width = architecture.Width;
        _first = PaddedLinear.Create(architecture.Shape.Length, Width, Activation.LeakyRelu, random);
        _second = PaddedLinear.Create(Width, Width, Activation.LeakyRelu, random);
        register_module("layer1", _first);
        register_module("layer2", _second);
    }

    public override int Width { get; }

    public override Tensor forward(Tensor samples) => Rectified(_second.call(Rectified(_first.call(samples.flatten(1)))));

    internal static Tensor Rectified(Tensor values) => values.leaky_relu(Slope);
}

/// <summary>Code → two dense layers → a sample: of any shape, linear; for pictures in −1 to 1.</summary>
internal sealed class DenseGenerator : GeneratorModule
{
    private readonly PaddedLinear _first, _second, _output;
    private readonly long[] _shape;

    public DenseGenerator(AdversarialArchitecture architecture, Random random)
    {
        _shape = [.. architecture.Shape.Dimensions.Select(extent => (long)extent)];
        _first = PaddedLinear.Create(architecture.Latent, architecture.Width, Activation.LeakyRelu, random);
        _second = PaddedLinear.Create(architecture.Width, architecture.Width, Activation.LeakyRelu, random);
        _output = PaddedLinear.Create(architecture.Width, architecture.Shape.Length, Activation.Identity, random);
        register_module("layer1", _first);
        register_module("layer2", _second);
        register_module("output", _output);
    }

    public override Tensor Run(Tensor code, LayerCall apply)
    {
        Tensor hidden = DenseTrunk.Rectified(apply(_second, DenseTrunk.Rectified(apply(_first, code))));
        Tensor output = apply(_output, hidden).unflatten(1, _shape);
        return _shape.Length == 3 ? output.tanh() : output;
    }
}
