using System.Runtime.InteropServices;
using AnomalySharp.Networks;
using AnomalySharp.Training;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

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
        Clear(bias);
    }

    /// <summary>Normal weights, such as the N(0, 0.02²) of DCGAN.</summary>
    /// <param name="weight">A new parameter, row-major.</param>
    /// <param name="bias">The layer's bias, if it has one.</param>
    /// <param name="deviation">Standard deviation.</param>
    /// <param name="random">Advanced by one.</param>
    /// <param name="mean">Mean; 1 for the factors of a normalisation.</param>
    public static void FillNormal(Tensor weight, Tensor? bias, double deviation, Random random, double mean = 0)
    {
        Span<float> values = MemoryMarshal.Cast<byte, float>(weight.bytes);
        GaussianNoise.Fill(values, random.Next(), 0);
        TensorPrimitives.Multiply(values, (float)deviation, values);
        TensorPrimitives.Add(values, (float)mean, values);
        Clear(bias);
    }

    private static void Clear(Tensor? bias)
    {
        if (bias is null) return;
        using IDisposable noGradient = no_grad();
        bias.zero_();
    }
}
