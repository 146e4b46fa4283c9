using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;

namespace AnomalySharp.Torch.Detectors.Adversarial;

/// <summary>
/// Options of the detector <c>gan</c>. Networks and training are DCGAN's (Radford, Metz, Chintala, ICLR 2016); samples of other shapes get dense
/// networks.
/// </summary>
[Detector(
    "gan",
    Family = DetectorFamily.Adversarial,
    Summary = "Learns to draw samples and to tell them from real ones; what the discriminator takes for drawn is abnormal.",
    Paper = "Goodfellow et al.: Generative adversarial nets. NeurIPS 2014",
    TorchKinds = DataKinds.Any)]
public sealed record GanOptions : AdversarialOptions
{
    /// <inheritdoc/>
    protected override Detector Create() => new Gan(this);
}

/// <summary>
/// min_G max_D E[log D(x)] + E[log(1 − D(G(z)))], G learning by −log D(G(z)); the score is −logit D(x) (the row A_D of f-AnoGAN's table).
/// </summary>
internal sealed class Gan(GanOptions options) : CriticDetector(options), IGenerativeDetector
{
    // DCGAN's discriminator is normalised over the batch, which is real or drawn in training; here it scores single samples, which are neither.
    protected override FeatureNormalization Normalization => FeatureNormalization.None;

    protected override AdversarialGame CreateGame(LatentNoise noise) =>
        new MinimaxGame(Generator, Critic, noise, options.CriticSteps, options.CreateOptimizer);
}
