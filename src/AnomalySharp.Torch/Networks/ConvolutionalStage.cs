using AnomalySharp.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// A convolution, batch normalisation where the architecture has it, the hidden layers' function, dropout where the architecture has it.
/// </summary>
internal sealed class ConvolutionalStage : nn.Module<Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor> _convolution;
    private readonly BatchNorm2d? _normalization;
    private readonly Activation _activation;
    private readonly CounterDropout? _dropout;

    public ConvolutionalStage(nn.Module<Tensor, Tensor> convolution, int channels, AutoencoderArchitecture architecture, int seed) : base("stage")
    {
        _convolution = convolution;
        _normalization = architecture.BatchNormalization ? nn.BatchNorm2d(channels) : null;
        _activation = architecture.Activation;
        _dropout = architecture.Dropout > 0 ? new CounterDropout(architecture.Dropout, seed) : null;
        register_module("convolution", convolution);
        if (_normalization is not null) register_module("normalization", _normalization);
        if (_dropout is not null) register_module("dropout", _dropout);
    }

    /// <summary>Whether the convolution of a stage has a bias: batch normalisation would subtract it again.</summary>
    public static bool HasBias(AutoencoderArchitecture architecture) => architecture.Bias && !architecture.BatchNormalization;

    public override Tensor forward(Tensor input)
    {
        Tensor output = _convolution.call(input);
        if (_normalization is not null) output = _normalization.Normalize(output);
        output = _activation.Apply(output);
        return _dropout is null ? output : _dropout.call(output);
    }
}
