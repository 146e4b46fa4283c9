using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors.Adversarial;

/// <summary>
/// Options of the detector <c>adgan</c>. The search is that of the paper, with 8 starts in place of 64; the WGAN is that of Golan and El-Yaniv
/// (NeurIPS 2018), who ran the method again, but for a learning rate of 5e-4 in place of 1e-4, for thousands of steps.
/// </summary>
[Detector(
    "adgan",
    Family = DetectorFamily.Adversarial,
    Summary = "Searches among what a WGAN can draw for what is nearest to a sample, and bends the generator a little towards it; what is left over "
        + "is abnormal. Slow to score.",
    Paper = "Deecke, Vandermeulen, Ruff, Mandt, Kloft: Image anomaly detection with generative adversarial networks. ECML PKDD 2018",
    TorchKinds = DataKinds.Any)]
public sealed record AdGanOptions : AdversarialOptions
{
    /// <summary>Options with the defaults of the method.</summary>
    public AdGanOptions() => (LearningRate, Beta1, CriticSteps) = (5e-4, 0, 2);

    /// <summary>k: steps of the search from each start. The default value is the paper's 5.</summary>
    [Description("Steps of the search from each start."), Range(0, 100_000)]
    public int SearchSteps { get; init; } = 5;

    /// <summary>Starts of the search. The default value is 8; the paper has 64.</summary>
    [Description("Starts of the search, whose remaining errors are averaged."), Range(1, 1000)]
    public int Restarts { get; init; } = 8;

    /// <summary>Step size of the code. The default value is the paper's 0.25.</summary>
    [Description("Step size of the code in the search."), Range(1e-6, 10)]
    public double SearchRate { get; init; } = 0.25;

    /// <summary>Step size of the generator's copy; 0 = it stays as it is. The default value is the paper's 5e-5.</summary>
    [Description("Step size of the generator's copy in the search; 0 = it stays as it is."), Range(0, 1)]
    public double AdaptationRate { get; init; } = 5e-5;

    /// <summary>Weight of the gradient penalty of the WGAN. The default value is 20.</summary>
    [Description("Weight of the gradient penalty."), Range(1e-4, 1000)]
    public double PenaltyWeight { get; init; } = 20;

    internal override double Beta2 => 0.9;

    /// <inheritdoc/>
    protected override Detector Create() => new AdGan(this);
}

/// <summary>
/// A WGAN with gradient penalty learns normal samples; for a query x, from each of several starts, z and a copy of G's weights descend on ‖x −
/// G(z)‖². The mean of what is left is the score, and |x − G(z)| says where. The epoch that stays is the one whose drawn samples are nearest to
/// held-out normal ones.
/// </summary>
internal sealed class AdGan(AdGanOptions options) : TwoPlayerDetector(options), IGenerativeDetector
{
    public override int MostThresholdSamples => LatentSearch.MostThresholdSamples;

    protected override FeatureNormalization Normalization => FeatureNormalization.Sample;

    protected override bool HasGradientPenalty => true;

    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        WassersteinGame game = new(Generator, Critic, Noise(context), options.CriticSteps, options.CreateOptimizer, options.PenaltyWeight);
        return [Phase("training", game, samples, new GeneratorDistance(Generator, Codes).Of)];
    }

    protected override Tensor ScoreBlock(Tensor x) => Search(x).Losses;

    protected override Tensor AttributeBlock(Tensor x) => Search(x).Residuals;

    protected override Tensor Encode(Tensor x) => Search(x).Codes;

    private AdaptiveSearch.Found Search(Tensor x) => new AdaptiveSearch((GeneratorModule)Generator.Module, Codes)
    {
        Steps = options.SearchSteps,
        Restarts = options.Restarts,
        CodeRate = options.SearchRate,
        WeightRate = options.AdaptationRate,
    }.Run(x);
}
