using AnomalySharp.Persistence;

namespace AnomalySharp.Networks;

/// <summary>Networks with normally distributed weights and no training: maps that a method takes as they are.</summary>
internal static class RandomWeights
{
    /// <summary>A network whose weights are N(0, σ²), layer by layer, and whose biases, if any, are zero.</summary>
    /// <param name="inputs">Values per sample.</param>
    /// <param name="layers">Its layers.</param>
    /// <param name="deviation">σ of a layer, given its number of inputs.</param>
    /// <param name="random">What weights are drawn from.</param>
    public static DenseNetwork Create(int inputs, IReadOnlyList<DenseLayer> layers, Func<int, double> deviation, Random random)
    {
        DenseNetwork network = new(inputs, layers);
        TensorState state = new();
        int width = inputs;
        for (int i = 0; i < layers.Count; i++)
        {
            float[] weights = new float[width * layers[i].Outputs];
            Training.GaussianNoise.Fill(weights, random.Next(), 0);
            double sigma = deviation(width);
            foreach (ref float weight in weights.AsSpan()) weight = (float)(weight * sigma);
            state.Set<float>($"layer{i + 1}.weight", weights, layers[i].Outputs, width);
            if (layers[i].Bias) state.Set<float>($"layer{i + 1}.bias", new float[layers[i].Outputs]);
            width = layers[i].Outputs;
        }
        network.ReadState(state);
        return network;
    }
}
