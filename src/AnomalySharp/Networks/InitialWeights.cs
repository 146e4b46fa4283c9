namespace AnomalySharp.Networks;

/// <summary>
/// Initial weights, uniform with the variance that keeps the size of signals through a layer: 2/fan-in before rectifiers (He et al., ICCV 2015),
/// 1/fan-in elsewhere (LeCun et al., 1998). Biases start at zero.
/// </summary>
internal static class InitialWeights
{
    public static double Bound(double fanIn, Activation next)
    {
        bool rectifier = next is Activation.Relu or Activation.LeakyRelu or Activation.Elu or Activation.Softplus;
        return Math.Sqrt((rectifier ? 6 : 3) / fanIn);
    }
}
