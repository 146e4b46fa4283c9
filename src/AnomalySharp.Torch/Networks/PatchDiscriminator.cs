using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// The patch discriminator of pix2pix (Isola et al., CVPR 2017) as Liu et al. (CVPR 2018) have it: convolutions of stride 2 with 2W, 4W, 8W channels, one of
/// stride 1 with 8W, instance normalisation from the second on, leaky rectifiers, and a number for each patch of the frame that remains. Frames that are too
/// small for three halvings have fewer.
/// </summary>
internal sealed class PatchDiscriminator : nn.Module<Tensor, Tensor>
{
    private const int MostStages = 3;

    private readonly List<(Conv2d Convolution, InstanceNorm2d? Normalization)> _stages = [];
    private readonly Conv2d _patches;

    /// <param name="architecture">W and the shape of a frame.</param>
    public PatchDiscriminator(AdversarialArchitecture architecture) : base("patches")
    {
        Random random = new(architecture.Seed);
        HalvingGeometry geometry = HalvingGeometry.Of(architecture.Shape);
        int stages = Math.Min(geometry.Stages, MostStages), before = architecture.Shape[0];
        for (int i = 0; i <= stages; i++)
        {
            int after = architecture.Channels(i + 1);
            Conv2d convolution = i < stages
                ? nn.Conv2d(before, after, geometry.Kernel(i), geometry.Stride(i), (1, 1))
                : nn.Conv2d(before, after, 3, padding: 1);
            InitialWeights.FillNormal(convolution.weight!, convolution.bias, AdversarialArchitecture.Deviation, random);
            _stages.Add((convolution, i == 0 ? null : nn.InstanceNorm2d(after)));
            register_module($"convolution{i + 1}", convolution);
            before = after;
        }
        _patches = nn.Conv2d(before, 1, 3, padding: 1);
        InitialWeights.FillNormal(_patches.weight!, _patches.bias, AdversarialArchitecture.Deviation, random);
        register_module("patches", _patches);
    }

    /// <summary>Frames <c>[n,c,h,w]</c> in −1 to 1 → <c>[n,1,…]</c>, near 1 where they look real.</summary>
    public override Tensor forward(Tensor frames)
    {
        Tensor features = frames;
        foreach ((Conv2d convolution, InstanceNorm2d? normalization) in _stages)
        {
            features = convolution.call(features);
            // The normalisation leaves another layout.
            if (normalization is not null) features = ConvolutionalGeometry.ChannelsLast(normalization.call(features));
            features = DenseTrunk.Rectified(features);
        }
        return _patches.call(features);
    }
}
