using System.ComponentModel;
using AnomalySharp.Networks;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.Reconstruction;

/// <summary>Options of the detector <c>autoencoder</c>.</summary>
[Detector(
    "autoencoder",
    Family = DetectorFamily.Reconstruction,
    Summary = "Learns to squeeze samples through a narrow code and back; what it cannot reconstruct is abnormal.",
    Paper = "Hawkins, He, Williams, Baxter: Outlier detection using replicator neural networks. DaWaK 2002",
    TorchKinds = DataKinds.Image)]
public sealed record AutoencoderOptions : ReconstructionOptions
{
    /// <summary>
    /// Function of the code. The default value is the identity; with it and no hidden layers the autoencoder is linear and learns the plane of the
    /// principal components.
    /// </summary>
    [Description("Function of the code; identity and hidden=none: principal components.")]
    public Activation CodeActivation { get; init; } = Networks.Activation.Identity;

    /// <summary>
    /// Whether the decoder uses the encoder's weights, transposed. The default value is false. Not for the convolutional networks that pictures get:
    /// there it needs <c>hidden=none</c>.
    /// </summary>
    [Description("Whether the decoder uses the encoder's weights, transposed; pictures need hidden=none for it.")]
    public bool TiedWeights { get; init; }

    /// <inheritdoc/>
    protected override Detector Create() => new Autoencoder(this);
}

/// <summary>
/// Encoder f and decoder g, trained to minimise the mean of ‖x − g(f(x))‖² over the samples; the score is that of a sample. An MLP for tables and
/// flattened sequence windows, a convolutional net for pictures.
/// </summary>
internal sealed class Autoencoder(AutoencoderOptions options) : ReconstructionDetector(options)
{
    protected override AutoencoderArchitecture Architecture(SampleShape shape) =>
        base.Architecture(shape) with { CodeActivation = options.CodeActivation, TiedWeights = options.TiedWeights };

    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        WarnOfWideCode(samples.Shape, context);
        return [ReconstructionPhase.Create(Networks, samples, options)];
    }
}
