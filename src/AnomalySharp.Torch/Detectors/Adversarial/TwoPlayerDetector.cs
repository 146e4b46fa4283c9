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

    /// <summary>Whether D's slope at single samples is learnt from.</summary>
    protected virtual bool HasGradientPenalty => false;

    /// <inheritdoc/>
    /// <exception cref="OptionException">D is to be normalised over the batch, and has a gradient penalty.</exception>
    protected override void BuildNetworks(AdversarialArchitecture architecture)
    {
        if (HasGradientPenalty && !architecture.IsDense && Options.Normalization == FeatureNormalization.Batch)
        {
            throw new OptionException("normalization=batch makes the critic's slope at a sample depend on the others of its batch, which a gradient penalty does not "
                + "allow. Set normalization to sample or none.");
        }
        _generator = Add("generator", architecture.CreateGenerator());
        _critic = architecture.CreateCritic(Options.Normalization ?? Normalization);
        Add("critic", _critic.Network);
    }

    /// <summary>Codes for training, another sequence for each <paramref name="purpose"/>.</summary>
    protected LatentNoise Noise(FitContext context, int purpose = 0) =>
        new(Options.Prior, Generator.InputSize, context.CreateRandom(-2 - purpose).Next());
}
