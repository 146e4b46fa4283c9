using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors.Adversarial;

/// <summary>Options of the detector <c>anogan</c>.</summary>
[Detector(
    "anogan",
    Family = DetectorFamily.Adversarial,
    Summary = "Searches among what a GAN can draw for what is nearest to a sample; what is left over is abnormal. Slow to score: a search each.",
    Paper = "Schlegl et al.: Unsupervised anomaly detection with generative adversarial networks to guide marker discovery. IPMI 2017",
    TorchKinds = DataKinds.Any)]
public sealed record AnoGanOptions : LatentSearchOptions
{
    /// <inheritdoc/>
    protected override Detector Create() => new AnoGan(this);
}

/// <summary>
/// A DCGAN learns normal samples; for a query x, z descends on (1 − λ)·Σ|x − G(z)| + λ·Σ|f(x) − f(G(z))| (<see cref="LatentSearch"/>). What that loss
/// comes to is the score, and |x − G(z)| says where. The epoch that stays is the one whose drawn samples are nearest to held-out normal ones.
/// </summary>
/// <remarks>Both terms are sums, as in the paper, so that λ weighs differently for pictures of another size or networks of another width.</remarks>
internal sealed class AnoGan(AnoGanOptions options) : TwoPlayerDetector(options), IGenerativeDetector
{
    public override int MostThresholdSamples => LatentSearch.MostThresholdSamples;

    protected override FeatureNormalization Normalization => FeatureNormalization.Batch;

    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        MinimaxGame game = new(Generator, Critic, Noise(context), options.CriticSteps, options.CreateOptimizer);
        return [Phase("training", game, samples, new GeneratorDistance(Generator, Codes).Of)];
    }

    protected override Tensor ScoreBlock(Tensor x) => Search(x).Losses;

    protected override Tensor AttributeBlock(Tensor x)
    {
        Tensor nearest = Search(x).Samples;
        using (no_grad()) return (x - nearest).abs();
    }

    protected override Tensor Encode(Tensor x) => Search(x).Codes;

    private LatentSearch.Found Search(Tensor x) => options.CreateSearch(Generator, Critic, Codes).Run(x);
}
