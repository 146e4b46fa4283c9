using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors.Adversarial;

/// <summary>Options of the detector <c>adversarial-autoencoder</c>. Without other wishes the code is smaller than a sample.</summary>
[Detector(
    "adversarial-autoencoder",
    Family = DetectorFamily.Adversarial,
    Summary = "An autoencoder whose codes a discriminator cannot tell from a given distribution; what it reconstructs badly is abnormal.",
    Paper = "Makhzani, Shlens, Jaitly, Goodfellow, Frey: Adversarial autoencoders. 2015",
    TorchKinds = DataKinds.Any)]
public sealed record AdversarialAutoencoderOptions : AdversarialOptions
{
    internal override int DefaultLatent(SampleShape shape) => BottleneckOptions.Bottleneck(shape);

    /// <inheritdoc/>
    protected override Detector Create() => new AdversarialAutoencoder(this);
}

/// <summary>
/// Each step has three moves: E and G reduce the mean of (x − G(E(x)))²; D_z learns to tell codes E(x) from z ~ p(z); E learns to be taken for p(z).
/// The score is the mean of (x − G(E(x)))², whose terms say where. The epoch that stays is the one with the least error on held-out normal samples.
/// </summary>
/// <remarks>Whether the "AdvAE" of f-AnoGAN's table has its discriminator on codes, as here, or on pictures, its paper does not say.</remarks>
internal sealed class AdversarialAutoencoder(AdversarialAutoencoderOptions options) : AdversarialDetector(options), IGenerativeDetector
{
    private TorchNetwork? _generator;
    private FeatureModel? _encoder, _critic;

    protected override TorchNetwork Generator => _generator!;

    protected override void BuildNetworks(AdversarialArchitecture architecture)
    {
        _generator = Add("generator", architecture.CreateGenerator());
        _encoder = architecture.CreateFreeEncoder(architecture.Latent);
        AdversarialArchitecture ofCodes = architecture with { Shape = new SampleShape(architecture.Latent), Width = architecture.HiddenWidth };
        _critic = ofCodes.CreateCritic(FeatureNormalization.None);
        Add("encoder", _encoder.Network);
        Add("critic", _critic.Network);
    }

    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        LatentNoise noise = new(Options.Prior, Generator.InputSize, context.CreateRandom(-2).Next());
        AdversarialAutoencoderGame game = new(Generator, _encoder!.Network, _critic!.Network, noise, options);
        return [Phase("training", game, samples, HeldOutError)];
    }

    protected override Tensor ScoreBlock(Tensor x)
    {
        using IDisposable noGradient = no_grad();
        return PerSample.SquareMean(x, Reconstruct(x));
    }

    protected override Tensor AttributeBlock(Tensor x)
    {
        using IDisposable noGradient = no_grad();
        return (x - Reconstruct(x)).Squared();
    }

    protected override Tensor Encode(Tensor x)
    {
        using IDisposable noGradient = no_grad();
        return _encoder!.Module.call(x);
    }

    private Tensor Reconstruct(Tensor x) => Generator.Module.call(_encoder!.Module.call(x));

    private double HeldOutError(ReadOnlySpan<float> values, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        foreach (TorchNetwork network in Networks) network.Enter(training: false);
        Tensor x = _encoder!.Network.Import(values, count);
        return (x - Reconstruct(x)).Squared().mean().Number();
    }
}

/// <summary>The moves of an adversarial autoencoder.</summary>
/// <param name="generator">G.</param>
/// <param name="encoder">E.</param>
/// <param name="critic">D_z, of codes.</param>
/// <param name="noise">p(z).</param>
/// <param name="options">Optimisers, steps of D_z.</param>
internal sealed class AdversarialAutoencoderGame(
    TorchNetwork generator, TorchNetwork encoder, TorchNetwork critic, LatentNoise noise, AdversarialAutoencoderOptions options) : Game
{
    private readonly Optimizer _autoencoder = options.CreateOptimizer(options.LearningRate, encoder, generator);
    private readonly Optimizer _critic = options.CreateOptimizer(critic), _encoder = options.CreateOptimizer(encoder);

    public override IReadOnlyList<Optimizer> Optimizers => [_autoencoder, _critic, _encoder];

    public override string? Trouble => Saturation("discriminator");

    public override double Step(in TrainingBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        Enter();
        Tensor x = encoder.Import(batch.Values, batch.Count), codes;
        double loss = Move("autoencoder", (x - generator.Module.call(encoder.Module.call(x))).Squared().mean(), _autoencoder, encoder, generator);
        Enter();
        using (no_grad()) codes = encoder.Module.call(x);
        Tensor drawn = noise.Draw(batch.Count, batch.Step, critic.Device);
        Move("discriminator", AdversarialLoss.Discriminator(critic.Module.call(drawn), critic.Module.call(codes)), _critic, critic);
        if ((batch.Step + 1) % options.CriticSteps != 0) return loss;
        Enter();
        Move("encoder", AdversarialLoss.IsReal(critic.Module.call(encoder.Module.call(x))), _encoder, encoder);
        return loss;
    }

    private void Enter()
    {
        foreach (TorchNetwork network in (ReadOnlySpan<TorchNetwork>)[encoder, generator, critic]) network.Enter(training: true);
    }
}
