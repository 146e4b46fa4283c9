using AnomalySharp.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>Networks that classify pictures.</summary>
public enum PictureClassifier
{
    /// <summary>
    /// Stages of 3×3 convolutions with 16, 32 and then 64 channels that halve the extents down to four, batch-normalised, and one dense layer: some
    /// 200 times cheaper than <see cref="Wrn10x4"/>.
    /// </summary>
    Small,

    /// <summary>The same with 64, 128 and 256 channels: some 30 times cheaper than <see cref="Wrn10x4"/>, for processors.</summary>
    Medium,

    /// <summary>The wide residual network of 10 layers, 4 times as wide: of GEOM for 32×32 pictures and of E³Outlier.</summary>
    Wrn10x4,

    /// <summary>16 layers, 8 times as wide: of GEOM for 64×64 pictures.</summary>
    Wrn16x8,

    /// <summary>28 layers, 10 times as wide.</summary>
    Wrn28x10,
}

/// <summary>Makes them.</summary>
internal static class PictureClassifiers
{
    /// <summary>Pictures → one logit per class, with the features before the last layer.</summary>
    /// <param name="kind">Which network.</param>
    /// <param name="shape">Shape of a picture.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="seed">Start of the initial weights.</param>
    /// <param name="device"><c>cpu</c> or <c>cuda</c>.</param>
    public static FeatureModel Create(this PictureClassifier kind, SampleShape shape, int classes, int seed, string device)
    {
        Random random = new(seed);
        FeatureTrunk trunk = kind switch
        {
            PictureClassifier.Small => new StagedTrunk(shape, 16, random),
            PictureClassifier.Medium => new StagedTrunk(shape, 64, random),
            PictureClassifier.Wrn10x4 => new WideResNetTrunk(shape[0], 10, 4, random),
            PictureClassifier.Wrn16x8 => new WideResNetTrunk(shape[0], 16, 8, random),
            PictureClassifier.Wrn28x10 => new WideResNetTrunk(shape[0], 28, 10, random),
            _ => throw new OptionException($"Unknown network '{kind}'."),
        };
        FeatureNetwork module = new(trunk, classes, bounded: false, random);
        return new FeatureModel(module, new TorchNetwork(module, shape, classes, device));
    }
}

/// <summary>The features of <see cref="PictureClassifier.Small"/> and <see cref="PictureClassifier.Medium"/>: where in the picture something is stays in them.</summary>
internal sealed class StagedTrunk : FeatureTrunk
{
    private const int SmallestExtent = 4, MostWidening = 4;

    private readonly List<(Conv2d Convolution, BatchNorm2d Normalization)> _stages = [];

    public StagedTrunk(SampleShape shape, int firstChannels, Random random) : base("stages")
    {
        List<int> channels = [firstChannels];
        for (int extent = (Math.Max(shape[1], shape[2]) + 1) / 2; extent > SmallestExtent; extent = (extent + 1) / 2)
        {
            channels.Add(Math.Min(2 * channels[^1], MostWidening * firstChannels));
        }
        ConvolutionalGeometry geometry = ConvolutionalGeometry.Of(shape, channels);
        for (int i = 0; i < geometry.Stages; i++)
        {
            Conv2d convolution = nn.Conv2d(geometry.Channels[i], geometry.Channels[i + 1], (3, 3), geometry.Stride(i), (1, 1), bias: false);
            InitialWeights.Fill(convolution.weight!, null, 9 * geometry.Channels[i], Activation.Relu, random);
            _stages.Add((convolution, nn.BatchNorm2d(geometry.Channels[i + 1])));
            register_module($"convolution{i + 1}", convolution);
            register_module($"normalization{i + 1}", _stages[^1].Normalization);
        }
        Width = geometry.Features;
    }

    public override int Width { get; }

    public override Tensor forward(Tensor pictures)
    {
        Tensor features = pictures;
        foreach ((Conv2d convolution, BatchNorm2d normalization) in _stages)
        {
            features = nn.functional.relu(normalization.Normalize(convolution.Convolve(features)), inplace: true);
        }
        // In the order of memory (h, w, c), which is free.
        return features.permute(0, 2, 3, 1).flatten(1);
    }
}
