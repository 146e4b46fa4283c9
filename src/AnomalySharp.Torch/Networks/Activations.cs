using AnomalySharp.Networks;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>The functions between layers in libtorch.</summary>
internal static class Activations
{
    // Kept: see DenseTrunk.
    private static readonly TorchSharp.Scalar LeakySlope = 0.01;

    /// <summary>A new tensor, or the same one where there is nothing to do.</summary>
    public static Tensor Apply(this Activation activation, Tensor values) => activation switch
    {
        Activation.Identity => values,
        Activation.Relu => nn.functional.relu(values),
        Activation.LeakyRelu => values.leaky_relu(LeakySlope),
        Activation.Elu => nn.functional.elu(values, 1.0),
        Activation.Tanh => values.tanh(),
        Activation.Sigmoid => values.sigmoid(),
        Activation.Softplus => nn.functional.softplus(values),
        _ => throw new OptionException($"Unknown activation '{activation}'."),
    };
}
