using System.Numerics.Tensors;
using AnomalySharp.Networks;

namespace AnomalySharp.Torch.Training;

/// <summary>
/// Every parameter into [−c, c], those of normalisations too: how WGAN bounds its critic's slope (Arjovsky, Chintala, Bottou, ICML 2017).
/// </summary>
internal static class WeightClipping
{
    public static void Clip(Network network, double c) =>
        TensorPrimitives.Clamp(network.Parameters.Values, -(float)c, (float)c, network.Parameters.Values);
}
