using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Networks;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Training;

namespace AnomalySharp.Torch.Detectors.Adversarial;

/// <summary>
/// What every method can be told whose networks learn against a discriminator, see <see cref="GameDetector"/>. Defaults are DCGAN's.
/// </summary>
public abstract record GameOptions : NetworkDetectorOptions
{
    /// <summary>Defaults that differ from those of other networks.</summary>
    protected GameOptions() => (Epochs, BatchSize, LearningRate, Patience) = (50, 64, 2e-4, 15);

    /// <summary>Size of the latent code z. The default value, null, goes by the samples: 64 for pictures, fewer for others.</summary>
    [Description("Size of the latent code; auto = by the samples."), Range(1, 4096)]
    public int? Latent { get; init; }

    /// <summary>Networks that pictures get. The default value is <see cref="PictureNetworks.Convolutional"/>.</summary>
    [Description("Networks that pictures get.")]
    public PictureNetworks Networks { get; init; } = PictureNetworks.Convolutional;

    /// <summary>
    /// Channels after the first stage of pictures, filled up to a multiple of 16 and doubled stage by stage; width of dense layers. The default value,
    /// null: 16 for pictures, 64 to 256 for dense layers. The papers have 64 for pictures.
    /// </summary>
    [Description("Channels after the first stage (a multiple of 16), doubled stage by stage, or width of dense layers; auto = by the samples."), Range(2, 1024)]
    public int? Width { get; init; }

    /// <summary>
    /// How the discriminator (critic) is normalised on pictures; dense networks are not. The default value, null, is the method's: its documentation
    /// says which.
    /// </summary>
    [Description("How the discriminator is normalised on pictures; auto = as the method has it.")]
    public FeatureNormalization? Normalization { get; init; }

    /// <summary>Updates of the discriminator (critic) for each of its adversary. The default value is the paper's of the method.</summary>
    [Description("Updates of the discriminator for each of its adversary."), Range(1, 100)]
    public int CriticSteps { get; init; } = 1;

    /// <summary>Share of the mean gradient that stays in Adam; ignored by other optimisers. The default value is the paper's of the method.</summary>
    [Description("Share of the mean gradient that stays in adam; ignored by other optimisers."), Range(0, 0.999)]
    public double Beta1 { get; init; } = 0.5;

    /// <summary>β₂ of Adam.</summary>
    internal virtual double Beta2 => 0.999;

    /// <summary>The size of the code where the options do not say.</summary>
    internal abstract int DefaultLatent(SampleShape shape);

    internal int LatentOf(SampleShape shape) => Latent ?? DefaultLatent(shape);

    /// <summary>The networks that the options ask for.</summary>
    internal AdversarialArchitecture Architecture(SampleShape shape, int seed, string device) => new()
    {
        Shape = shape,
        Latent = LatentOf(shape),
        Width = Width ?? AdversarialArchitecture.DefaultWidth(shape, Networks),
        Pictures = Networks,
        Seed = seed,
        Device = device,
    };

    /// <summary>Share of its mean that RMSProp keeps: as PyTorch has it, which the reference of WGAN uses.</summary>
    internal virtual double Smoothing => 0.99;

    /// <summary>An optimiser of one network.</summary>
    internal Optimizer CreateOptimizer(Network network) => CreateOptimizer(LearningRate, network);

    /// <summary>An optimiser of several networks, with a step size of its own.</summary>
    internal Optimizer CreateOptimizer(double learningRate, params IReadOnlyList<Network> networks) => Optimizer switch
    {
        OptimizerKind.Adam => AnomalySharp.Training.Optimizer.Adam([.. networks], learningRate, Beta1, Beta2, weightDecay: WeightDecay),
        OptimizerKind.RmsProp => AnomalySharp.Training.Optimizer.RmsProp([.. networks], learningRate, Smoothing, weightDecay: WeightDecay),
        _ => AnomalySharp.Training.Optimizer.Create(this with { LearningRate = learningRate }, [.. networks]),
    };
}

/// <summary>Of methods that reconstruct samples through a code: it must be smaller than a sample, or everything passes.</summary>
public abstract record BottleneckOptions : GameOptions
{
    internal override int DefaultLatent(SampleShape shape) => Bottleneck(shape);

    /// <summary>64 for pictures; for others half of the values, but at most 8 up to 64 values and 32 above.</summary>
    internal static int Bottleneck(SampleShape shape) =>
        Math.Clamp(shape.Length / 2, 1, shape.Rank == 3 ? 64 : shape.Length <= 64 ? 8 : 32);
}
