using AnomalySharp.Networks;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>Sample → features, one row of <see cref="Width"/> values per sample: what discriminators, critics and encoders have in common.</summary>
internal abstract class FeatureTrunk(string name) : nn.Module<Tensor, Tensor>(name)
{
    /// <summary>Features per sample.</summary>
    public abstract int Width { get; }
}

/// <summary>
/// A trunk and a linear layer on its features f(x): a discriminator or critic with one output (a logit or a value, high for real samples), or an
/// encoder with the code's units, in −1 to 1 where it ends in a hyperbolic tangent.
/// </summary>
internal sealed class FeatureNetwork : nn.Module<Tensor, Tensor>
{
    private readonly FeatureTrunk _trunk;
    private readonly PaddedLinear _head;
    private readonly bool _bounded;

    public FeatureNetwork(FeatureTrunk trunk, int outputs, bool bounded, Random random) : base("features")
    {
        (_trunk, _bounded) = (trunk, bounded);
        _head = PaddedLinear.Create(trunk.Width, outputs, Activation.Identity, random);
        register_module("trunk", trunk);
        register_module("head", _head);
    }

    /// <summary>Values of f(x) per sample.</summary>
    public int Width => _trunk.Width;

    /// <summary>Whether all of its layers are dense.</summary>
    public bool IsDense => _trunk is DenseTrunk;

    /// <summary>f(x), the input of the last linear layer; in 32 bits, whatever the precision of the samples and with it of the trunk.</summary>
    public Tensor Features(Tensor samples) => _trunk.call(samples).to(ScalarType.Float32);

    /// <summary>The output for features that are known already.</summary>
    public Tensor Head(Tensor features) => _bounded ? _head.call(features).tanh() : _head.call(features);

    public override Tensor forward(Tensor samples) => Head(Features(samples));
}
