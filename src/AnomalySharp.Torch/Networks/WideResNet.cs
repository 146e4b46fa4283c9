using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// A wide residual network (Zagoruyko and Komodakis, BMVC 2016) up to its pooled features: a 3×3 convolution to 16 channels, three groups of (depth
/// − 4)/6 pre-activated blocks with 16k, 32k and 64k channels and strides 1, 2 and 2, batch normalisation, rectifier, mean over the picture.
/// </summary>
/// <remarks>
/// As GEOM's and E³Outlier's code have it: no biases, weights N(0, 2/fan-in), the shortcut of a block that widens is of its activated input. Departure: the
/// last layer, <see cref="FeatureNetwork"/>'s, starts at U(±√(3/fan-in)) and biases of 0, where the code has U(±1/√fan-in) for both.
/// </remarks>
internal sealed class WideResNetTrunk : FeatureTrunk
{
    private const int FirstChannels = 16;

    private readonly Conv2d _first;
    private readonly List<WideBlock> _blocks = [];
    private readonly BatchNorm2d _normalization;

    /// <param name="channels">Channels of the pictures.</param>
    /// <param name="depth">Layers: 6n + 4.</param>
    /// <param name="widen">k: how many times wider than a plain residual network.</param>
    /// <param name="random">Draws the initial weights.</param>
    public WideResNetTrunk(int channels, int depth, int widen, Random random) : base("wide-resnet")
    {
        if (depth < 10 || (depth - 4) % 6 != 0)
        {
            throw new ArgumentException($"A wide residual network has 6n + 4 layers, not {depth}.", nameof(depth));
        }
        _first = Convolution(channels, FirstChannels, 3, 1, random);
        register_module("first", _first);
        int before = FirstChannels;
        for (int group = 0; group < 3; group++)
        {
            for (int block = 0; block < (depth - 4) / 6; block++)
            {
                int after = (FirstChannels << group) * widen;
                _blocks.Add(new WideBlock(before, after, stride: block == 0 && group > 0 ? 2 : 1, random));
                register_module($"group{group + 1}-block{block + 1}", _blocks[^1]);
                before = after;
            }
        }
        _normalization = nn.BatchNorm2d(before);
        register_module("normalization", _normalization);
        Width = before;
    }

    public override int Width { get; }

    public override Tensor forward(Tensor pictures)
    {
        Tensor features = _first.Convolve(pictures);
        foreach (WideBlock block in _blocks) features = block.call(features);
        return nn.functional.relu(_normalization.Normalize(features), inplace: true).mean([2, 3]);
    }

    internal static Conv2d Convolution(int before, int after, int kernel, int stride, Random random)
    {
        Conv2d convolution = nn.Conv2d(before, after, kernel, stride, kernel / 2, bias: false);
        InitialWeights.FillNormal(convolution.weight!, null, Math.Sqrt(2.0 / (kernel * kernel * before)), random);
        return convolution;
    }
}

/// <summary>BN-ReLU-conv3×3-BN-ReLU-conv3×3 added to the block's input.</summary>
internal sealed class WideBlock : nn.Module<Tensor, Tensor>
{
    private readonly BatchNorm2d _firstNormalization, _secondNormalization;
    private readonly Conv2d _first, _second;
    private readonly Conv2d? _shortcut;

    public WideBlock(int before, int after, int stride, Random random) : base("block")
    {
        _firstNormalization = nn.BatchNorm2d(before);
        _first = WideResNetTrunk.Convolution(before, after, 3, stride, random);
        _secondNormalization = nn.BatchNorm2d(after);
        _second = WideResNetTrunk.Convolution(after, after, 3, 1, random);
        register_module("normalization1", _firstNormalization);
        register_module("convolution1", _first);
        register_module("normalization2", _secondNormalization);
        register_module("convolution2", _second);
        if (before == after) return;
        _shortcut = WideResNetTrunk.Convolution(before, after, 1, stride, random);
        register_module("shortcut", _shortcut);
    }

    public override Tensor forward(Tensor input)
    {
        Tensor activated = nn.functional.relu(_firstNormalization.Normalize(input), inplace: true);
        Tensor between = nn.functional.relu(_secondNormalization.Normalize(_first.Convolve(activated)), inplace: true);
        Tensor residual = _second.Convolve(between);
        return residual.Plus(_shortcut is null ? input : _shortcut.Convolve(activated));
    }
}
