using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Training;
using static TorchSharp.torch;
using Activation = AnomalySharp.Networks.Activation;

namespace AnomalySharp.Torch.Detectors.Reconstruction;

/// <summary>
/// Options of the detector <c>lstm-autoencoder</c>. The paper's networks have 30 to 90 units; batches of 32 and 50 epochs are those of TimeEval's
/// version.
/// </summary>
[Detector(
    "lstm-autoencoder",
    Family = DetectorFamily.Reconstruction,
    Summary = "An LSTM reads a window, another writes it down again from the end; where errors of a step are improbable, it is abnormal.",
    Paper = "Malhotra, Ramakrishnan, Anand, Vig, Agarwal, Shroff: LSTM-based encoder-decoder for multi-sensor anomaly detection. 2016",
    Kinds = DataKinds.Sequence,
    TorchKinds = DataKinds.Sequence)]
public sealed record LstmAutoencoderOptions : NetworkDetectorOptions
{
    /// <summary>Options with the defaults of the method.</summary>
    public LstmAutoencoderOptions() => (Epochs, BatchSize) = (50, 32);

    /// <summary>
    /// c: units of the encoder and of the decoder, filled up to a multiple of 8 (<see cref="RecurrentLayer"/>). The default value is 40.
    /// </summary>
    [Description("Units of the encoder and of the decoder, filled up to a multiple of 8."), Range(1, 4096)]
    public int Units { get; init; } = 40;

    /// <inheritdoc/>
    protected override Detector Create() => new LstmAutoencoder(this);
}

/// <summary>
/// The encoder's last state h_T is the decoder's first; x̂_T is a linear map of it, and the decoder goes back from x_t to x̂_{t−1}: in training
/// from the true x_t, in use from its own x̂_t. It learns the mean of (x − x̂)²; the score of a step is (e − μ)ᵀΣ⁻¹(e − μ) for the N(μ, Σ) of e = x
/// − x̂ of training steps.
/// </summary>
/// <remarks>
/// Differences from the paper: errors have their signs, since of |e| those smaller than usual would be abnormal, too; N(μ, Σ) is that of all training
/// windows; the threshold is the model's, not the best F_β on labelled data. The held-out loss is that of use.
/// </remarks>
internal sealed class LstmAutoencoder(LstmAutoencoderOptions options) : GaussianErrorDetector(options)
{
    public override bool LooksBack => false;

    private EncoderDecoder Module => (EncoderDecoder)Network.Module;

    protected override TorchNetwork Create(SampleShape shape, int seed, string device) =>
        new(new EncoderDecoder(shape[1], options.Units, seed), shape, shape.Length, device);

    protected override int ErrorWidth(SampleShape shape) => shape[1];

    protected override Tensor Loss(Tensor windows) => (windows - Module.Guided(windows)).Squared().mean();

    protected override Tensor HeldOutLoss(Tensor windows) => (windows - Module.call(windows)).Squared().mean();

    protected override Tensor StepScores(Tensor windows) => Mahalanobis(windows);

    // The score of a window is a mean over its steps.
    protected override Tensor AttributeBlock(Tensor x)
    {
        using IDisposable noGradient = no_grad();
        return MahalanobisParts(x).Over(x.shape[1]);
    }

    protected override Tensor Errors(Tensor windows) => Bounded(windows - Module.call(windows));
}

/// <summary>Two LSTMs and a linear map from the decoder's state to a step.</summary>
internal sealed class EncoderDecoder : nn.Module<Tensor, Tensor>
{
    private readonly RecurrentLayer _encoder, _decoder;
    private readonly PaddedLinear _output;

    public EncoderDecoder(int channels, int units, int seed) : base("encoder-decoder")
    {
        Random random = new(seed);
        _encoder = new RecurrentLayer(channels, units, random);
        _decoder = new RecurrentLayer(channels, units, random);
        _output = PaddedLinear.Create(_decoder.Units, channels, Activation.Identity, random);
        register_module("encoder", _encoder);
        register_module("decoder", _decoder);
        register_module("output", _output);
    }

    /// <summary>x̂ where the decoder is told the true x_t before it says x̂_{t−1}.</summary>
    public Tensor Guided(Tensor windows)
    {
        (_, Tensor h, Tensor c) = _encoder.Run(windows, null);
        Tensor last = h.transpose(0, 1), steps = windows.shape[1] > 1
            ? cat([last, _decoder.Run(windows.narrow(1, 1, windows.shape[1] - 1).flip(1), (h, c)).States], 1)
            : last;
        return _output.call(steps).flip(1);
    }

    /// <summary>x̂ where the decoder only has its own.</summary>
    public override Tensor forward(Tensor windows)
    {
        (_, Tensor h, Tensor c) = _encoder.Run(windows, null);
        List<Tensor> backwards = [_output.call(h.transpose(0, 1))];
        while (backwards.Count < windows.shape[1])
        {
            (Tensor state, h, c) = _decoder.Run(backwards[^1], (h, c));
            backwards.Add(_output.call(state));
        }
        return cat(backwards, 1).flip(1);
    }
}
