using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;

namespace AnomalySharp.Torch.Detectors.Adversarial;

/// <summary>How the slope of a critic is bounded.</summary>
public enum CriticPenalty
{
    /// <summary>Every weight is clipped after each step (Arjovsky, Chintala, Bottou, ICML 2017).</summary>
    Clip,

    /// <summary>A gradient penalty between real and drawn samples (Gulrajani et al., NeurIPS 2017).</summary>
    Gradient,
}

/// <summary>
/// Options of the detector <c>wgan</c>. The defaults are the paper's of clipped weights, but for a learning rate of 5e-4 in place of 5e-5, which
/// LSUN's millions of pictures allow; for WGAN-GP set <c>penalty=gradient optimizer=adam learningRate=1e-4 beta1=0</c>.
/// </summary>
[Detector(
    "wgan",
    Family = DetectorFamily.Adversarial,
    Summary = "Learns a critic of bounded slope that is high on real samples and low on drawn ones; where it is low is abnormal.",
    Paper = "Arjovsky, Chintala, Bottou: Wasserstein generative adversarial networks. ICML 2017; "
        + "Gulrajani et al.: Improved training of Wasserstein GANs. NeurIPS 2017",
    TorchKinds = DataKinds.Any)]
public sealed record WganOptions : AdversarialOptions
{
    /// <summary>Options with the defaults of the paper.</summary>
    public WganOptions() => (Optimizer, LearningRate, CriticSteps) = (OptimizerKind.RmsProp, 5e-4, 5);

    /// <summary>How the critic's slope is bounded. The default value is <see cref="CriticPenalty.Clip"/>.</summary>
    [Description("How the critic's slope is bounded.")]
    public CriticPenalty Penalty { get; init; } = CriticPenalty.Clip;

    /// <summary>c: the largest size of a weight with <see cref="CriticPenalty.Clip"/>. The default value is 0.01.</summary>
    [Description("Largest size of a weight of the critic with penalty=clip."), Range(1e-4, 10)]
    public double Clip { get; init; } = 0.01;

    /// <summary>λ: weight of the penalty with <see cref="CriticPenalty.Gradient"/>. The default value is 10.</summary>
    [Description("Weight of the penalty with penalty=gradient."), Range(1e-4, 1000)]
    public double PenaltyWeight { get; init; } = 10;

    internal override double Beta2 => Penalty == CriticPenalty.Gradient ? 0.9 : base.Beta2;

    /// <inheritdoc/>
    protected override Detector Create() => new Wgan(this);
}

/// <summary>
/// max_D E[D(x)] − E[D(G(z))] over critics D of bounded slope, G learning by −E[D(G(z))]; the score is −D(x). D is high on real samples, where the
/// reference implementation has it low.
/// </summary>
/// <remarks>
/// The reference gives the critic 100 steps at the first 25 steps of the generator and at each 500th; here it always gets as many as the options say.
/// </remarks>
internal sealed class Wgan(WganOptions options) : CriticDetector(options), IGenerativeDetector
{
    private double? Lambda => options.Penalty == CriticPenalty.Gradient ? options.PenaltyWeight : null;

    // The reference of clipped weights normalises over the batch, which is real or drawn in training; here the critic scores single samples. A
    // penalty on single samples' gradients forbids it anyhow.
    protected override FeatureNormalization Normalization => Lambda is null ? FeatureNormalization.None : FeatureNormalization.Sample;

    protected override bool HasGradientPenalty => Lambda is not null;

    protected override AdversarialGame CreateGame(LatentNoise noise) =>
        new WassersteinGame(Generator, Critic, noise, options.CriticSteps, options.CreateOptimizer, Lambda, options.Clip);
}
