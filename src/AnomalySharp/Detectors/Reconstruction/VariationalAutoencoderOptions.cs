using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using AnomalySharp.Networks;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Detectors.Reconstruction;

/// <summary>The distribution p(x|z) that a variational autoencoder's decoder describes.</summary>
public enum LikelihoodKind
{
    /// <summary>Normal, with a mean and a variance of every value from the decoder.</summary>
    Gaussian,

    /// <summary>Normal, with a mean of every value from the decoder and one variance for all that the options give.</summary>
    FixedGaussian,

    /// <summary>
    /// Values from 0 to 1, with a logit of every value from the decoder. Scores leave out the entropy of a grey value x itself, which the
    /// cross-entropy −log p(x|z) contains, and keep KL(x‖m), which is 0 for a perfect reconstruction; for 0 and 1 both are the same.
    /// </summary>
    Bernoulli,
}

/// <summary>What makes a sample abnormal to a variational autoencoder; m is the mean of p(x|z), z is drawn from q(z|x).</summary>
public enum VariationalScore
{
    /// <summary>Mean of (x − m)² over the values, where z is the mean of q: what an autoencoder scores by. No draws.</summary>
    ReconstructionError,

    /// <summary>−E[log p(x|z)], the average over the draws, in nats (An and Cho, 2015).</summary>
    ReconstructionProbability,

    /// <summary>The same and KL(q(z|x) ‖ N(0, I)): an upper bound of −log p(x) in nats.</summary>
    NegativeElbo,

    /// <summary>−log of the average of p(x|z)p(z)/q(z|x): a bound that tightens with the draws (Burda, Grosse, Salakhutdinov, ICLR 2016).</summary>
    ImportanceWeighted,
}

/// <summary>Options of the detector <c>variational-autoencoder</c>. Functions of code and output are fixed by the likelihood.</summary>
[Detector(
    "variational-autoencoder",
    Family = DetectorFamily.Reconstruction,
    Summary = "Learns a distribution of codes for every sample and of samples for every code; what is improbable given its own codes is abnormal.",
    Paper = "An, Cho: Variational autoencoder based anomaly detection using reconstruction probability. SNU Data Mining Center TR 2015-03",
    TorchKinds = DataKinds.Image)]
public sealed record VariationalAutoencoderOptions : ReconstructionOptions
{
    /// <summary>The distribution p(x|z). The default value is <see cref="LikelihoodKind.Gaussian"/>.</summary>
    [Description("Distribution of a sample given its code; bernoulli needs values from 0 to 1.")]
    public LikelihoodKind Likelihood { get; init; } = LikelihoodKind.Gaussian;

    /// <summary>
    /// Standard deviation of <see cref="LikelihoodKind.FixedGaussian"/>, in units of scaled features. The default value is 0.3: with 1, a code explains no
    /// direction of standardised data that varies less than one feature does, and the posterior collapses.
    /// </summary>
    [Description("Standard deviation of fixedGaussian, in units of scaled features; ignored by the others."), Range(0.001, 100)]
    public double Deviation { get; init; } = 0.3;

    /// <summary>
    /// Least standard deviation that <see cref="LikelihoodKind.Gaussian"/> learns, in units of scaled features: on a constant feature it would fall to 0,
    /// and the likelihood rise without end. The default value is 0.02 (log σ² near −8).
    /// </summary>
    [Description("Least standard deviation that gaussian learns, in units of scaled features; ignored by the others."), Range(0.0001, 1)]
    public double DeviationFloor { get; init; } = 0.02;

    /// <summary>Weight β of the divergence. The default value is 1: the evidence lower bound.</summary>
    [Description("Weight of the divergence between the codes' distribution and N(0, I); 1 = the evidence lower bound."), Range(0, 1000)]
    public double Beta { get; init; } = 1;

    /// <summary>Share of the epochs in which β rises from 0, so that codes are used before they are paid for. The default value is 0.1.</summary>
    [Description("Share of the epochs in which beta rises from 0."), Range(0, 1)]
    public double WarmUp { get; init; } = 0.1;

    /// <summary>What makes a sample abnormal. The default value is <see cref="VariationalScore.ReconstructionProbability"/>.</summary>
    [Description("What makes a sample abnormal.")]
    public VariationalScore Score { get; init; } = VariationalScore.ReconstructionProbability;

    /// <summary>Codes drawn per scored sample; not used by <see cref="VariationalScore.ReconstructionError"/>. The default value is 16.</summary>
    [Description("Codes drawn per scored sample; reconstructionError draws none."), Range(1, 10_000)]
    public int Draws { get; init; } = 16;

    /// <summary>To 0…1 for the Bernoulli likelihood, else mean 0 and deviation 1.</summary>
    [JsonIgnore]
    public override FeatureScaling PreferredScaling => Likelihood == LikelihoodKind.Bernoulli ? FeatureScaling.MinMax : FeatureScaling.Standard;

    /// <summary>p(x|z) as these options ask for it.</summary>
    internal Likelihood CreateLikelihood() => Likelihood switch
    {
        LikelihoodKind.Gaussian => new LearntGaussianLikelihood(DeviationFloor),
        LikelihoodKind.FixedGaussian => new FixedGaussianLikelihood(Deviation),
        _ => new BernoulliLikelihood(),
    };

    /// <inheritdoc/>
    protected override Detector Create() => OutputActivation == Networks.Activation.Identity
        ? new VariationalAutoencoder(this)
        : throw new OptionException("Option 'outputActivation' of variational-autoencoder can only be identity: the likelihood says what outputs mean.");
}
