using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;

namespace AnomalySharp.Torch.Detectors.Adversarial;

/// <summary>What methods share whose game is that of one generator G(z) and one discriminator or critic D(x): the two networks.</summary>
/// <param name="options">The method's options.</param>
internal abstract class TwoPlayerDetector(AdversarialOptions options) : AdversarialDetector(options)
{
    private TorchNetwork? _generator;
    private FeatureModel? _critic;

    /// <inheritdoc/>
    protected override TorchNetwork Generator => _generator!;

    /// <summary>D.</summary>
    protected FeatureModel Critic => _critic!;

    /// <summary>How D is normalised on pictures where the options do not say.</summary>
    protected abstract FeatureNormalization Normalization { get; }

    /// <inheritdoc/>
    protected override void BuildNetworks(AdversarialArchitecture architecture)
    {
        _generator = Add("generator", architecture.CreateGenerator());
        _critic = architecture.CreateCritic(Options.Normalization ?? Normalization);
        Add("critic", _critic.Network);
    }

    /// <summary>Codes for training, another sequence for each <paramref name="purpose"/>.</summary>
    protected LatentNoise Noise(FitContext context, int purpose = 0) =>
        new(Options.Prior, Generator.InputSize, context.CreateRandom(-2 - purpose).Next());
}
