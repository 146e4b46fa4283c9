using AnomalySharp.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// Sample → features h → code z: an encoder by the shape of the sample, and a head of two dense layers (SimCLR's g) whose codes are compared.
/// </summary>
internal sealed class ContrastiveNetwork : nn.Module<Tensor, Tensor>
{
    private readonly List<ConvolutionalStage> _stages = [];
    private readonly List<PaddedLinear> _layers = [];
    private readonly PaddedLinear _head, _code;

    /// <param name="shape">Shape of a sample.</param>
    /// <param name="hidden">Widths of the dense layers, channels of the stages of pictures.</param>
    /// <param name="code">Values of z.</param>
    /// <param name="seed">Start of the initial weights.</param>
    public ContrastiveNetwork(SampleShape shape, IReadOnlyList<int> hidden, int code, int seed) : base("contrastive")
    {
        Random random = new(seed);
        Width = hidden[^1];
        if (shape.Rank == 3) AddStages(shape, hidden, random);
        else AddLayers(shape.Length, hidden, random);
        _head = PaddedLinear.Create(Width, Width, Activation.Relu, random);
        _code = PaddedLinear.Create(Width, code, Activation.Identity, random);
        register_module("head", _head);
        register_module("code", _code);
    }

    /// <summary>Values of h.</summary>
    public int Width { get; }

    /// <summary>The widths that were asked for, of pictures filled up; where none were, those of SCARF's encoder, and of autoencoders for pictures.</summary>
    public static IReadOnlyList<int> HiddenOf(SampleShape shape, IReadOnlyList<int>? asked) => shape.Rank == 3
        ? [.. (asked ?? AutoencoderArchitecture.DefaultHidden(shape)).Select(ConvolutionalGeometry.Filled)]
        : asked ?? [256, 256, 256, 256];

    /// <summary>h.</summary>
    public Tensor Features(Tensor samples)
    {
        Tensor features = samples;
        foreach (ConvolutionalStage stage in _stages) features = stage.call(features);
        // The mean over the places, as after the last convolution of a residual network.
        if (_stages.Count > 0) return features.mean([2, 3]);
        features = samples.flatten(1);
        foreach (PaddedLinear layer in _layers) features = nn.functional.relu(layer.call(features));
        return features;
    }

    /// <summary>z of h.</summary>
    public Tensor Code(Tensor features) => _code.call(nn.functional.relu(_head.call(features)));

    public override Tensor forward(Tensor samples) => Code(Features(samples));

    private void AddStages(SampleShape shape, IReadOnlyList<int> hidden, Random random)
    {
        AutoencoderArchitecture architecture = new() { Shape = shape, Latent = Width, Hidden = hidden, BatchNormalization = true };
        ConvolutionalGeometry geometry = ConvolutionalGeometry.Of(shape, hidden);
        for (int i = 0; i < geometry.Stages; i++)
        {
            Conv2d convolution = nn.Conv2d(geometry.Channels[i], geometry.Channels[i + 1], (3, 3), geometry.Stride(i), (1, 1), bias: false);
            InitialWeights.Fill(convolution.weight!, convolution.bias, 9 * geometry.Channels[i], Activation.Relu, random);
            _stages.Add(new ConvolutionalStage(convolution, geometry.Channels[i + 1], architecture, random.Next()));
            register_module($"stage{i + 1}", _stages[^1]);
        }
    }

    private void AddLayers(int inputs, IReadOnlyList<int> hidden, Random random)
    {
        foreach (int width in hidden)
        {
            _layers.Add(PaddedLinear.Create(inputs, width, Activation.Relu, random));
            register_module($"layer{_layers.Count}", _layers[^1]);
            inputs = width;
        }
    }
}
