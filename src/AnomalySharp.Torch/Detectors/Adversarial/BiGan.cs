using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors.Adversarial;

/// <summary>What the discriminator contributes to the score.</summary>
public enum BiGanScore
{
    /// <summary>Σ|f(x, E(x)) − f(G(E(x)), E(x))|: the difference of its features ("fm").</summary>
    FeatureMatching,

    /// <summary>−log D(x, E(x)), as the paper writes it.</summary>
    CrossEntropy,

    /// <summary>−log D(G(E(x)), E(x)), as the reference implementation computes it.</summary>
    ReconstructionCrossEntropy,
}

/// <summary>Whether an encoder gives a code or a distribution of codes.</summary>
public enum BiGanEncoder
{
    /// <summary>E(x), as in BiGAN.</summary>
    Deterministic,

    /// <summary>N(μ(x), σ²(x)), as in ALI; scores are of μ.</summary>
    Stochastic,
}

/// <summary>
/// Options of the detector <c>bigan</c>. The paper's: learning rate 1e-5, averages of the weights with a decay of 0.9999 (tables) or 0.999
/// (pictures), hundreds of thousands of steps; the defaults here learn faster, for thousands of samples and minutes.
/// </summary>
[Detector(
    "bigan",
    Family = DetectorFamily.Adversarial,
    Summary = "Learns to draw samples from codes and to encode samples, against a judge of pairs; what is not given back from its code is abnormal.",
    Paper = "Zenati et al.: Efficient GAN-based anomaly detection. 2018; Donahue, Krähenbühl, Darrell: Adversarial feature learning. ICLR 2017; "
        + "Dumoulin et al.: Adversarially learned inference. ICLR 2017",
    TorchKinds = DataKinds.Any)]
public sealed record BiGanOptions : AdversarialOptions
{
    /// <summary>What the discriminator contributes to the score. The default value is <see cref="BiGanScore.FeatureMatching"/>.</summary>
    [Description("What the discriminator contributes to the score.")]
    public BiGanScore Score { get; init; } = BiGanScore.FeatureMatching;

    /// <summary>w: weight of that beside Σ|x − G(E(x))|, which weighs 1 − w. The default value is the paper's 0.1.</summary>
    [Description("Weight of that beside the reconstruction error."), Range(0, 1)]
    public double CriticWeight { get; init; } = 0.1;

    /// <summary>Whether the encoder gives a code or a distribution. The default value is <see cref="BiGanEncoder.Deterministic"/>.</summary>
    [Description("Whether the encoder gives a code (BiGAN) or a distribution of codes (ALI).")]
    public BiGanEncoder Encoder { get; init; } = BiGanEncoder.Deterministic;

    /// <summary>
    /// Share of the average of the weights, with which samples are scored, that stays in a step; 0 = no average. The default value is 0.999.
    /// </summary>
    [Description("Share of the average of weights, with which samples are scored, that stays in a step; 0 = no average."), Range(0, 0.99999)]
    public double Averaging { get; init; } = 0.999;

    /// <summary>
    /// Share of the discriminator's hidden units that are dropped in training. The default value is the paper's 0.2 of tables; of pictures it has
    /// 0.5.
    /// </summary>
    [Description("Share of the discriminator's hidden units dropped in training."), Range(0, 0.9)]
    public double Dropout { get; init; } = 0.2;

    /// <inheritdoc/>
    protected override Detector Create() => new BiGan(this);
}

/// <summary>
/// min_{G,E} max_D E[log D(x, E(x))] + E[log(1 − D(G(z), z))]; at the optimum E inverts G. The score is (1 − w)·Σ|x − G(E(x))| + w·L_D, and |x −
/// G(E(x))| says where. The epoch that stays is the one with the least |x − G(E(x))| on held-out normal samples; the reference keeps the last one.
/// </summary>
/// <remarks>
/// E and G are tied through D only, so that reconstructions are loose: "reconstruction ratio" in progress is the error by that of random pairs, 1 at
/// the start.
/// </remarks>
internal sealed class BiGan(BiGanOptions options) : AdversarialDetector(options), IGenerativeDetector
{
    private BiGanPlayers? _trained, _scoring;

    protected override TorchNetwork Generator => _scoring!.Generator;

    protected override void BuildNetworks(AdversarialArchitecture architecture)
    {
        _trained = Create(architecture, "");
        // Of the same seed: averages start where the weights do.
        _scoring = options.Averaging > 0 ? Create(architecture, "average-") : _trained;
    }

    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        LatentNoise noise = new(Options.Prior, Generator.InputSize, context.CreateRandom(-2).Next());
        LatentNoise spread = new(LatentPrior.Normal, Generator.InputSize, context.CreateRandom(-3).Next());
        IReadOnlyList<WeightAverage> averages = options.Averaging > 0
            ? [.. _trained!.All.Zip(_scoring!.All, (trained, average) => new WeightAverage(trained, average, options.Averaging))]
            : [];
        BiGanGame game = new(_trained!, noise, spread, averages, options);
        return [Phase("training", game, samples, HeldOutError)];

        double HeldOutError(ReadOnlySpan<float> values, int count)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradient = no_grad();
            game.Synchronize();
            foreach (TorchNetwork network in _scoring!.All) network.Enter(training: false);
            Tensor x = _scoring.Encoder.Network.Import(values, count), again = _scoring.Reconstruct(x);
            double error = (x - again).abs().mean().Number(), randomPairs = (x - again.roll(1, 0)).abs().mean().Number();
            if (randomPairs > 0) game.Measures.Record("reconstruction ratio", error / randomPairs);
            return error;
        }
    }

    protected override Tensor ScoreBlock(Tensor x)
    {
        using IDisposable noGradient = no_grad();
        Tensor z = _scoring!.Encode(x), again = _scoring.Generator.Module.call(z), residual = PerSample.AbsoluteSum(x, again);
        return residual.Times(1 - options.CriticWeight).Plus(CriticTerm(x, again, z).Times(options.CriticWeight));
    }

    protected override Tensor AttributeBlock(Tensor x)
    {
        using IDisposable noGradient = no_grad();
        return (x - _scoring!.Reconstruct(x)).abs();
    }

    protected override Tensor Encode(Tensor x)
    {
        using IDisposable noGradient = no_grad();
        return _scoring!.Encode(x);
    }

    /// <summary>L_D, sample by sample.</summary>
    private Tensor CriticTerm(Tensor x, Tensor again, Tensor z)
    {
        PairCritic critic = _scoring!.Critic.Module;
        return options.Score switch
        {
            BiGanScore.FeatureMatching => PerSample.AbsoluteSum(critic.Features(x, z), critic.Features(again, z)),
            BiGanScore.CrossEntropy => critic.Judge(x, z).neg().Softplus(),
            _ => critic.Judge(again, z).neg().Softplus(),
        };
    }

    private BiGanPlayers Create(AdversarialArchitecture architecture, string prefix)
    {
        int outputs = options.Encoder == BiGanEncoder.Stochastic ? 2 * architecture.Latent : architecture.Latent;
        BiGanPlayers players = new(
            architecture.CreateGenerator(),
            architecture.CreateFreeEncoder(outputs),
            architecture.CreatePairCritic(options.Dropout, options.Normalization ?? FeatureNormalization.Batch));
        Add(prefix + "generator", players.Generator);
        Add(prefix + "encoder", players.Encoder.Network);
        Add(prefix + "critic", players.Critic.Network);
        return players;
    }
}
