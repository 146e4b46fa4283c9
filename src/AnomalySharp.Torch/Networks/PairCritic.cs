using AnomalySharp.Networks;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// The discriminator of BiGAN (Donahue et al., ICLR 2017) and of EGBAD (Zenati et al. 2018): a trunk on the sample, a dense layer on the code, a
/// dense layer on both side by side, which is the feature layer f(x, z), and one number. Leaky rectifiers and dropout after each dense layer and the
/// trunk.
/// </summary>
internal sealed class PairCritic : nn.Module<Tensor, Tensor>
{
    private readonly FeatureTrunk _trunk;
    private readonly PaddedLinear _code, _both, _head;
    private readonly CounterDropout? _dropSample, _dropCode, _dropBoth;
    private readonly long[] _shape;
    private readonly int _length;

    public PairCritic(FeatureTrunk trunk, AdversarialArchitecture architecture, double dropout, Random random) : base("pair")
    {
        _trunk = trunk;
        _length = architecture.Shape.Length;
        _shape = [.. architecture.Shape.Dimensions.Select(extent => (long)extent)];
        int width = architecture.HiddenWidth;
        _code = PaddedLinear.Create(architecture.Latent, width, Activation.LeakyRelu, random);
        _both = PaddedLinear.Create(trunk.Width + width, width, Activation.LeakyRelu, random);
        _head = PaddedLinear.Create(width, 1, Activation.Identity, random);
        register_module("trunk", trunk);
        register_module("code", _code);
        register_module("both", _both);
        register_module("head", _head);
        if (dropout <= 0) return;
        (_dropSample, _dropCode, _dropBoth) = (Drop("dropout1"), Drop("dropout2"), Drop("dropout3"));

        CounterDropout Drop(string name)
        {
            CounterDropout drop = new(dropout, random.Next());
            register_module(name, drop);
            return drop;
        }
    }

    /// <summary>f(x, z).</summary>
    public Tensor Features(Tensor samples, Tensor codes)
    {
        Tensor sample = Dropped(_dropSample, _trunk.call(samples)), code = Dropped(_dropCode, DenseTrunk.Rectified(_code.call(codes)));
        return Dropped(_dropBoth, DenseTrunk.Rectified(_both.call(cat([sample, code], 1))));
    }

    /// <summary>The number for features that are known already: <c>[n]</c>.</summary>
    public Tensor Head(Tensor features) => _head.call(features).squeeze(1);

    /// <summary>D(x, z): <c>[n]</c>.</summary>
    public Tensor Judge(Tensor samples, Tensor codes) => Head(Features(samples, codes));

    /// <summary>Of samples with their codes behind them, row-major.</summary>
    public override Tensor forward(Tensor pairs) =>
        Judge(pairs.narrow(1, 0, _length).unflatten(1, _shape), pairs.narrow(1, _length, pairs.size(1) - _length)).unsqueeze(1);

    private static Tensor Dropped(CounterDropout? dropout, Tensor values) => dropout is null ? values : dropout.call(values);
}
