using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// The discriminator's trunk of DCGAN (Radford, Metz, Chintala, ICLR 2016): convolutions of stride 2 with leaky rectifiers, W channels after the
/// first, twice as many after each further one up to 8W, normalised from the second on.
/// </summary>
internal sealed class DcganTrunk : FeatureTrunk
{
    private readonly List<(Conv2d Convolution, NormalizationLayer Normalization)> _stages = [];

    public DcganTrunk(AdversarialArchitecture architecture, FeatureNormalization normalization, Random random) : base("dcgan")
    {
        HalvingGeometry geometry = HalvingGeometry.Of(architecture.Shape);
        int before = architecture.Shape[0];
        for (int i = 0; i < geometry.Stages; i++)
        {
            int after = architecture.Channels(i);
            FeatureNormalization here = i == 0 ? FeatureNormalization.None : normalization;
            Conv2d convolution = nn.Conv2d(before, after, geometry.Kernel(i), geometry.Stride(i), (1, 1), bias: here == FeatureNormalization.None);
            InitialWeights.FillNormal(convolution.weight!, convolution.bias, AdversarialArchitecture.Deviation, random);
            _stages.Add((convolution, new NormalizationLayer(here, after, random)));
            register_module($"convolution{i + 1}", convolution);
            register_module($"normalization{i + 1}", _stages[^1].Normalization);
            before = after;
        }
        Width = before * geometry.SmallestArea;
    }

    public override int Width { get; }

    public override Tensor forward(Tensor pictures)
    {
        Tensor features = pictures;
        foreach ((Conv2d convolution, NormalizationLayer normalization) in _stages)
        {
            features = DenseTrunk.Rectified(normalization.call(convolution.call(features)));
        }
        // In the order of memory (h, w, c), which is free.
        return features.permute(0, 2, 3, 1).flatten(1);
    }
}

/// <summary>The generator of DCGAN: the trunk's stages backwards with transposed convolutions, batch normalisation and rectifiers; a picture in −1 to 1.</summary>
internal sealed class DcganGenerator : GeneratorModule
{
    private readonly PaddedLinear _start;
    private readonly List<(TransposedConvolution Convolution, NormalizationLayer Normalization)> _stages = [];
    private readonly NormalizationLayer _startNormalization;
    private readonly long[] _smallest;

    public DcganGenerator(AdversarialArchitecture architecture, Random random)
    {
        HalvingGeometry geometry = HalvingGeometry.Of(architecture.Shape);
        int channels = architecture.Channels(geometry.Stages - 1);
        _smallest = [geometry.Heights[^1], geometry.Widths[^1], channels];
        _start = new PaddedLinear(architecture.Latent, channels * geometry.SmallestArea, bias: false);
        InitialWeights.FillNormal(_start.Weight, null, AdversarialArchitecture.Deviation, random);
        _startNormalization = new NormalizationLayer(FeatureNormalization.Batch, channels, random);
        register_module("start", _start);
        register_module("normalization", _startNormalization);
        for (int i = geometry.Stages - 1; i >= 0; i--)
        {
            int after = i == 0 ? architecture.Shape[0] : architecture.Channels(i - 1);
            FeatureNormalization here = i == 0 ? FeatureNormalization.None : FeatureNormalization.Batch;
            TransposedConvolution convolution = new(channels, after, geometry.Stride(i), geometry.OutputPadding(i), bias: i == 0, geometry.Kernel(i));
            InitialWeights.FillNormal(convolution.Weight, convolution.Bias, AdversarialArchitecture.Deviation, random);
            _stages.Add((convolution, new NormalizationLayer(here, after, random)));
            register_module($"convolution{_stages.Count}", convolution);
            register_module($"normalization{_stages.Count}", _stages[^1].Normalization);
            channels = after;
        }
    }

    public override Tensor Run(Tensor code, LayerCall apply)
    {
        Tensor features = apply(_startNormalization, apply(_start, code).unflatten(1, _smallest).permute(0, 3, 1, 2));
        foreach ((TransposedConvolution convolution, NormalizationLayer normalization) in _stages)
        {
            features = apply(normalization, apply(convolution, nn.functional.relu(features)));
        }
        return features.tanh();
    }
}
