using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.Reconstruction;

/// <summary>Options of the detector <c>stacked-denoising-autoencoder</c>. Epochs, patience and the rest of the training are for each layer.</summary>
[Detector(
    "stacked-denoising-autoencoder",
    Family = DetectorFamily.Reconstruction,
    Summary = "Learns a deep reconstruction layer by layer, each from corrupted codes of the one below; what it cannot reconstruct is abnormal.",
    Paper = "Vincent, Larochelle, Lajoie, Bengio, Manzagol: Stacked Denoising Autoencoders. JMLR 11 (2010)")]
public sealed record StackedDenoisingAutoencoderOptions : ReconstructionOptions
{
    /// <summary>How the input of the layer in training is corrupted. The default value is masking.</summary>
    [Description("How the input of the layer in training is corrupted.")]
    public CorruptionKind Corruption { get; init; } = CorruptionKind.Masking;

    /// <inheritdoc cref="DenoisingAutoencoderOptions.NoiseLevel"/>
    [Description("Probability that a value is replaced (below 1), or the Gaussian noise's standard deviation."), Range(0, 10)]
    public double NoiseLevel { get; init; } = 0.3;

    /// <summary>Passes of fine-tuning; 0 for none. The default value, null, is as many as for each layer.</summary>
    [Description("Passes of fine-tuning the whole stack, 0 = none; auto = epochs."), Range(0, 1_000_000)]
    public int? FineTuningEpochs { get; init; }

    /// <summary>Learning rate of fine-tuning, in units of <see cref="NetworkDetectorOptions.LearningRate"/>. The default value is 0.1.</summary>
    [Description("Learning rate of fine-tuning, in units of learningRate."), Range(0.001, 10)]
    public double FineTuningRate { get; init; } = 0.1;

    /// <inheritdoc/>
    protected override Detector Create()
    {
        AnomalySharp.Detectors.Reconstruction.Corruption.RequireLevel(Corruption, NoiseLevel);
        if (Dropout > 0) throw new OptionException($"Option 'dropout' is {Dropout}: stacked layers are corrupted by 'noiseLevel' instead; allowed: 0.");
        if (BatchNormalization) throw new OptionException("Option 'batchNormalization' is true: layers trained one by one have none; allowed: false.");
        return new StackedDenoisingAutoencoder(this);
    }
}

/// <summary>
/// Layer ℓ is a denoising autoencoder (fℓ, gℓ) of h = fℓ₋₁(…f₁(x)), which is not corrupted; the layers below are frozen. Then g₁(…g_L(f_L(…f₁(x)))) is
/// trained as a whole, without noise, with a smaller step. Dense layers for every kind of sample: the paper's pictures are vectors of pixels too.
/// </summary>
internal sealed class StackedDenoisingAutoencoder(StackedDenoisingAutoencoderOptions options) : ReconstructionDetector(options)
{
    // As in the paper, whatever the shape; tanh detected worse on most tables.
    private readonly Activation _function = options.Activation ?? Activation.Sigmoid;

    private LayerStack? _stack;

    protected override AutoencoderArchitecture Architecture(SampleShape shape) =>
        base.Architecture(shape) with { Flat = true, Activation = _function, CodeActivation = _function };

    protected override IReadOnlyList<int> DefaultHidden(SampleShape shape) => AutoencoderArchitecture.DefaultHidden(shape, flat: true);

    protected override IReadOnlyList<Network> TrainedNetworks => [.. _stack!.Networks, .. Networks.Both];

    protected override void FitCore(Samples samples, FitContext context)
    {
        try
        {
            base.FitCore(samples, context);
            if (FineTuningEpochs == 0) Unroll();
        }
        finally
        {
            _stack?.Dispose();
            _stack = null;
        }
    }

    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        _stack = new LayerStack(Architecture(samples.Shape), options, options.Corruption, options.NoiseLevel, context.CreateRandom(-2));
        TrainingPhase[] layers = _stack.Phases(samples);
        return FineTuningEpochs > 0 ? [.. layers, FineTuning(samples)] : layers;
    }

    private int FineTuningEpochs => options.FineTuningEpochs ?? options.Epochs;

    private void Unroll() => _stack!.Unroll(Networks);

    // Objective: the plain autoencoder's, from where the layers have led.
    private TrainingPhase FineTuning(Samples samples) =>
        ReconstructionPhase.Create(Networks, samples, options with { LearningRate = options.LearningRate * options.FineTuningRate }) with
        {
            Name = "fine-tuning",
            Epochs = FineTuningEpochs,
            Start = Unroll,
        };
}
