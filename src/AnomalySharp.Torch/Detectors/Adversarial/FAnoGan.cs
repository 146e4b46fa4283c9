using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors.Adversarial;

/// <summary>How the code of a sample is found.</summary>
public enum FAnoGanEncoder
{
    /// <summary>An encoder E that learns to give samples back: ‖x − G(E(x))‖².</summary>
    Izi,

    /// <summary>An encoder that learns to give codes back, from drawn samples alone: ‖z − E(G(z))‖².</summary>
    Ziz,

    /// <summary>An encoder that learns to give samples and their features back: ‖x − G(E(x))‖² + κ‖f(x) − f(G(E(x)))‖².</summary>
    IziF,

    /// <summary>No encoder: AnoGAN's search on the same networks, the baseline of the paper.</summary>
    Iterative,
}

/// <summary>
/// Options of the detector <c>f-anogan</c>. The paper has residual networks 64 wide, a learning rate of 1e-4 over a million patches, and an encoder
/// trained by RMSProp at 5e-5 for 50,000 steps; the defaults here are small convolutional networks that learn faster, for thousands of samples and
/// minutes. For the paper's set <c>networks=residual width=64 latent=128 learningRate=1e-4 encoderRate=5e-5</c>.
/// </summary>
[Detector(
    "f-anogan",
    Family = DetectorFamily.Adversarial,
    Summary = "A WGAN learns to draw normal samples, then an encoder to find a sample's code at once; what the two cannot give back is abnormal.",
    Paper = "Schlegl et al.: f-AnoGAN: Fast unsupervised anomaly detection with generative adversarial networks. Medical Image Analysis 54, 2019",
    TorchKinds = DataKinds.Any)]
public sealed record FAnoGanOptions : LatentSearchOptions
{
    /// <summary>Options with the defaults of the method.</summary>
    public FAnoGanOptions() => (LearningRate, Beta1, CriticSteps) = (1e-3, 0, 5);

    /// <summary>How the code of a sample is found. The default value is <see cref="FAnoGanEncoder.IziF"/>.</summary>
    [Description("What the encoder learns; iterative = none, AnoGAN's search.")]
    public FAnoGanEncoder Encoder { get; init; } = FAnoGanEncoder.IziF;

    /// <summary>
    /// κ: weight of the features' difference, in the score and with <see cref="FAnoGanEncoder.IziF"/> in training. The default value is the paper's
    /// 1.
    /// </summary>
    [Description("Weight of the difference of features beside that of values, in scores and with encoder=iziF in training."), Range(0, 1000)]
    public double Kappa { get; init; } = 1;

    /// <summary>λ of the gradient penalty. The default value is the paper's 10.</summary>
    [Description("Weight of the gradient penalty."), Range(1e-4, 1000)]
    public double PenaltyWeight { get; init; } = 10;

    /// <summary>
    /// Passes over the training data of the encoder. The default value, null: as many as <see cref="NetworkDetectorOptions.Epochs"/>.
    /// </summary>
    [Description("Passes over the training data of the encoder; auto = as many as epochs."), Range(1, 1_000_000)]
    public int? EncoderEpochs { get; init; }

    /// <summary>Step size of the encoder's RMSProp. The default value is 1e-3.</summary>
    [Description("Step size of the encoder's RMSProp."), Range(1e-8, 10)]
    public double EncoderRate { get; init; } = 1e-3;

    internal override double Beta2 => 0.9;

    /// <inheritdoc/>
    protected override Detector Create() => new FAnoGan(this);
}

/// <summary>
/// Stage 1: a WGAN with gradient penalty on normal samples. Stage 2, G and D fixed: an encoder E. The score is A_R + κ·A_D, the means of (x −
/// G(E(x)))² and of (f(x) − f(G(E(x))))², f being the critic's features; |x − G(E(x))| says where. Stage 1 keeps the epoch whose drawn samples are
/// nearest to held-out normal ones, stage 2 the one whose scores of held-out normal samples are lowest.
/// </summary>
internal sealed class FAnoGan(FAnoGanOptions options) : TwoPlayerDetector(options), IGenerativeDetector
{
    public override int MostThresholdSamples => HasEncoder ? int.MaxValue : LatentSearch.MostThresholdSamples;

    private const double Smoothing = 0.9;

    private FeatureModel? _encoder;

    private FeatureModel Encoder => _encoder!;

    private bool HasEncoder => options.Encoder != FAnoGanEncoder.Iterative;

    // "Layer normalisation" in the reference; the encoder's trunk is the critic's, with batch normalisation.
    protected override FeatureNormalization Normalization => FeatureNormalization.Sample;

    protected override bool HasGradientPenalty => true;

    protected override void BuildNetworks(AdversarialArchitecture architecture)
    {
        base.BuildNetworks(architecture);
        if (!HasEncoder) return;
        _encoder = architecture.CreateEncoder();
        Add("encoder", _encoder.Network);
    }

    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        WassersteinGame game = new(Generator, Critic, Noise(context), options.CriticSteps, options.CreateOptimizer, options.PenaltyWeight);
        TrainingPhase stage1 = Phase("adversarial", game, samples, new GeneratorDistance(Generator, Codes).Of);
        // What the generator drew in stage 1 is remembered by a training that is resumed in stage 2, too.
        return HasEncoder ? [stage1, EncoderPhase(Noise(context, purpose: 1)) with { Memory = stage1.Memory }] : [stage1];
    }

    private EncoderTraining Encoding => new(Generator, Critic, Encoder);

    private TrainingPhase EncoderPhase(LatentNoise noise)
    {
        EncoderTraining encoding = Encoding;
        Optimizer optimizer = Optimizer.RmsProp([Encoder.Network], options.EncoderRate, Smoothing);
        double kappa = options.Encoder == FAnoGanEncoder.IziF ? options.Kappa : 0;
        return new TrainingPhase
        {
            Name = "encoder",
            Epochs = options.EncoderEpochs ?? options.Epochs,
            Step = options.Encoder == FAnoGanEncoder.Ziz
                ? (in TrainingBatch batch) => encoding.CodeStep(batch, noise, optimizer)
                : (in TrainingBatch batch) => encoding.SampleStep(batch, kappa, optimizer),
            Validation = (values, count) => encoding.Validation(values, count, options.Kappa),
            Optimizers = [optimizer],
        };
    }

    protected override Tensor ScoreBlock(Tensor x)
    {
        if (!HasEncoder) return Search(x).Losses;
        using (no_grad()) return Encoding.Terms(x, options.Kappa);
    }

    protected override Tensor AttributeBlock(Tensor x)
    {
        Tensor? found = HasEncoder ? null : Search(x).Samples;
        using (no_grad()) return (x - (found ?? Generator.Module.call(Encoder.Module.call(x)))).abs();
    }

    protected override Tensor Encode(Tensor x)
    {
        if (!HasEncoder) return Search(x).Codes;
        using (no_grad()) return Encoder.Module.call(x);
    }

    private LatentSearch.Found Search(Tensor x) => options.CreateSearch(Generator, Critic, Codes).Run(x);
}
