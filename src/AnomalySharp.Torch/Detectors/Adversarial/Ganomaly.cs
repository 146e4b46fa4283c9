using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors.Adversarial;

/// <summary>How the two codes of a sample are compared.</summary>
public enum CodeDistance
{
    /// <summary>Mean of (z − ẑ)², as the reference implementation has it.</summary>
    Square,

    /// <summary>Mean of |z − ẑ|, as the paper has it.</summary>
    Absolute,
}

/// <summary>
/// Options of the detector <c>ganomaly</c>. Defaults are those of the paper, but for networks half as wide; its 15 epochs are of thousands of steps
/// each.
/// </summary>
[Detector(
    "ganomaly",
    Family = DetectorFamily.Adversarial,
    Summary = "Encodes a sample, decodes it, and encodes it again, against a discriminator; samples whose two codes differ are abnormal.",
    Paper = "Akcay, Atapour-Abarghouei, Breckon: GANomaly: Semi-supervised anomaly detection via adversarial training. ACCV 2018",
    TorchKinds = DataKinds.Any)]
public sealed record GanomalyOptions : BottleneckOptions
{
    /// <summary>w_adv: weight of the features' difference. The default value is the paper's 1.</summary>
    [Description("Weight of the difference of the discriminator's features in the generator's loss."), Range(0, 1e4)]
    public double AdversarialWeight { get; init; } = 1;

    /// <summary>w_con: weight of the reconstruction error. The default value is the paper's 50.</summary>
    [Description("Weight of the reconstruction error in the generator's loss."), Range(0, 1e4)]
    public double ReconstructionWeight { get; init; } = 50;

    /// <summary>w_enc: weight of the codes' difference. The default value is the paper's 1.</summary>
    [Description("Weight of the difference of the codes in the generator's loss."), Range(0, 1e4)]
    public double EncodingWeight { get; init; } = 1;

    /// <summary>How the two codes are compared for the score. The default value is <see cref="CodeDistance.Square"/>.</summary>
    [Description("How the two codes are compared for the score.")]
    public CodeDistance Score { get; init; } = CodeDistance.Square;

    /// <inheritdoc/>
    protected override Detector Create() => new Ganomaly(this);
}

/// <summary>
/// z = G_E(x), x̂ = G_D(z), ẑ = E(x̂). The three networks learn w_adv·‖f(x) − f(x̂)‖² + w_con·‖x − x̂‖₁ + w_enc·‖z − ẑ‖² (means), f being the
/// features of a discriminator D of x and x̂; the score is A(x) = ‖z − ẑ‖, and |x − x̂| says where. The epoch that stays is the one with the least
/// w_con·L_con + w_enc·L_enc on held-out normal samples; the reference keeps the best one on the test set.
/// </summary>
/// <remarks>
/// Batch normalisation is that of use when scoring: the reference leaves it in training mode, so that its scores depend on the batch.
/// </remarks>
internal sealed class Ganomaly(GanomalyOptions options) : GameDetector(options), IInterpolatingDetector
{
    private FeatureModel? _encoder, _second, _critic;
    private TorchNetwork? _decoder;

    protected override void BuildNetworks(AdversarialArchitecture architecture)
    {
        _encoder = architecture.CreateFreeEncoder(architecture.Latent);
        _decoder = Add("decoder", architecture.CreateGenerator());
        _second = architecture.CreateFreeEncoder(architecture.Latent, number: 1);
        _critic = architecture.CreateCritic(options.Normalization ?? FeatureNormalization.Batch);
        Add("encoder", _encoder.Network);
        Add("second-encoder", _second.Network);
        Add("critic", _critic.Network);
    }

    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context) =>
        [GamePhase("training", new GanomalyGame(_encoder!.Network, _decoder!, _second!.Network, _critic!, options), HeldOutLoss)];

    protected override Tensor ScoreBlock(Tensor x) => new CriticScore(inside => -Discrepancy(inside), Range).Of(x);

    protected override Tensor AttributeBlock(Tensor x)
    {
        using IDisposable noGradient = no_grad();
        (Tensor inside, Tensor excess) = Range.Split(x);
        return (inside - _decoder!.Module.call(_encoder!.Module.call(inside))).abs().Plus(excess);
    }

    /// <summary>Between z = G_E(x) of two samples: codes have no prior to draw from.</summary>
    public Samples Interpolate(Samples ends, int steps) => Interpolate(ends, steps, Encode, _decoder!);

    private Tensor Encode(Tensor x)
    {
        using IDisposable noGradient = no_grad();
        return _encoder!.Module.call(x);
    }

    /// <summary>A(x), sample by sample.</summary>
    private Tensor Discrepancy(Tensor x)
    {
        Tensor z = _encoder!.Module.call(x), again = _second!.Module.call(_decoder!.Module.call(z));
        return options.Score == CodeDistance.Absolute ? PerSample.AbsoluteMean(z, again) : PerSample.SquareMean(z, again);
    }

    private double HeldOutLoss(ReadOnlySpan<float> values, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        foreach (TorchNetwork network in Networks) network.Enter(training: false);
        Tensor x = _critic!.Network.Import(values, count), z = _encoder!.Module.call(x), again = _decoder!.Module.call(z);
        Tensor reconstruction = (x - again).abs().mean(), encoding = (z - _second!.Module.call(again)).Squared().mean();
        return reconstruction.Times(options.ReconstructionWeight).Plus(encoding.Times(options.EncodingWeight)).Number();
    }
}
