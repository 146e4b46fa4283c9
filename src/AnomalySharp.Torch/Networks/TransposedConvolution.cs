using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// A transposed convolution, of padding 1 and with kernels of 3×3 where nothing else is asked for. TorchSharp's own module takes the output padding of
/// the first axis for both (0.107), which pictures with one odd and one even side cannot have.
/// </summary>
internal sealed class TransposedConvolution : nn.Module<Tensor, Tensor>
{
    private readonly long[] _stride, _padding, _outputPadding, _dilation = [1, 1];

    public Parameter Weight { get; }

    public Parameter? Bias { get; }

    public TransposedConvolution(
        int inputs,
        int outputs,
        (long Down, long Right) stride,
        (long Down, long Right) outputPadding,
        bool bias,
        (long Down, long Right)? kernel = null,
        long padding = 1)
        : base("transposed")
    {
        (long down, long right) = kernel ?? (3, 3);
        _padding = [padding, padding];
        (_stride, _outputPadding) = ([stride.Down, stride.Right], [outputPadding.Down, outputPadding.Right]);
        Weight = nn.Parameter(zeros(inputs, outputs, down, right));
        Bias = bias ? nn.Parameter(zeros(outputs)) : null;
        register_parameter("weight", Weight);
        if (Bias is not null) register_parameter("bias", Bias);
    }

    public override Tensor forward(Tensor input) =>
        nn.functional.conv_transpose2d(input, get_parameter("weight")!, get_parameter("bias"), _stride, _padding, _outputPadding, _dilation);

    /// <summary>The same with other weights, in groups, and without the bias.</summary>
    internal Tensor Run(Tensor input, Tensor weight, long groups) =>
        nn.functional.conv_transpose2d(input, weight, null, _stride, _padding, _outputPadding, _dilation, groups);
}
