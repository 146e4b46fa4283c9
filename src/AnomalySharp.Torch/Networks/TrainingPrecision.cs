using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>The numbers that a network computes with while it learns. Weights, their optimiser and scores have 32 bits in any case.</summary>
public enum TrainingPrecision
{
    /// <summary>32 bits.</summary>
    Full,

    /// <summary>
    /// 16 bits, 8 of them exponent, between the layers: faster where the processor multiplies them (AMX, AVX-512 BF16) or on a GPU, slower where it does not.
    /// </summary>
    Bfloat16,
}

/// <summary>Convolutions in the precision of what they are given.</summary>
internal static class TrainingPrecisions
{
    /// <summary>The type of the numbers.</summary>
    public static ScalarType Type(this TrainingPrecision precision) => precision == TrainingPrecision.Bfloat16 ? ScalarType.BFloat16 : ScalarType.Float32;

    /// <summary>The convolution, which has no bias, with its weights rounded to the type of its input.</summary>
    public static Tensor Convolve(this Conv2d convolution, Tensor input)
    {
        Tensor weight = convolution.weight!;
        return input.dtype == weight.dtype
            ? convolution.call(input)
            : nn.functional.conv2d(input, weight.to(input.dtype), null, [.. convolution.stride], [.. convolution.padding!]);
    }
}
