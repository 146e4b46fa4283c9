using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Preprocessing;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors.Prediction;

/// <summary>
/// Options of the detector <c>frame-prediction</c>. The paper takes four frames to forecast the fifth (<c>--window 5</c>), W = 64, batches of 4, steps of
/// 10⁻⁴ for grey frames, and up to 80,000 of them; the defaults are for small frames on a processor.
/// </summary>
[Detector(
    "frame-prediction",
    Family = DetectorFamily.Prediction,
    Summary = "A U-Net forecasts the next frame of a video from those before it; a frame that is unlike its forecast is abnormal.",
    Paper = "Liu, Luo, Lian, Gao: Future Frame Prediction for Anomaly Detection – A New Baseline. CVPR 2018",
    Kinds = DataKinds.Video,
    TorchKinds = DataKinds.Video)]
public sealed record FramePredictionOptions : NetworkDetectorOptions
{
    /// <summary>Options with the defaults of the method.</summary>
    public FramePredictionOptions() => (Epochs, BatchSize, LearningRate, Patience) = (20, 8, 5e-4, 5);

    /// <summary>W: channels of the U-Net's first level, filled up to a multiple of 16, doubled level by level. The default value is 16; the paper has 64.</summary>
    [Description("Channels of the U-Net's first level, filled up to a multiple of 16, doubled level by level."), Range(1, 1024)]
    public int Width { get; init; } = 16;

    /// <summary>λ_int: weight of the squared error. The default value is the paper's 1.</summary>
    [Description("Weight of the squared error of pixels."), Range(0, 1e6)]
    public double IntensityWeight { get; init; } = 1;

    /// <summary>λ_gd: weight of the error of gradients. The default value is the paper's 1.</summary>
    [Description("Weight of the error of gradients, which keeps edges sharp."), Range(0, 1e6)]
    public double GradientWeight { get; init; } = 1;

    /// <summary>
    /// λ_adv: weight of the loss against a patch discriminator. The default value is 0: there is none; the paper has 0.05, and steps of the discriminator a
    /// tenth of the forecaster's.
    /// </summary>
    [Description("Weight of the loss against a patch discriminator; 0 = none, the paper has 0.05."), Range(0, 1e6)]
    public double AdversarialWeight { get; init; }

    /// <inheritdoc/>
    public override FeatureScaling PreferredScaling => FeatureScaling.None;

    /// <inheritdoc/>
    protected override Detector Create() => new FramePrediction(this);
}

/// <summary>
/// From the first t − 1 frames of a clip a <see cref="FrameNetwork"/> forecasts the last, Î; the score of a frame is −PSNR(I, Î) = 10·log₁₀ of the mean
/// squared error of pixels in 0 to 1, at least 10⁻¹⁰. It learns λ_int·mean (Î − I)² + λ_gd·mean ||∂Î| − |∂I|| + λ_adv·½ mean (D(Î) − 1)², where ∂ are
/// forward differences down and across, the frame being followed by zeros.
/// </summary>
/// <remarks>
/// Differences from the paper: λ_op = 0, there is no loss of optical flow, which needs a pre-trained network; on small frames there are fewer levels; leaky
/// rectifiers and no tanh (<see cref="FrameNetwork"/>); weights of the best epoch on held-out normal clips, where the authors' are the best on the test set.
/// Normalisation by video is the model's (<see cref="TrainingSettings.Normalization"/>): a score of a detector does not depend on other clips.
/// </remarks>
internal sealed class FramePrediction(FramePredictionOptions options) : FrameDetector(options)
{
    private const double LeastError = 1e-10;

    private const int FewestFrames = 2, LookedAt = 64;

    private TorchNetwork? _critic;

    public override bool LooksBack => true;

    protected override TorchNetwork Create(SampleShape shape, int seed, string device)
    {
        RequireMoreThan(FewestFrames - 1, shape);
        SampleShape frame = new(shape[1], shape[2], shape[3]);
        FrameNetwork network = new((shape[0] - 1) * shape[1], shape[1], frame, options.Width, code: null, seed);
        return new TorchNetwork(network, shape, frame.Length, device);
    }

