using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Torch.Detectors.Adversarial;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors.OneClass;

/// <summary>What tells normal from abnormal.</summary>
public enum AloccScore
{
    /// <summary>−logit D(R(x)): the discriminator on the refined sample (the paper's OCC2).</summary>
    Refined,

    /// <summary>−logit D(x): the discriminator on the sample itself (the paper's OCC1).</summary>
    Direct,

    /// <summary>The mean of (x − R(x))².</summary>
    Reconstruction,
}

/// <summary>
/// Options of the detector <c>alocc</c>. The paper's λ, noise and two moves of R for one of D; it names no optimiser: RMSProp, which keeps 0.9 of its
/// mean, is its code's.
/// </summary>
[Detector(
    "alocc",
    Family = DetectorFamily.OneClass,
    Summary = "Learns to refine noisy samples until a discriminator takes them for normal ones; what it cannot refine, or is not taken for one, is "
        + "abnormal.",
    Paper = "Sabokrou, Khalooei, Fathy, Adeli: Adversarially learned one-class classifier for novelty detection. CVPR 2018",
    TorchKinds = DataKinds.Any)]
public sealed record AloccOptions : BottleneckOptions
{
    /// <summary>Options with the defaults of the method.</summary>
    public AloccOptions() => Optimizer = OptimizerKind.RmsProp;

    /// <summary>
    /// What tells normal from abnormal. The default value, null: <see cref="AloccScore.Refined"/> for pictures, which the paper is about and where it
    /// finds it better than D(x); <see cref="AloccScore.Reconstruction"/> for other samples, where R moves anomalies among the normal ones and D then
    /// takes them for such. Both opinions of D depend on the moment at which training stops.
    /// </summary>
    [Description("What tells normal from abnormal; auto = refined for pictures, reconstruction for other samples.")]
    public AloccScore? Score { get; init; }

    /// <summary>λ: weight of the reconstruction error beside the discriminator's opinion in R's loss. The default value is the paper's 0.4.</summary>
    [Description("Weight of the reconstruction error beside the discriminator's opinion."), Range(0, 1e4)]
    public double ReconstructionWeight { get; init; } = 0.4;

    /// <summary>
    /// σ of the noise that R learns to remove: of pictures in −1 to 1, of other samples as they are. The default value is twice the 0.155 of the
    /// code, whose pictures are in 0 to 1.
    /// </summary>
    [Description("Standard deviation of the noise that is removed; pictures are in -1 to 1."), Range(0, 100)]
    public double Noise { get; init; } = 0.31;

    /// <summary>
    /// ρ: training stops once the held-out (x − R(x))² is less than this share of the samples' variance; 0 = never. The paper has an unspecified
    /// small number in absolute terms. The default value is 0.15.
    /// </summary>
    [Description("Training stops once the held-out reconstruction error is less than this share of the variance; 0 = never."), Range(0, 1)]
    public double Rho { get; init; } = 0.15;

    /// <summary>Updates of R for each turn that it has. The default value is the code's 2.</summary>
    [Description("Updates of the refining network in each of its turns."), Range(1, 100)]
    public int RefinerSteps { get; init; } = 2;

    internal override double Smoothing => 0.9;

    /// <inheritdoc/>
    protected override Detector Create() => new Alocc(this);
}

/// <summary>
/// min_R max_D E[log D(x)] + E[log(1 − D(R(x + η)))] with λ·‖x − R(x + η)‖² for R. The longer the two play, the better R restores anomalies too, and
/// at the equilibrium D knows nothing: training stops at the paper's ‖x − R(x)‖² &lt; ρ on held-out normal samples, or when patience ends.
/// </summary>
/// <remarks>
/// R's bottleneck is a code, as that of other methods here; the paper's is a small map of features. R learns towards the clean x, as the paper says
/// (its code has the noisy one as the target). Attributions are |x − R(x)|: what R changed.
/// </remarks>
internal sealed class Alocc(AloccOptions options) : GameDetector(options), IInterpolatingDetector
{
    private FeatureModel? _encoder, _critic;
    private TorchNetwork? _decoder;

    protected override void BuildNetworks(AdversarialArchitecture architecture)
    {
        _encoder = architecture.CreateFreeEncoder(architecture.Latent);
        _decoder = Add("decoder", architecture.CreateGenerator());
        _critic = architecture.CreateCritic(options.Normalization ?? FeatureNormalization.Batch);
        Add("encoder", _encoder.Network);
        Add("critic", _critic.Network);
    }

    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        LatentNoise noise = new(LatentPrior.Normal, samples.Shape.Length, context.CreateRandom(-2).Next());
        AloccGame game = new(_encoder!.Network, _decoder!, _critic!, noise, options);
        double goal = options.Rho * Variance(samples);
        return [GamePhase("training", game, HeldOutError) with { Reached = error => error < goal }];
    }

    protected override Tensor ScoreBlock(Tensor x) => (options.Score ?? (x.dim() == 4 ? AloccScore.Refined : AloccScore.Reconstruction)) switch
    {
        AloccScore.Refined => new CriticScore(inside => _critic!.Module.call(Refine(inside)).squeeze(1), Range).Of(x),
        AloccScore.Direct => new CriticScore(_critic!, Range).Of(x),
        _ => new CriticScore(inside => -PerSample.SquareMean(inside, Refine(inside)), Range).Of(x),
    };

    protected override Tensor AttributeBlock(Tensor x)
    {
        using IDisposable noGradient = no_grad();
        (Tensor inside, Tensor excess) = Range.Split(x);
        return (inside - Refine(inside)).abs().Plus(excess);
    }

    /// <summary>Between the codes within R of two samples: R refines samples, and has no prior to draw codes from.</summary>
    public Samples Interpolate(Samples ends, int steps) => Interpolate(ends, steps, Encode, _decoder!);

    private Tensor Encode(Tensor x)
    {
        using IDisposable noGradient = no_grad();
        return _encoder!.Module.call(x);
    }

    private Tensor Refine(Tensor x) => _decoder!.Module.call(_encoder!.Module.call(x));

    private double HeldOutError(ReadOnlySpan<float> values, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        foreach (TorchNetwork network in Networks) network.Enter(training: false);
        Tensor x = _critic!.Network.Import(values, count);
        return (x - Refine(x)).Squared().mean().Number();
    }

    /// <summary>Mean over the values of their variance over the samples.</summary>
    private static double Variance(Samples samples)
    {
        int width = samples.Shape.Length;
        double[] mean = new double[width], square = new double[width];
        for (int i = 0; i < samples.Count; i++)
        {
            ReadOnlySpan<float> row = samples[i];
            for (int j = 0; j < width; j++)
            {
                // Running means, which neither overflow nor cancel.
                double difference = row[j] - mean[j];
                mean[j] += difference / (i + 1);
                square[j] += difference * (row[j] - mean[j]);
            }
        }
        return square.Average() / samples.Count;
    }
}
