using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Networks;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.Reconstruction;

/// <summary>Options of the detector <c>denoising-autoencoder</c>.</summary>
[Detector(
    "denoising-autoencoder",
    Family = DetectorFamily.Reconstruction,
    Summary = "Learns to reconstruct samples from corrupted ones; what it cannot reconstruct is abnormal.",
    Paper = "Vincent, Larochelle, Lajoie, Bengio, Manzagol: Stacked Denoising Autoencoders. JMLR 11 (2010)",
    TorchKinds = DataKinds.Image)]
public sealed record DenoisingAutoencoderOptions : ReconstructionOptions
{
    /// <summary>How samples are corrupted in training. The default value is masking.</summary>
    [Description("How samples are corrupted in training.")]
    public CorruptionKind Corruption { get; init; } = CorruptionKind.Masking;

    /// <summary>
    /// ν: for masking and salt-and-pepper the probability that a value is replaced, below 1; for Gaussian noise its standard deviation, in units of the
    /// scaled features. The default value is 0.3.
    /// </summary>
    [Description("Probability that a value is replaced (below 1), or the Gaussian noise's standard deviation in units of the scaled features."), Range(0, 10)]
    public double NoiseLevel { get; init; } = 0.3;

    /// <inheritdoc cref="AutoencoderOptions.CodeActivation"/>
    [Description("Function of the code.")]
    public Activation CodeActivation { get; init; } = Activation.Identity;

    /// <inheritdoc cref="AutoencoderOptions.TiedWeights"/>
    [Description("Whether the decoder uses the encoder's weights, transposed; pictures need hidden=none for it.")]
    public bool TiedWeights { get; init; }

    /// <inheritdoc/>
    protected override Detector Create()
    {
        AnomalySharp.Detectors.Reconstruction.Corruption.RequireLevel(Corruption, NoiseLevel);
        return new DenoisingAutoencoder(this);
    }
}

/// <summary>
/// An autoencoder that sees x̃ ~ q(x̃|x) in training and is held against x. The score is taken without noise. Networks as those of the plain autoencoder,
/// deeper than the paper's one layer, and the squared error where the paper has the cross-entropy for pictures of bits.
/// </summary>
internal sealed class DenoisingAutoencoder(DenoisingAutoencoderOptions options) : ReconstructionDetector(options)
{
    /// <summary>Held-out samples keep one draw of noise, so that epochs are compared on the same task.</summary>
    private const int HeldOutDraw = -1;

    protected override AutoencoderArchitecture Architecture(SampleShape shape) =>
        base.Architecture(shape) with { CodeActivation = options.CodeActivation, TiedWeights = options.TiedWeights };

    // Objective: L = mean over the batch of E_{x̃~q(x̃|x)} ‖x − g(f(x̃))‖²/d, with one x̃ for each x and batch.
    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        int width = samples.Shape.Length;
        Optimizer optimizer = Optimizer.Create(options, Networks.Encoder, Networks.Decoder);
        Corruption corruption = new(options.Corruption, options.NoiseLevel, context.CreateRandom(-2).Next());
        float[] low = new float[width], high = new float[width];
        Corruption.Extremes(samples.Values.Span, low, high);
        float[] corrupted = new float[Math.Min(options.BatchSize, samples.Count) * width], gradient = new float[corrupted.Length];

        double Step(in TrainingBatch batch)
        {
            Span<float> noisy = corrupted.AsSpan(0, batch.Values.Length);
            corruption.Apply(batch.Values, batch.Step, low, high, noisy);
            double loss = SquaredError.Loss(Networks.Forward(noisy, batch.Count), batch.Values, gradient);
            Networks.Backward(gradient.AsSpan(0, batch.Values.Length));
            optimizer.Step();
            return loss;
        }

        double Validation(ReadOnlySpan<float> values, int count)
        {
            Span<float> noisy = corrupted.AsSpan(0, values.Length);
            corruption.Apply(values, HeldOutDraw, low, high, noisy);
            Networks.Reconstruct(noisy, count, gradient);
            return SquaredError.Loss(gradient.AsSpan(0, values.Length), values, gradient);
        }

        return [new TrainingPhase { Epochs = options.Epochs, Step = Step, Validation = Validation, Optimizers = [optimizer] }];
    }
}
