using System.Runtime.InteropServices;
using AnomalySharp.Networks;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// Initial weights, uniform with the variance that keeps the size of signals through a layer: 2/fan-in before rectifiers (He et al., ICCV 2015),
/// 1/fan-in elsewhere (LeCun et al., 1998). Drawn here, not by libtorch, whose generator all threads share. Biases start at zero.
/// </summary>
internal static class InitialWeights
{
    /// <param name="weight">A new parameter, row-major.</param>
    /// <param name="bias">The layer's bias, if it has one.</param>
    /// <param name="fanIn">Values that one output sums over.</param>
    /// <param name="next">Function that follows.</param>
    /// <param name="random">Advanced by the number of weights.</param>
    public static void Fill(Tensor weight, Tensor? bias, double fanIn, Activation next, Random random)
    {
        bool rectifier = next is Activation.Relu or Activation.LeakyRelu or Activation.Elu or Activation.Softplus;
        double bound = Math.Sqrt((rectifier ? 6 : 3) / fanIn);
        foreach (ref float value in MemoryMarshal.Cast<byte, float>(weight.bytes)) value = (float)((2 * random.NextDouble() - 1) * bound);
        if (bias is null) return;
        using IDisposable noGradient = no_grad();
        bias.zero_();
    }
}
