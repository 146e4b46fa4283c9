using System.Numerics.Tensors;
using AnomalySharp.Networks;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.Reconstruction;

/// <summary>
/// One layer of a stack: f and g with g(f(h̃)) held against h, where h is what the finished layers below make of x. Sigmoid codes are probabilities
/// and are held against h by their cross-entropy, everything else by the squared error.
/// </summary>
internal sealed class DenoisingLayer : IDisposable
{
    private const int HeldOutDraw = -1;

    private readonly IReadOnlyList<Network> _below;
    private readonly NetworkDetectorOptions _options;
    private readonly CorruptionKind _kind;
    private readonly Corruption _corruption;
    private readonly int _inputs;
    private readonly bool _probabilities;

    public AutoencoderNetworks Networks { get; }

    /// <param name="below">The layers below, the first one first; only evaluated.</param>
    /// <param name="f">h → code, with the function of the stack.</param>
    /// <param name="g">Code → h, with the function of the layer below, or of the reconstruction.</param>
    /// <param name="options">Training.</param>
    /// <param name="kind">Noise.</param>
    /// <param name="level">How much of it; 0 for none.</param>
    /// <param name="seed">Start of weights and noise.</param>
    public DenoisingLayer(
        IReadOnlyList<Network> below, DenseLayer f, DenseLayer g, NetworkDetectorOptions options, CorruptionKind kind, double level, int seed)
    {
        (_below, _inputs, _options, _kind) = (below, g.Outputs, options, kind);
        _probabilities = below.Count > 0 && g.Activation == Activation.Sigmoid;
        _corruption = new Corruption(kind, level, seed);
        Networks = new AutoencoderNetworks(new DenseNetwork(g.Outputs, [f], seed), new DenseNetwork(f.Outputs, [g], ~seed));
    }

    /// <summary>Trains f and g, and nothing below.</summary>
    public TrainingPhase Phase(Samples samples, string name)
    {
        int rows = Math.Min(_options.BatchSize, samples.Count);
        int widest = Math.Max(_inputs, _below.Select(network => network.OutputSize).DefaultIfEmpty().Max());
        float[] first = new float[rows * widest], second = new float[rows * widest];
        float[] corrupted = new float[rows * _inputs], gradient = new float[rows * _inputs], low = new float[_inputs], high = new float[_inputs];
        if (_below.Count == 0) Corruption.Extremes(samples.Values.Span, low, high);
        Optimizer optimizer = Optimizer.Create(_options, Networks.Encoder, Networks.Decoder);

        double Step(in TrainingBatch batch)
        {
            ReadOnlySpan<float> h = Clean(batch.Values, batch.Count, first, second);
            Span<float> noisy = Corrupt(h, batch.Step);
            double loss = Loss(Networks.Forward(noisy, batch.Count), h);
            Networks.Backward(gradient.AsSpan(0, h.Length));
            optimizer.Step();
            return loss;
        }

        double Validation(ReadOnlySpan<float> values, int count)
        {
            ReadOnlySpan<float> h = Clean(values, count, first, second);
            Networks.Reconstruct(Corrupt(h, HeldOutDraw), count, gradient);
            return Loss(gradient.AsSpan(0, h.Length), h);
        }

        Span<float> Corrupt(ReadOnlySpan<float> h, int draw)
        {
            // What codes can be is known only of the functions that are bounded; what they are in this batch is known of all.
            if (_below.Count > 0 && _kind == CorruptionKind.SaltAndPepper) Corruption.Extremes(h, low, high);
            Span<float> noisy = corrupted.AsSpan(0, h.Length);
            _corruption.Apply(h, draw, low, high, noisy);
            return noisy;
        }

        double Loss(ReadOnlySpan<float> reconstruction, ReadOnlySpan<float> h) =>
            _probabilities ? CrossEntropy(reconstruction, h, gradient) : SquaredError.Loss(reconstruction, h, gradient);

        return new TrainingPhase { Name = name, Epochs = _options.Epochs, Step = Step, Validation = Validation, Optimizers = [optimizer] };
    }

    public void Dispose() => Networks.Dispose();

    /// <summary>h: x through the layers below, without noise.</summary>
    private ReadOnlySpan<float> Clean(ReadOnlySpan<float> values, int count, float[] first, float[] second)
    {
        ReadOnlySpan<float> h = values;
        foreach (Network network in _below)
        {
            network.Infer(h, count, first);
            h = first.AsSpan(0, count * network.OutputSize);
            (first, second) = (second, first);
        }
        return h;
    }

    /// <summary>Mean of −t ln p − (1 − t) ln(1 − p) over all values, and its gradient at p. May overwrite p with it.</summary>
    internal static double CrossEntropy(ReadOnlySpan<float> probabilities, ReadOnlySpan<float> targets, Span<float> gradient)
    {
        const float Smallest = 1e-6f;
        double sum = 0;
        float share = 1f / targets.Length;
        for (int i = 0; i < targets.Length; i++)
        {
            float p = Math.Clamp(probabilities[i], Smallest, 1 - Smallest), t = targets[i];
            sum -= t * MathF.Log(p) + (1 - t) * MathF.Log(1 - p);
            gradient[i] = (p - t) / (p * (1 - p)) * share;
        }
        return sum / targets.Length;
    }
}
