using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Detectors.Reconstruction;

namespace AnomalySharp.Detectors.FeatureLearning;

/// <summary>DAGMM and the variants that its paper compares it with.</summary>
public enum DagmmVariant
{
    /// <summary>Compression and estimation network, trained together from random weights; the energy is the score.</summary>
    Dagmm,

    /// <summary>The same with the bound of neural variational inference (Mnih and Gregor 2014) in place of the energy in training.</summary>
    DagmmNvi,

    /// <summary>DAGMM from a pre-trained compression network.</summary>
    DagmmP,

    /// <summary>The estimation network alone is trained, on a pre-trained compression network that stays as it is.</summary>
    PaeGmm,

    /// <summary>A mixture fitted by expectation maximisation to what a pre-trained compression network gives.</summary>
    PaeGmmEm,

    /// <summary>DAGMM without the reconstruction error in its objective.</summary>
    GmmEn,

    /// <summary>The pre-trained compression network alone; its reconstruction error is the score.</summary>
    Pae,

    /// <summary>The same, trained from random weights.</summary>
    E2eAe,
}

/// <summary>
/// Options of the detector <c>dagmm</c>. Networks have the paper's functions (tanh, a linear code and reconstruction) where nothing else is asked
/// for.
/// </summary>
[Detector(
    "dagmm",
    Family = DetectorFamily.FeatureLearning,
    Summary = "Learns a short code and a mixture of Gaussians of code and reconstruction error together; what is improbable there is abnormal.",
    Paper = "Zong, Song, Min, Cheng, Lumezanu, Cho, Chen: Deep Autoencoding Gaussian Mixture Model for Unsupervised Anomaly Detection. ICLR 2018",
    TorchKinds = DataKinds.Image)]
public sealed record DagmmOptions : ReconstructionOptions
{
    /// <summary>
    /// 200 epochs of batches of 128 with Adam at 10⁻³, all samples learnt from. The paper has batches of 1,024 and 10⁻⁴ with up to 20,000 epochs,
    /// by data set.
    /// </summary>
    public DagmmOptions()
    {
        Epochs = 200;
        (ValidationFraction, Patience) = (0, 0);
    }

    /// <summary>The method or one of its variants. The default value is <see cref="DagmmVariant.Dagmm"/>.</summary>
    [Description("The method, or one of the variants that its paper compares it with.")]
    public DagmmVariant Variant { get; init; } = DagmmVariant.Dagmm;

    /// <summary>
    /// K: components of the mixture. The default value is 4, as for KDDCUP99; null lets the Bayesian information criterion choose from 1 to 8, on
    /// the codes of an autoencoder that a fifth of the epochs trains for that.
    /// </summary>
    [Description("Components of the mixture; auto = by the Bayesian information criterion."), Range(1, 100)]
    public int? K { get; init; } = 4;

    /// <summary>λ₁: weight of the energy. The default value is 0.1.</summary>
    [Description("Weight of the energy in training."), Range(0, 1000)]
    public double EnergyWeight { get; init; } = 0.1;

    /// <summary>λ₂: weight of the penalty on small variances. The default value is 0.005.</summary>
    [Description("Weight of the penalty on small variances in training."), Range(0, 1000)]
    public double CovarianceWeight { get; init; } = 0.005;

    /// <summary>Widths of the estimation network's hidden layers, with tanh. The default value is 10.</summary>
    [Description("Widths of the estimation network's hidden layers."), Range(1, 65_536)]
    public IReadOnlyList<int> EstimationHidden { get; init; } = [10];

    /// <summary>Share of their units that is dropped in training. The default value is 0.5.</summary>
    [Description("Share of the estimation network's hidden units that is dropped in training."), Range(0, 0.95)]
    public double EstimationDropout { get; init; } = 0.5;

    /// <summary>
    /// Epochs of each step of pre-training: of every layer (not for convolutions), then of the whole. The default value, null, is as many as
    /// epochs.
    /// </summary>
    [Description("Epochs of pre-training each layer, and then all of them; auto = epochs; ignored by variants without it."), Range(1, 1_000_000)]
    public int? PretrainingEpochs { get; init; }

    /// <summary>Norm that gradients of the joint training are cut to. The default value is 5, as in public implementations.</summary>
    [Description("Norm that gradients are cut to."), Range(1e-6, 1e6)]
    public double GradientNorm { get; init; } = 5;

    /// <inheritdoc/>
    protected override Detector Create() => new Dagmm(this);
}
