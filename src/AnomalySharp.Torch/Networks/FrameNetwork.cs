using AnomalySharp.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// Frames stacked as channels → frames, by way of smaller maps: two 3×3 convolutions with leaky rectifiers per level, the greatest of each 2×2 pixels between
/// levels, back up by transposed convolutions of 2×2, a last convolution. With what each level had on the way down joined to it on the way up it is
/// the U-Net of Liu et al. (CVPR 2018); without, and with a narrow map at the bottom, an autoencoder.
/// </summary>
/// <remarks>
/// Levels have W, 2W, 4W, 8W channels, W filled up to a multiple of 16 (see <see cref="AdversarialArchitecture.Channels"/>); four levels as in the paper, or as
/// many as leave 4 pixels each way. There is no batch normalisation, as in the paper's code. Rectifiers are leaky, where the paper's are not, and there is no
/// tanh at the end, where the paper has one: saturated, it leaves a network of small frames with nothing but background, from which there is no way back.
/// </remarks>
internal sealed class FrameNetwork : nn.Module<Tensor, Tensor>
{
    private const int MostLevels = 4, FewestPixels = 4;

    private readonly List<DoubleConvolution> _down = [], _join = [];
    private readonly List<TransposedConvolution> _up = [];
    private readonly Conv2d _output;
    private readonly bool _joins;

    /// <param name="inputs">Frames times their channels going in.</param>
    /// <param name="outputs">The same coming out.</param>
    /// <param name="frame">Shape of a frame.</param>
    /// <param name="width">W.</param>
    /// <param name="code">Channels of the lowest map; null: 8W or what the lowest level has, and levels are joined.</param>
    /// <param name="seed">Start of the initial weights.</param>
    public FrameNetwork(int inputs, int outputs, SampleShape frame, int width, int? code, int seed) : base("frames")
    {
        Random random = new(seed);
        _joins = code is null;
        List<(int Height, int Width)> extents = Extents(frame[1], frame[2]);
        int[] channels = [.. extents.Select((_, level) => ConvolutionalGeometry.Filled(width) << level)];
        if (code is int narrow) channels[^1] = ConvolutionalGeometry.Filled(narrow);
        for (int level = 0; level < extents.Count; level++)
        {
            _down.Add(new DoubleConvolution(level == 0 ? inputs : channels[level - 1], channels[level], random));
            register_module($"down{level + 1}", _down[level]);
        }
        for (int level = 0; level < extents.Count - 1; level++)
        {
            (long, long) odd = (extents[level].Height % 2, extents[level].Width % 2);
            TransposedConvolution up = new(channels[level + 1], channels[level], (2, 2), odd, bias: true, (2, 2), padding: 0);
            InitialWeights.Fill(up.Weight, up.Bias, channels[level + 1], Activation.Identity, random);
            _up.Add(up);
            _join.Add(new DoubleConvolution(_joins ? 2 * channels[level] : channels[level], channels[level], random));
            register_module($"up{level + 1}", up);
            register_module($"join{level + 1}", _join[level]);
        }
        _output = DoubleConvolution.Convolution(channels[0], outputs, Activation.Identity, random);
        register_module("output", _output);
    }

    /// <summary><c>[n, frames · channels, h, w]</c> → the same with other frames.</summary>
    public override Tensor forward(Tensor frames)
    {
        Tensor features = _down[0].call(ConvolutionalGeometry.ChannelsLast(frames));
        List<Tensor> passed = [features];
        for (int level = 1; level < _down.Count; level++)
        {
            features = _down[level].call(nn.functional.max_pool2d(features, 2));
            passed.Add(features);
        }
        for (int level = _up.Count - 1; level >= 0; level--)
        {
            features = _up[level].call(features);
            features = _join[level].call(_joins ? cat([passed[level], features], 1) : features);
        }
        return _output.call(features);
    }

    private static List<(int Height, int Width)> Extents(int height, int width)
    {
        List<(int Height, int Width)> extents = [(height, width)];
        while (extents.Count < MostLevels && Math.Min(extents[^1].Height, extents[^1].Width) / 2 >= FewestPixels)
        {
            extents.Add((extents[^1].Height / 2, extents[^1].Width / 2));
        }
        return extents;
    }
}

/// <summary>Two 3×3 convolutions, each with a leaky rectifier.</summary>
internal sealed class DoubleConvolution : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d _first, _second;

    public DoubleConvolution(int inputs, int outputs, Random random) : base("double")
    {
        _first = Convolution(inputs, outputs, Activation.LeakyRelu, random);
        _second = Convolution(outputs, outputs, Activation.LeakyRelu, random);
        register_module("first", _first);
        register_module("second", _second);
    }

    public override Tensor forward(Tensor features) => DenseTrunk.Rectified(_second.call(DenseTrunk.Rectified(_first.call(features))));

    /// <summary>A 3×3 convolution that keeps the extents.</summary>
    public static Conv2d Convolution(int inputs, int outputs, Activation next, Random random)
    {
        Conv2d layer = nn.Conv2d(inputs, outputs, 3, padding: 1);
        InitialWeights.Fill(layer.weight!, layer.bias, 9 * inputs, next, random);
        return layer;
    }
}
