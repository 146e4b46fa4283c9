using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Networks;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;

namespace AnomalySharp.Torch.Detectors.Adversarial;

/// <summary>
/// What every method with a generator and a discriminator can be told, see <see cref="AdversarialDetector"/>. Defaults are DCGAN's.
/// </summary>
public abstract record AdversarialOptions : NetworkDetectorOptions
{
    /// <summary>Defaults that differ from those of other networks.</summary>
    protected AdversarialOptions() => (Epochs, BatchSize, LearningRate, Patience) = (50, 64, 2e-4, 15);

    /// <summary>Size of the latent code z. The default value, null: 8 for up to 64 values, 32 above; 64 for pictures.</summary>
    [Description("Size of the latent code; auto = by the samples."), Range(1, 4096)]
    public int? Latent { get; init; }

    /// <summary>Distribution of latent codes. The default value is <see cref="LatentPrior.Normal"/>.</summary>
    [Description("Distribution of latent codes.")]
    public LatentPrior Prior { get; init; } = LatentPrior.Normal;

    /// <summary>Networks that pictures get. The default value is <see cref="PictureNetworks.Convolutional"/>.</summary>
    [Description("Networks that pictures get.")]
    public PictureNetworks Networks { get; init; } = PictureNetworks.Convolutional;

    /// <summary>
    /// Channels after the first stage of pictures, doubled stage by stage; width of dense layers. The default value, null: 16 for convolutional
    /// and residual networks, 64 to 256 for dense ones. The papers have 64 for pictures.
    /// </summary>
    [Description("Channels after the first stage, doubled stage by stage, or width of dense layers; auto = by the samples."), Range(2, 1024)]
    public int? Width { get; init; }

    /// <summary>
    /// How the discriminator (critic) is normalised on pictures; dense networks are not. The default value, null, is the method's: its documentation
    /// says which.
    /// </summary>
    [Description("How the discriminator is normalised on pictures; auto = as the method has it.")]
    public FeatureNormalization? Normalization { get; init; }

    /// <summary>Updates of the discriminator (critic) for each of the generator. The default value is the paper's of the method.</summary>
    [Description("Updates of the discriminator for each of the generator."), Range(1, 100)]
    public int CriticSteps { get; init; } = 1;

    /// <summary>Share of the mean gradient that stays in Adam; ignored by other optimisers. The default value is the paper's of the method.</summary>
    [Description("Share of the mean gradient that stays in adam; ignored by other optimisers."), Range(0, 0.999)]
    public double Beta1 { get; init; } = 0.5;

    /// <summary>β₂ of Adam.</summary>
    internal virtual double Beta2 => 0.999;

    internal int LatentOf(SampleShape shape) => Latent ?? (shape.Rank == 3 ? 64 : shape.Length <= 64 ? 8 : 32);

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

    /// <summary>An optimiser of one network. RMSProp keeps 0.99 of its mean, as the reference implementation of WGAN does.</summary>
    internal Optimizer CreateOptimizer(Network network) => Optimizer switch
    {
        OptimizerKind.Adam => AnomalySharp.Training.Optimizer.Adam([network], LearningRate, Beta1, Beta2, weightDecay: WeightDecay),
        OptimizerKind.RmsProp => AnomalySharp.Training.Optimizer.RmsProp([network], LearningRate, smoothing: 0.99, weightDecay: WeightDecay),
        _ => AnomalySharp.Training.Optimizer.Create(this, network),
    };
}
