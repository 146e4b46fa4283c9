using System.Numerics.Tensors;
using AnomalySharp.Networks;

namespace AnomalySharp.Detectors.FeatureLearning;

/// <summary>γ = softmax(MLN(z)) of DAGMM: memberships in the components of the mixture (equation 4 of the paper).</summary>
internal sealed class EstimationNetwork(int dimensions, DagmmOptions options, int components, int seed) : IDisposable
{
    private double[] _gamma = [];
    private float[] _input = [], _gradient = [];

    /// <summary>K.</summary>
    public int Components => components;

    /// <summary>z → logits.</summary>
    public DenseNetwork Network { get; } = new(
        dimensions,
        [
            .. options.EstimationHidden.Select(width => new DenseLayer(width, Activation.Tanh) { Dropout = (float)options.EstimationDropout }),
            new DenseLayer(components),
        ],
        seed);

    /// <summary>γ of a batch, for training; valid until the next call.</summary>
    public ReadOnlySpan<double> Forward(ReadOnlySpan<double> z)
    {
        int count = z.Length / dimensions;
        if (_gamma.Length < count * components) (_gamma, _gradient) = (new double[count * components], new float[count * components]);
        return Softmax(Network.Forward(Narrow(z, ref _input), count), _gamma);
    }

    /// <summary>Adds the gradients of the network and, to <paramref name="atZ"/>, what it contributes there.</summary>
    public void Backward(ReadOnlySpan<double> atGamma, Span<double> atZ)
    {
        // ∂L/∂logit_k = γ_k (g_k − Σ_l γ_l g_l)
        for (int i = 0; i < atGamma.Length; i += components)
        {
            double mean = TensorPrimitives.Dot<double>(_gamma.AsSpan(i, components), atGamma.Slice(i, components));
            for (int k = i; k < i + components; k++) _gradient[k] = (float)(_gamma[k] * (atGamma[k] - mean));
        }
        ReadOnlySpan<float> input = Network.Backward(_gradient.AsSpan(0, atGamma.Length), needInputGradient: true);
        for (int j = 0; j < atZ.Length; j++) atZ[j] += input[j];
    }

    /// <summary>γ without dropout.</summary>
    public double[] Infer(ReadOnlySpan<double> z)
    {
        int count = z.Length / dimensions;
        float[] input = [], logits = new float[count * components];
        Network.Infer(Narrow(z, ref input), count, logits);
        double[] gamma = new double[logits.Length];
        Softmax(logits, gamma);
        return gamma;
    }

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();

    private ReadOnlySpan<double> Softmax(ReadOnlySpan<float> logits, Span<double> gamma)
    {
        for (int i = 0; i < logits.Length; i += components)
        {
            double greatest = TensorPrimitives.Max(logits.Slice(i, components)), sum = 0;
            for (int k = i; k < i + components; k++) sum += gamma[k] = Math.Exp(logits[k] - greatest);
            for (int k = i; k < i + components; k++) gamma[k] /= sum;
        }
        return gamma[..logits.Length];
    }

    private static ReadOnlySpan<float> Narrow(ReadOnlySpan<double> z, ref float[] narrow)
    {
        if (narrow.Length < z.Length) narrow = new float[z.Length];
        TensorPrimitives.ConvertTruncating(z, narrow.AsSpan(0, z.Length));
        return narrow.AsSpan(0, z.Length);
    }
}
