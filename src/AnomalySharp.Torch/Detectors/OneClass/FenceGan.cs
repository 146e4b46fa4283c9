using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Torch.Detectors.Adversarial;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace AnomalySharp.Torch.Detectors.OneClass;

/// <summary>How drawn samples are held where D is α.</summary>
public enum Encirclement
{
    /// <summary>Cross-entropy of D with the soft label α, as the code has it.</summary>
    CrossEntropy,

    /// <summary>log|α − D|, as the paper writes it: its slope has no bound at D = α, and trainings with it tend to diverge.</summary>
    LogDistance,
}

/// <summary>
/// Options of the detector <c>fence-gan</c>. α and γ are those of the paper's CIFAR-10, the ratio of the step sizes is that of its MNIST. With
/// MNIST's α = γ = 0.1 anomalies among the training data are hardly held off.
/// </summary>
[Detector(
    "fence-gan",
    Family = DetectorFamily.OneClass,
    Summary = "Draws samples around the normal ones, like a fence, so that a discriminator learns where these end; what is outside is abnormal.",
    Paper = "Ngo et al.: Fence GAN: Towards better anomaly detection. ICTAI 2019",
    TorchKinds = DataKinds.Any)]
public sealed record FenceGanOptions : AdversarialOptions
{
    /// <summary>α: D on the fence. The default value is 0.5, the paper's for two dimensions and CIFAR-10; for MNIST it has 0.1.</summary>
    [Description("What the discriminator is to say on the fence."), Range(0.01, 0.99)]
    public double Alpha { get; init; } = 0.5;

    /// <summary>
    /// β: weight of the dispersion loss, which is the inverse of a distance and so depends on the scale of the samples. The default value, null: four
    /// times the mean distance of training samples from their mean, as the paper's 15 is in two dimensions.
    /// </summary>
    [Description("Weight of the dispersion loss; auto = four times the mean distance of samples from their mean."), Range(0, 1e6)]
    public double? Beta { get; init; }

    /// <summary>
    /// γ: weight of drawn samples in the discriminator's loss. The default value is 0.5, the paper's for CIFAR-10; it has 0.1 elsewhere.
    /// </summary>
    [Description("Weight of drawn samples in the discriminator's loss."), Range(0, 1)]
    public double Gamma { get; init; } = 0.5;

    /// <summary>What holds drawn samples on the fence. The default value is <see cref="OneClass.Encirclement.CrossEntropy"/>.</summary>
    [Description("Loss that holds drawn samples on the fence.")]
    public Encirclement Encirclement { get; init; } = Encirclement.CrossEntropy;

    /// <summary>Step size of the discriminator. The default value, null: half of that of the generator, as for the paper's MNIST.</summary>
    [Description("Step size of the discriminator; auto = half of learningRate."), Range(1e-8, 10)]
    public double? CriticRate { get; init; }

    /// <summary>Epochs in which the discriminator learns alone at first. The default value is 1; the paper has 15 at a step size of 1e-5.</summary>
    [Description("Epochs in which the discriminator learns alone at first."), Range(0, 1_000_000)]
    public int PretrainingEpochs { get; init; } = 1;

    /// <inheritdoc/>
    protected override Detector Create() => new FenceGan(this);
}

/// <summary>
/// The generator learns EL + β·DL: cross-entropy of D(G(z)) with α, and the inverse of the mean distance of G(z) from their mean; the discriminator
/// learns −log D(x) − γ·log(1 − D(G(z))). The score is −logit D(x), in the order of the paper's 1 − D(x).
/// </summary>
/// <remarks>The paper chooses the epoch with anomalies; here it is that of <see cref="CriticDetector"/>, without.</remarks>
internal sealed class FenceGan(FenceGanOptions options) : CriticDetector(options), IGenerativeDetector
{
    private FenceGame? _game;
    private double _spread;

    protected override FeatureNormalization Normalization => FeatureNormalization.None;

    protected override Game CreateGame(LatentNoise noise) => _game = new FenceGame(Generator, Critic, noise, options, options.Beta ?? (4 * _spread));

    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        _spread = Spread(samples);
        IReadOnlyList<TrainingPhase> phases = base.CreatePhases(samples, context);
        FenceGame game = _game!;
        _game = null;
        TrainingPhase alone = new()
        {
            Name = "discriminator",
            Epochs = options.PretrainingEpochs,
            Step = game.StepCritic,
            HoldsOut = true,
            Optimizers = game.Optimizers,
            Measures = _ => game.Measures.EndEpoch(),
        };
        return options.PretrainingEpochs > 0 ? [alone, .. phases] : phases;
    }

    /// <summary>The mean distance of samples from their mean.</summary>
    private static double Spread(Samples samples)
    {
        float[] mean = new float[samples.Shape.Length];
        for (int i = 0; i < samples.Count; i++) TensorPrimitives.MultiplyAdd(samples[i], 1f / samples.Count, mean, mean);
        double sum = 0;
        for (int i = 0; i < samples.Count; i++) sum += TensorPrimitives.Distance(samples[i], mean);
        return sum / samples.Count;
    }
}
