using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Preprocessing;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Training;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors.Reconstruction;

/// <summary>
/// Options of the detector <c>frame-autoencoder</c>. The paper takes clips of ten frames (<c>--window 10</c>); the defaults are for small frames on a
/// processor.
/// </summary>
[Detector(
    "frame-autoencoder",
    Family = DetectorFamily.Reconstruction,
    Summary = "A convolutional autoencoder squeezes clips of a video, their frames stacked, through a narrow map and back; a frame that it cannot "
        + "reconstruct is abnormal.",
    Paper = "Hasan, Choi, Neumann, Roy-Chowdhury, Davis: Learning temporal regularity in video sequences. CVPR 2016",
    Kinds = DataKinds.Video,
    TorchKinds = DataKinds.Video)]
public sealed record FrameAutoencoderOptions : NetworkDetectorOptions
{
    /// <summary>Options with the defaults of the method.</summary>
    public FrameAutoencoderOptions() => (Epochs, BatchSize, Patience) = (20, 8, 5);

    /// <summary>Channels of the first level, filled up to a multiple of 16, doubled level by level. The default value is 16.</summary>
    [Description("Channels of the first level, filled up to a multiple of 16, doubled level by level."), Range(1, 1024)]
    public int Width { get; init; } = 16;

    /// <summary>Channels of the lowest and narrowest map, filled up to a multiple of 16. The default value is 16.</summary>
    [Description("Channels of the lowest and narrowest map, filled up to a multiple of 16."), Range(1, 4096)]
    public int Code { get; init; } = 16;

    /// <inheritdoc/>
    public override FeatureScaling PreferredScaling => FeatureScaling.None;

    /// <inheritdoc/>
    protected override Detector Create() => new FrameAutoencoder(this);
}

/// <summary>
/// The frames of a clip are the channels of one picture, which a <see cref="FrameNetwork"/> without joined levels reconstructs: it learns their appearance
/// and their changes together. The score of a frame is its mean squared error of pixels in 0 to 1, averaged over the clips that it is in.
/// </summary>
/// <remarks>
/// Differences from the paper: levels of two 3×3 convolutions in place of its large kernels (11×11, 5×5), which small frames leave no room for; leaky
/// rectifiers and a linear end in place of tanh; regularity 1 − (e − min)/max is the model's normalisation by video (<see cref="TrainingSettings.Normalization"/>).
/// </remarks>
internal sealed class FrameAutoencoder(FrameAutoencoderOptions options) : FrameDetector(options)
{
    public override bool LooksBack => false;

    protected override TorchNetwork Create(SampleShape shape, int seed, string device)
    {
        int channels = shape[0] * shape[1];
        FrameNetwork network = new(channels, channels, new SampleShape(shape[1], shape[2], shape[3]), options.Width, options.Code, seed);
        return new TorchNetwork(network, shape, shape.Length, device);
    }

    protected override Tensor Loss(Tensor windows) => Errors(windows).mean();

    protected override Tensor StepScores(Tensor windows) => Errors(windows).mean([2, 3, 4]);

    // The score of a clip is the mean over its pixels.
    protected override Tensor AttributeBlock(Tensor x)
    {
        using IDisposable noGradient = no_grad();
        return Errors(x).Over(x.numel() / x.shape[0]);
    }

    /// <summary>Squared errors of the pixels.</summary>
    private Tensor Errors(Tensor windows)
    {
        Tensor scaled = Scaled(windows);
        return Squares(scaled, Network.Module.call(Stacked(Shown(scaled))).view_as(scaled));
    }
}
