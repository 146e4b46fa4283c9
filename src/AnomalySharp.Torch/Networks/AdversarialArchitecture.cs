using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>Networks that pictures get in adversarial methods; all else gets dense ones.</summary>
public enum PictureNetworks
{
    /// <summary>DCGAN's: convolutions of stride 2.</summary>
    Convolutional,

    /// <summary>f-AnoGAN's residual networks: better pictures, several times the work.</summary>
    Residual,

    /// <summary>Dense layers on the flattened picture: the least work for small, centred pictures.</summary>
    Dense,
}

/// <summary>
/// What a method asks for when it wants a generator, a discriminator or an encoder; the sample shape decides what it gets. Pictures are taken and
/// given in −1 to 1, other samples as they are.
/// </summary>
internal sealed record AdversarialArchitecture
{
    /// <summary>Slope of the discriminators' rectifiers below zero.</summary>
    public const double LeakySlope = 0.2;

    /// <summary>Standard deviation of DCGAN's initial weights.</summary>
    public const double Deviation = 0.02;

    private const int MostDoublings = 3;

    /// <summary>Shape of a sample.</summary>
    public required SampleShape Shape { get; init; }

    /// <summary>Size of the latent code.</summary>
    public required int Latent { get; init; }

    /// <summary>W: channels after the first stage of pictures, filled up to a multiple of 16; width of dense layers.</summary>
    public required int Width { get; init; }

    /// <summary>Networks of pictures.</summary>
    public PictureNetworks Pictures { get; init; }

    /// <summary>Start of the initial weights.</summary>
    public int Seed { get; init; }

    /// <summary><c>cpu</c> or <c>cuda</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Whether all layers are dense; these are not normalised.</summary>
    public bool IsDense => Shape.Rank != 3 || Pictures == PictureNetworks.Dense;

    /// <summary>
    /// The width that a shape gets where none is asked for. Dense: 64 up to 64 values, 128 up to 256, 256 above. Convolutional and residual: 16; the
    /// papers have 64, for which two processor cores take hours.
    /// </summary>
    public static int DefaultWidth(SampleShape shape, PictureNetworks pictures) =>
        shape.Rank != 3 || pictures == PictureNetworks.Dense ? shape.Length <= 64 ? 64 : shape.Length <= 256 ? 128 : 256
        : 16;

    /// <summary>Channels after <paramref name="doublings"/> stages: W·2ⁱ, at most 8W, with W filled up to a multiple of 16.</summary>
    public int Channels(int doublings) => ConvolutionalGeometry.Filled(Width) << Math.Min(doublings, MostDoublings);

    /// <summary>Width of dense layers beside a trunk: W where all is dense; for pictures four times the channels after the first stage, at least 64.</summary>
    public int HiddenWidth => IsDense ? Width : Math.Max(64, 4 * Width);

    /// <summary>Code → sample.</summary>
    public TorchNetwork CreateGenerator()
    {
        Random random = new(Seed);
        nn.Module<Tensor, Tensor> module = IsDense ? new DenseGenerator(this, random)
            : Pictures == PictureNetworks.Residual ? new ResidualGenerator(this, random)
            : new DcganGenerator(this, random);
        return new TorchNetwork(module, new SampleShape(Latent), Shape.Length, Device);
    }

    /// <summary>Sample → one number, high for real samples.</summary>
    public FeatureModel CreateCritic(FeatureNormalization normalization) => CreateFeatures(1, bounded: false, normalization, ~Seed);

    /// <summary>
    /// Sample → code, with the critic's trunk and batch normalisation. For pictures the code is within −1 to 1 (f-AnoGAN's <c>tanh</c>), which keeps
    /// it where the generator has seen codes.
    /// </summary>
    public FeatureModel CreateEncoder() => CreateFeatures(Latent, bounded: Shape.Rank == 3, FeatureNormalization.Batch, Seed ^ 0x5bd1e995);

    /// <summary>Sample → any number of values, with the encoder's trunk: codes with a spread, or codes that are compared with other codes.</summary>
    /// <param name="outputs">Values per sample.</param>
    /// <param name="number">Which of several: each starts from weights of its own.</param>
    public FeatureModel CreateFreeEncoder(int outputs, int number = 0) =>
        CreateFeatures(outputs, bounded: false, FeatureNormalization.Batch, Seed ^ (0x5bd1e995 + (number * 0x61c88647)));

    /// <summary>Sample and code → one number, high for real samples with the codes that an encoder gives them.</summary>
    /// <param name="dropout">Share of hidden units dropped in training.</param>
    /// <param name="normalization">Of pictures.</param>
    public PairModel CreatePairCritic(double dropout, FeatureNormalization normalization)
    {
        Random random = new(~Seed);
        PairCritic module = new(CreateTrunk(normalization, random), this, dropout, random);
        return new PairModel(module, new TorchNetwork(module, new SampleShape(Shape.Length + Latent), 1, Device));
    }

    private FeatureModel CreateFeatures(int outputs, bool bounded, FeatureNormalization normalization, int seed)
    {
        Random random = new(seed);
        FeatureNetwork module = new(CreateTrunk(normalization, random), outputs, bounded, random);
        return new FeatureModel(module, new TorchNetwork(module, Shape, outputs, Device));
    }

    private FeatureTrunk CreateTrunk(FeatureNormalization normalization, Random random) => IsDense ? new DenseTrunk(this, random)
        : Pictures == PictureNetworks.Residual ? new ResidualTrunk(this, normalization, random)
        : new DcganTrunk(this, normalization, random);
}

/// <summary>A discriminator, critic or encoder: its module, for calls with tensors, and the network around it, for optimisers and files.</summary>
internal sealed record FeatureModel(FeatureNetwork Module, TorchNetwork Network);

/// <summary>A discriminator of pairs of a sample and a code, likewise.</summary>
internal sealed record PairModel(PairCritic Module, TorchNetwork Network);
