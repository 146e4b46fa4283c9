using AnomalySharp.Networks;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>The functions between layers in libtorch.</summary>
internal static class Activations
{
    /// <summary>A new tensor, or the same one where there is nothing to do.</summary>
    public static Tensor Apply(this Activation activation, Tensor values) => activation switch
    {
        Activation.Identity => values,
        Activation.Relu => nn.functional.relu(values),
        Activation.LeakyRelu => values.leaky_relu(KeptScalar.Of(0.01)),
        Activation.Elu => values.elu(KeptScalar.Of(1), KeptScalar.Of(1), KeptScalar.Of(1)),
        Activation.Tanh => values.tanh(),
        Activation.Sigmoid => values.sigmoid(),
        Activation.Softplus => values.Softplus(),
        _ => throw new OptionException($"Unknown activation '{activation}'."),
    };
}