    protected override void AddOthers(SampleShape shape, int seed, string device)
    {
        _critic = null;
        if (options.AdversarialWeight == 0) return;
        SampleShape frame = new(shape[1], shape[2], shape[3]);
        AdversarialArchitecture architecture = new() { Shape = frame, Latent = 1, Width = options.Width, Seed = ~seed };
        _critic = Add("critic", new TorchNetwork(new PatchDiscriminator(architecture), frame, 1, device));
    }

    protected override void FitCore(Samples samples, FitContext context)
    {
        base.FitCore(samples, context);
        Samples some = samples.Select([.. Enumerable.Range(0, LookedAt).Select(i => (int)((long)i * samples.Count / LookedAt)).Distinct()]);
        double error = ScoreCore(some).Average(score => Math.Pow(10, score / 10)), constant = ErrorOfConstant(some);
        if (constant <= LeastError || error < constant) return;
        context.Warn($"{DisplayName}: forecasts of the training's frames are no better than a constant. Try a smaller learningRate, or more epochs.");
    }

    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        TrainingPhase phase = base.CreatePhases(samples, context)[0];
        if (_critic is null) return [phase];
        FramePredictionGame game = new(Network, _critic, Forecast, Loss, options);
        return [phase with { Step = game.Step, Optimizers = game.Optimizers, Measures = _ => game.Measures.EndEpoch() }];
    }

    protected override Tensor Loss(Tensor windows)
    {
        (Tensor frame, Tensor forecast) = Forecast(windows);
        return Loss(frame, forecast);
    }

    protected override Tensor StepScores(Tensor windows)
    {
        (Tensor frame, Tensor forecast) = Forecast(windows);
        return Score(frame, forecast).unsqueeze(1);
    }

    // The score rises with the sum of the squares.
    protected override Tensor AttributeBlock(Tensor x)
    {
        using IDisposable noGradient = no_grad();
        (Tensor frame, Tensor forecast) = Forecast(x);
        return AtTheEnd(Squares(frame, forecast).Over(frame.numel() / frame.shape[0]).unsqueeze(1), x.shape[1]);
    }

    /// <summary>−PSNR(I, Î) of frames in −1 to 1: <c>[n,c,h,w]</c> → <c>[n]</c>.</summary>
    internal static Tensor Score(Tensor frame, Tensor forecast) =>
        Squares(frame, forecast).mean([1, 2, 3]).clamp_min(KeptScalar.Of(LeastError)).log10().Times(10);

    /// <summary>I and Î, in −1 to 1.</summary>
    private (Tensor Frame, Tensor Forecast) Forecast(Tensor windows)
    {
        long past = windows.shape[1] - 1;
        Tensor scaled = Scaled(windows);
        return (scaled.select(1, past), Network.Module.call(Stacked(Shown(scaled.narrow(1, 0, past)))));
    }

    private Tensor Loss(Tensor frame, Tensor forecast)
    {
        Tensor loss = (forecast - frame).Squared().mean().Times(options.IntensityWeight);
        return options.GradientWeight == 0 ? loss : loss.Plus(GradientLoss(frame, forecast).Times(options.GradientWeight));
    }

    /// <summary>mean ||∂Î| − |∂I|| down and across: of absolute differences, not of signed ones.</summary>
    internal static Tensor GradientLoss(Tensor frame, Tensor forecast) =>
        (Steepness(forecast, 2) - Steepness(frame, 2)).abs().mean().Plus((Steepness(forecast, 3) - Steepness(frame, 3)).abs().mean());

    /// <summary>|∂I| along an axis, the frame being followed by zeros: the paper's code pads it so.</summary>
    private static Tensor Steepness(Tensor frames, int axis)
    {
        Tensor next = cat([frames.narrow(axis, 1, frames.shape[axis] - 1), zeros_like(frames.narrow(axis, 0, 1))], axis);
        return (next - frames).abs();
    }
}
