using System.Buffers;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Numerics.Tensors;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.Reconstruction;

/// <summary>Options of <see cref="Autoencoder"/>.</summary>
[Detector(
    "autoencoder",
    Family = DetectorFamily.Reconstruction,
    Summary = "Learns to squeeze samples through a narrow code and back; what it cannot reconstruct is abnormal.",
    Paper = "Hawkins, He, Williams, Baxter: Outlier detection using replicator neural networks. DaWaK 2002",
    TorchKinds = DataKinds.Image)]
public sealed record AutoencoderOptions : NetworkDetectorOptions
{
    /// <summary>
    /// Widths of the encoder's hidden layers, for pictures channels of its stages; the decoder mirrors them. The default value, empty, chooses by the
    /// sample: for vectors two layers, 64 and 32 wide up to 64 values, 128 and 64 up to 128, 256 and 128 above.
    /// </summary>
    [Description("Widths of the encoder's hidden layers (channels for pictures), mirrored in the decoder; empty = chosen by the samples."), Range(1, 65_536)]
    public IReadOnlyList<int> Hidden { get; init; } = [];

    /// <summary>
    /// Size of the code. The default value, null, chooses by the sample: a quarter of its values, at least 1, at most 32, and for pictures 64.
    /// </summary>
    [Description("Size of the code; auto = a quarter of a sample's values, at least 1 and at most 32, for pictures 64."), Range(1, 65_536)]
    public int? Latent { get; init; }

    /// <summary>Function of the hidden layers. The default value is ReLU.</summary>
    [Description("Function of the hidden layers.")]
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>Function of the code. The default value is the identity.</summary>
    [Description("Function of the code.")]
    public Activation CodeActivation { get; init; } = Activation.Identity;

    /// <summary>Function of the reconstruction. The default value is the identity, which fits any scaling of the features.</summary>
    [Description("Function of the reconstruction.")]
    public Activation OutputActivation { get; init; } = Activation.Identity;

    /// <summary>Share of hidden units dropped in training. The default value is 0.</summary>
    [Description("Share of hidden units dropped in training."), Range(0, 0.95)]
    public double Dropout { get; init; }

    /// <summary>Whether hidden layers are batch-normalised. The default value is false.</summary>
    [Description("Whether hidden layers are batch-normalised.")]
    public bool BatchNormalization { get; init; }

    /// <inheritdoc/>
    protected override Detector Create() => new Autoencoder(this);
}

/// <summary>
/// Encoder f and decoder g, trained to minimise the mean of ‖x − g(f(x))‖² over the samples; the score is that of a sample. An MLP for tables and
/// flattened sequence windows, a convolutional net for pictures.
/// </summary>
internal sealed class Autoencoder(AutoencoderOptions options) : Detector
{
    /// <summary>Values per block of scoring, so that its scratch stays in the caches.</summary>
    private const int BlockValues = 16384;

    private AutoencoderNetworks? _networks;
    private AutoencoderArchitecture? _architecture;

    protected override void FitCore(Samples samples, FitContext context)
    {
        Build(Architecture(samples.Shape) with { Seed = context.CreateRandom(-1).Next(), Device = context.Device });
        AutoencoderNetworks networks = _networks!;
        Optimizer optimizer = Optimizer.Create(options, networks.Encoder, networks.Decoder);
        float[] gradient = new float[Math.Min(options.BatchSize, samples.Count) * samples.Shape.Length];

        // Objective: L = mean over the batch of ‖x − g(f(x))‖²/d.
        double Step(in TrainingBatch batch)
        {
            double loss = SquaredError.Loss(networks.Forward(batch.Values, batch.Count), batch.Values, gradient);
            networks.Backward(gradient.AsSpan(0, batch.Values.Length));
            optimizer.Step();
            return loss;
        }

        double Validation(ReadOnlySpan<float> values, int count)
        {
            networks.Reconstruct(values, count, gradient);
            return SquaredError.Loss(gradient.AsSpan(0, values.Length), values, gradient);
        }

        new TrainingLoop(DisplayName, samples, options, context, networks.Both).Run(
            new TrainingPhase { Epochs = options.Epochs, Step = Step, Validation = Validation, Optimizers = [optimizer] });
    }

    protected override float[] ScoreCore(Samples samples)
    {
        float[] scores = new float[samples.Count];
        int width = samples.Shape.Length;
        Reconstruct(samples, (start, rows, reconstruction) =>
        {
            ReadOnlySpan<float> x = samples.Values.Span.Slice(start * width, rows * width);
            for (int i = 0; i < rows; i++)
            {
                float score = SquaredError.OfSample(reconstruction.Slice(i * width, width), x.Slice(i * width, width));
                // The weights are finite, so NaN is a difference of infinities: a sample too far away for float32.
                scores[start + i] = float.IsNaN(score) ? float.PositiveInfinity : score;
            }
        });
        return scores;
    }

    protected override float[] AttributeCore(Samples samples)
    {
        float[] attributions = new float[samples.Values.Length];
        Reconstruct(samples, (start, rows, reconstruction) =>
        {
            int first = start * samples.Shape.Length;
            Span<float> target = attributions.AsSpan(first, reconstruction.Length);
            TensorPrimitives.Subtract(reconstruction, samples.Values.Span.Slice(first, reconstruction.Length), target);
            TensorPrimitives.Multiply(target, target, target);
            for (int i = 0; i < target.Length; i++) target[i] = target[i] <= float.MaxValue ? target[i] : float.MaxValue;
        });
        return attributions;
    }

    protected override void WriteState(TensorState state)
    {
        state.Set<int>("hidden", [.. _architecture!.Hidden]);
        state.SetScalar("latent", _architecture.Latent);
        _networks!.WriteState(state);
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        Build(Architecture(shape) with { Hidden = state.Get<int>("hidden"), Latent = state.GetScalar<int>("latent") });
        _networks!.ReadState(state);
    }

    protected override void Dispose(bool disposing)
    {
        _networks?.Dispose();
        base.Dispose(disposing);
    }

    private delegate void BlockAction(int start, int rows, ReadOnlySpan<float> reconstruction);

    private void Reconstruct(Samples samples, BlockAction action)
    {
        int width = samples.Shape.Length, block = Math.Clamp(BlockValues / width / 16 * 16, 16, 1024);
        float[] reconstruction = ArrayPool<float>.Shared.Rent(Math.Min(block, samples.Count) * width);
        for (int start = 0; start < samples.Count; start += block)
        {
            int rows = Math.Min(block, samples.Count - start);
            _networks!.Reconstruct(samples.Values.Span.Slice(start * width, rows * width), rows, reconstruction);
            action(start, rows, reconstruction.AsSpan(0, rows * width));
        }
        ArrayPool<float>.Shared.Return(reconstruction);
    }

    private AutoencoderArchitecture Architecture(SampleShape shape) => new()
    {
        Shape = shape,
        Hidden = options.Hidden.Count > 0 || shape.Rank == 3 ? options.Hidden : DenseAutoencoder.DefaultHidden(shape.Length),
        Latent = options.Latent ?? (shape.Rank == 3 ? 64 : Math.Clamp((shape.Length + 3) / 4, 1, 32)),
        Activation = options.Activation,
        CodeActivation = options.CodeActivation,
        OutputActivation = options.OutputActivation,
        Dropout = (float)options.Dropout,
        BatchNormalization = options.BatchNormalization,
    };

    private void Build(AutoencoderArchitecture architecture)
    {
        _networks?.Dispose();
        (_networks, _architecture) = (AutoencoderNetworks.Create(architecture), architecture);
    }
}
