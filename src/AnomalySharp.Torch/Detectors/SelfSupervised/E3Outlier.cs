using System.ComponentModel;
using AnomalySharp.Torch.Training;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors.SelfSupervised;

/// <summary>How normality follows from the answers.</summary>
public enum OutlierScore
{
    /// <summary>NE: the mean of Σ_t P log P, the answers' entropy with its sign turned. The reference's default.</summary>
    NegativeEntropy,

    /// <summary>PL: the mean probability of the true transformation.</summary>
    PseudoLabel,

    /// <summary>MP: the mean probability of the most probable transformation.</summary>
    MaximumProbability,
}

/// <summary>
/// Options of the detector <c>e3-outlier</c>. The paper's settings are <c>network=wrn10x4</c>, <c>transformations=patchRearranging</c> and
/// <c>epochs=250</c>
/// (and, for MNIST and Fashion-MNIST, <c>optimizer=sgd</c>); the defaults are for processors.
/// </summary>
[Detector(
    "e3-outlier",
    Family = DetectorFamily.SelfSupervised,
    Summary = "Learns to tell how pictures were transformed, most of them normal; where it is unsure of that, a picture is abnormal.",
    Paper = "Wang et al.: Effective End-to-end Unsupervised Outlier Detection via Inlier Priority of Discriminative Network. NeurIPS 2019",
    Kinds = DataKinds.Image,
    TorchKinds = DataKinds.Image)]
public sealed record E3OutlierOptions : TransformationOptions
{
    /// <summary>How normality follows from the answers. The default value is <see cref="OutlierScore.NegativeEntropy"/>.</summary>
    [Description("How normality follows from the answers.")]
    public OutlierScore Score { get; init; } = OutlierScore.NegativeEntropy;

    /// <inheritdoc/>
    protected override Detector Create() => new E3Outlier(this);
}

/// <summary>
/// The surrogate task of <see cref="GeometricTransformations"/> on data with anomalies among them: normal pictures, being many and alike, have most
/// of the gradient and are learnt first (inlier priority), so that after few epochs the network is surer of them. The score is minus the mean of PL,
/// MP or NE.
/// </summary>
/// <remarks>More epochs hurt: the network then learns the anomalies too. Departure: Adam's ε is 10⁻⁸, the reference's 10⁻⁷.</remarks>
internal sealed class E3Outlier(E3OutlierOptions options) : AnswerDetector(options)
{
    protected override Tensor Normality(Tensor logProbabilities, int i) => (options.Score switch
    {
        OutlierScore.PseudoLabel => TransformationScore.TrueProbability(logProbabilities, i),
        OutlierScore.MaximumProbability => TransformationScore.GreatestProbability(logProbabilities),
        _ => TransformationScore.NegativeEntropy(logProbabilities),
    }).mul(Share);
}
