using AnomalySharp.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>Picture → code: convolutions, then a dense layer.</summary>
internal sealed class ConvolutionalEncoder : nn.Module<Tensor, Tensor>
{
    private readonly List<ConvolutionalStage> _stages = [];
    private readonly Linear _code;
    private readonly Activation _codeActivation;

    public ConvolutionalEncoder(AutoencoderArchitecture architecture, ConvolutionalGeometry geometry) : base("encoder")
    {
        Random random = new(architecture.Seed);
        for (int i = 0; i < geometry.Stages; i++)
        {
            Conv2d convolution = nn.Conv2d(
                geometry.Channels[i], geometry.Channels[i + 1], (3, 3), geometry.Stride(i), (1, 1), bias: ConvolutionalStage.HasBias(architecture));
            InitialWeights.Fill(convolution.weight!, convolution.bias, 9 * geometry.Channels[i], architecture.Activation, random);
            _stages.Add(new ConvolutionalStage(convolution, geometry.Channels[i + 1], architecture, random.Next()));
            register_module($"stage{i + 1}", _stages[^1]);
        }
        _code = nn.Linear(geometry.Features, architecture.Latent * architecture.CodeHeads, architecture.Bias);
        InitialWeights.Fill(_code.weight!, _code.bias, geometry.Features, architecture.CodeActivation, random);
        _codeActivation = architecture.CodeActivation;
        register_module("code", _code);
    }

    public override Tensor forward(Tensor input)
    {
        Tensor features = input;
        foreach (ConvolutionalStage stage in _stages) features = stage.call(features);
        // Flattened in the order of memory (h, w, c), which is free; the decoder unflattens likewise.
        return _codeActivation.Apply(_code.call(features.permute(0, 2, 3, 1).flatten(1)));
    }
}

/// <summary>Code → picture: a dense layer, then transposed convolutions that walk the encoder's extents back.</summary>
internal sealed class ConvolutionalDecoder : nn.Module<Tensor, Tensor>
{
    private readonly Linear _features;
    private readonly List<ConvolutionalStage> _stages = [];
    private readonly TransposedConvolution _picture;
    private readonly Activation _activation, _outputActivation;
    private readonly long[] _smallest;

    public ConvolutionalDecoder(AutoencoderArchitecture architecture, ConvolutionalGeometry geometry) : base("decoder")
    {
        // Not the encoder's sequence of weights again.
        Random random = new(~architecture.Seed);
        _activation = architecture.Activation;
        _outputActivation = architecture.OutputActivation;
        _smallest = [geometry.Heights[^1], geometry.Widths[^1], geometry.Channels[^1]];
        _features = nn.Linear(architecture.Latent, geometry.Features, architecture.Bias);
        InitialWeights.Fill(_features.weight!, _features.bias, architecture.Latent, architecture.Activation, random);
        register_module("features", _features);
        for (int i = geometry.Stages - 1; i > 0; i--)
        {
            TransposedConvolution convolution = Transposed(geometry, i, geometry.Channels[i], architecture.Activation, ConvolutionalStage.HasBias(architecture), random);
            _stages.Add(new ConvolutionalStage(convolution, geometry.Channels[i], architecture, random.Next()));
            register_module($"stage{geometry.Stages - i}", _stages[^1]);
        }
        _picture = Transposed(geometry, 0, geometry.Channels[0] * architecture.OutputHeads, architecture.OutputActivation, architecture.Bias, random);
        register_module("picture", _picture);
    }

    public override Tensor forward(Tensor code)
    {
        Tensor features = _activation.Apply(_features.call(code)).unflatten(1, _smallest).permute(0, 3, 1, 2);
        foreach (ConvolutionalStage stage in _stages) features = stage.call(features);
        return _outputActivation.Apply(_picture.call(features));
    }

    private static TransposedConvolution Transposed(
        ConvolutionalGeometry geometry, int stage, int channels, Activation next, bool bias, Random random)
    {
        (long down, long right) = geometry.Stride(stage);
        TransposedConvolution convolution = new(
            geometry.Channels[stage + 1], channels, geometry.Stride(stage), geometry.OutputPadding(stage), bias);
        // With stride 2 along an axis, an output sees every other of the three taps: one and a half on average.
        double taps = 9.0 / (down * right);
        InitialWeights.Fill(convolution.Weight, convolution.Bias, taps * geometry.Channels[stage + 1], next, random);
        return convolution;
    }
}
