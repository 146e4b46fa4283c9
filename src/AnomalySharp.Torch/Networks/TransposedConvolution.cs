using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// A 3×3 transposed convolution. TorchSharp's own module takes the output padding of the first axis for both (0.107), which pictures with one odd and
/// one even side cannot have.
/// </summary>
internal sealed class TransposedConvolution : nn.Module<Tensor, Tensor>
{
    private readonly long[] _stride, _padding = [1, 1], _outputPadding, _dilation = [1, 1];

    public Parameter Weight { get; }

    public Parameter? Bias { get; }

    public TransposedConvolution(int inputs, int outputs, (long Down, long Right) stride, (long Down, long Right) outputPadding, bool bias)
        : base("transposed")
    {
        (_stride, _outputPadding) = ([stride.Down, stride.Right], [outputPadding.Down, outputPadding.Right]);
        Weight = nn.Parameter(zeros(inputs, outputs, 3, 3));
        Bias = bias ? nn.Parameter(zeros(outputs)) : null;
        register_parameter("weight", Weight);
        if (Bias is not null) register_parameter("bias", Bias);
    }

    public override Tensor forward(Tensor input) =>
        nn.functional.conv_transpose2d(input, get_parameter("weight")!, get_parameter("bias"), _stride, _padding, _outputPadding, _dilation);
}
