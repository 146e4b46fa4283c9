using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// The trunk of f-AnoGAN's critic and encoder (Schlegl et al. 2019, after Gulrajani et al. 2017): a convolution to W channels, then residual stages
/// that halve the picture and double the channels up to 8W; no function between the last one and the features. The paper has W = 64 at 64×64.
/// </summary>
internal sealed class ResidualTrunk : FeatureTrunk
{
    private readonly Conv2d _first;
    private readonly List<ResidualDown> _stages = [];

    public ResidualTrunk(AdversarialArchitecture architecture, FeatureNormalization normalization, Random random) : base("residual")
    {
        HalvingGeometry geometry = HalvingGeometry.Of(architecture.Shape);
        _first = ResidualConvolution.Create(architecture.Shape[0], architecture.Channels(0), 3, true, false, random);
        register_module("first", _first);
        for (int i = 0; i < geometry.Stages; i++)
        {
            _stages.Add(new ResidualDown(architecture.Channels(i), architecture.Channels(i + 1), geometry.Stride(i), normalization, random));
            register_module($"stage{i + 1}", _stages[^1]);
        }
        Width = architecture.Channels(geometry.Stages) * geometry.SmallestArea;
    }

    public override int Width { get; }

    public override Tensor forward(Tensor pictures)
    {
        Tensor features = _first.call(pictures);
        foreach (ResidualDown stage in _stages) features = stage.call(features);
        return features.permute(0, 2, 3, 1).flatten(1);
    }
}

/// <summary>The generator of f-AnoGAN: a dense layer, the trunk's stages backwards with batch normalisation, a convolution; a picture in −1 to 1.</summary>
internal sealed class ResidualGenerator : GeneratorModule
{
    private readonly PaddedLinear _start;
    private readonly List<ResidualUp> _stages = [];
    private readonly NormalizationLayer _normalization;
    private readonly Conv2d _picture;
    private readonly long[] _smallest;

    public ResidualGenerator(AdversarialArchitecture architecture, Random random)
    {
        HalvingGeometry geometry = HalvingGeometry.Of(architecture.Shape);
        int channels = architecture.Channels(geometry.Stages);
        _smallest = [geometry.Heights[^1], geometry.Widths[^1], channels];
        _start = PaddedLinear.Create(architecture.Latent, channels * geometry.SmallestArea, AnomalySharp.Networks.Activation.Identity, random);
        register_module("start", _start);
        for (int i = geometry.Stages - 1; i >= 0; i--)
        {
            _stages.Add(new ResidualUp(architecture.Channels(i + 1), architecture.Channels(i), geometry.Heights[i], geometry.Widths[i], random));
            register_module($"stage{_stages.Count}", _stages[^1]);
        }
        _normalization = new NormalizationLayer(FeatureNormalization.Batch, architecture.Channels(0), null);
        _picture = ResidualConvolution.Create(architecture.Channels(0), architecture.Shape[0], 3, true, false, random);
        register_module("normalization", _normalization);
        register_module("picture", _picture);
    }

    public override Tensor Run(Tensor code, LayerCall apply)
    {
        Tensor features = apply(_start, code).unflatten(1, _smallest).permute(0, 3, 1, 2);
        foreach (ResidualUp stage in _stages) features = stage.Run(features, apply);
        return apply(_picture, nn.functional.relu(apply(_normalization, features))).tanh();
    }
}

/// <summary>Normalised, rectified, convolved, twice, then averaged over 2×2; beside it the average, convolved 1×1.</summary>
internal sealed class ResidualDown : nn.Module<Tensor, Tensor>
{
    private readonly NormalizationLayer _before, _between;
    private readonly Conv2d _same, _changed, _shortcut;
    private readonly long[] _stride;

    public ResidualDown(int inputs, int outputs, (long Down, long Right) stride, FeatureNormalization normalization, Random random) : base("down")
    {
        _stride = [stride.Down, stride.Right];
        _before = new NormalizationLayer(normalization, inputs, null);
        _same = ResidualConvolution.Create(inputs, inputs, 3, false, true, random);
        _between = new NormalizationLayer(normalization, inputs, null);
        _changed = ResidualConvolution.Create(inputs, outputs, 3, true, true, random);
        _shortcut = ResidualConvolution.Create(inputs, outputs, 1, true, false, random);
        RegisterComponents();
    }

    public override Tensor forward(Tensor features)
    {
        Tensor main = _same.call(nn.functional.relu(_before.call(features)));
        main = _changed.call(nn.functional.relu(_between.call(main)));
        return Halved(main).Plus(_shortcut.call(Halved(features)));
    }

    private Tensor Halved(Tensor features) => nn.functional.avg_pool2d(features, _stride, _stride);
}

/// <summary>Normalised, rectified, doubled, convolved, normalised, rectified, convolved; beside it the doubled picture, convolved 1×1.</summary>
internal sealed class ResidualUp : nn.Module<Tensor, Tensor>
{
    private readonly NormalizationLayer _before, _between;
    private readonly Conv2d _changed, _same, _shortcut;
    private readonly long[] _extent;

    public ResidualUp(int inputs, int outputs, int height, int width, Random random) : base("up")
    {
        _extent = [height, width];
        _before = new NormalizationLayer(FeatureNormalization.Batch, inputs, null);
        _changed = ResidualConvolution.Create(inputs, outputs, 3, false, true, random);
        _between = new NormalizationLayer(FeatureNormalization.Batch, outputs, null);
        _same = ResidualConvolution.Create(outputs, outputs, 3, true, true, random);
        _shortcut = ResidualConvolution.Create(inputs, outputs, 1, true, false, random);
        RegisterComponents();
    }

    public override Tensor forward(Tensor features) => Run(features, static (layer, input) => layer.call(input));

    public Tensor Run(Tensor features, LayerCall apply)
    {
        Tensor main = apply(_changed, Enlarged(nn.functional.relu(apply(_before, features))));
        main = apply(_same, nn.functional.relu(apply(_between, main)));
        return main.Plus(apply(_shortcut, Enlarged(features)));
    }

    private Tensor Enlarged(Tensor features) => nn.functional.interpolate(features, _extent, mode: InterpolationMode.Nearest);
}

/// <summary>
/// Convolutions with the reference's initial weights: uniform, of standard deviation √(4/(fan-in + fan-out)) inside the blocks and √(2/(fan-in +
/// fan-out)) elsewhere.
/// </summary>
internal static class ResidualConvolution
{
    public static Conv2d Create(int inputs, int outputs, int kernel, bool bias, bool inside, Random random)
    {
        Conv2d convolution = nn.Conv2d(inputs, outputs, (kernel, kernel), (1, 1), (kernel / 2, kernel / 2), bias: bias);
        double deviation = Math.Sqrt((inside ? 4.0 : 2.0) / (kernel * kernel * (inputs + outputs)));
        double bound = deviation * Math.Sqrt(3);
        foreach (ref float value in MemoryMarshal.Cast<byte, float>(convolution.weight!.bytes))
        {
            value = (float)(((2 * random.NextDouble()) - 1) * bound);
        }
        if (!bias) return convolution;
        using IDisposable noGradient = no_grad();
        convolution.bias!.zero_();
        return convolution;
    }
}
