using System.Numerics.Tensors;
using AnomalySharp.Networks;

namespace AnomalySharp.Training;

/// <summary>λ Σ W² over a network's weights, without its biases and normalisations, which an optimiser's weight decay includes.</summary>
public static class WeightPenalty
{
    /// <summary>Adds 2λW to the gradients of the weights.</summary>
    /// <returns>λ Σ W².</returns>
    public static double AddGradient(Network network, double lambda)
    {
        Span<float> values = network.Parameters.Values, gradients = network.Parameters.Gradients;
        foreach (Range range in network.Weights)
        {
            TensorPrimitives.MultiplyAdd<float>(values[range], 2 * (float)lambda, gradients[range], gradients[range]);
        }
        return Of(network, lambda);
    }

    /// <summary>λ Σ W².</summary>
    public static double Of(Network network, double lambda)
    {
        double sum = 0;
        foreach (Range range in network.Weights) sum += TensorPrimitives.SumOfSquares<float>(network.Parameters.Values[range]);
        return lambda * sum;
    }
}
