using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Activation = AnomalySharp.Networks.Activation;

namespace AnomalySharp.Torch.Detectors.Prediction;

/// <summary>
/// Options of the detector <c>cnn-forecaster</c>: 32 filters, 40 dense units and the absolute error are the paper's, 50 epochs and batches of 45
/// those of TimeEval's version, whose step size of 10⁻⁵ learns little in so many.
/// </summary>
[Detector(
    "cnn-forecaster",
    Family = DetectorFamily.Prediction,
    Summary = "A convolutional network forecasts the next steps from the window before them; what is far from its forecast is abnormal.",
    Paper = "Munir, Siddiqui, Dengel, Ahmed: DeepAnT: a deep learning approach for unsupervised anomaly detection in time series. "
        + "IEEE Access 7, 2019",
    Kinds = DataKinds.Sequence,
    TorchKinds = DataKinds.Sequence)]
public sealed record CnnForecasterOptions : NetworkDetectorOptions
{
    /// <summary>Options with the defaults of the method.</summary>
    public CnnForecasterOptions() => (Epochs, BatchSize) = (50, 45);

    /// <summary>Filters of each of the two convolutions, filled up to a multiple of 16. The default value is the paper's 32.</summary>
    [Description("Filters of each of the two convolutions, filled up to a multiple of 16."), Range(1, 4096)]
    public int Filters { get; init; } = 32;

    /// <summary>Units of the dense layer. The default value is the paper's 40.</summary>
    [Description("Units of the dense layer."), Range(1, 4096)]
    public int Dense { get; init; } = 40;

    /// <summary>Share of the convolutions' outputs dropped in training. The default value is the 0.25 of TimeEval's version.</summary>
    [Description("Share of the convolutions' outputs dropped in training."), Range(0, 0.95)]
    public double Dropout { get; init; } = 0.25;

    /// <summary>p: steps at the end of a window that are forecast from the others. The default value is 1, as in most of the paper.</summary>
    [Description("Steps at the end of a window that are forecast from the others."), Range(1, 1000)]
    public int Horizon { get; init; } = 1;

    /// <inheritdoc/>
    protected override Detector Create() => new CnnForecaster(this);
}

/// <summary>
/// From the first w = t − p steps of a window the network forecasts the last p; it learns the mean of |x − x̂|, and the score of a step is the
/// Euclidean distance ‖x − x̂‖ over its channels.
/// </summary>
internal sealed class CnnForecaster(CnnForecasterOptions options) : SequenceDetector(options)
{
    public override bool LooksBack => true;

    protected override TorchNetwork Create(SampleShape shape, int seed, string device)
    {
        RequireMoreThan(options.Horizon, shape);
        ForecastingCnn network = new(shape[0] - options.Horizon, shape[1], options, seed);
        return new TorchNetwork(network, shape, options.Horizon * shape[1], device);
    }

    protected override Tensor Loss(Tensor windows) => Errors(windows).abs().mean();

    protected override Tensor StepScores(Tensor windows) => Errors(windows).Squared().sum(2).sqrt();

    // (x − x̂)²/‖x − x̂‖ of the channels sums to the distance.
    protected override Tensor AttributeBlock(Tensor x)
    {
        using IDisposable noGradient = no_grad();
        Tensor squares = Bounded(Errors(x)).Squared();
        return AtTheEnd((squares / squares.sum(2, keepdim: true).sqrt().clamp_min(KeptScalar.Of(1e-20))).Over(options.Horizon), x.shape[1]);
    }

    /// <summary>x − x̂ of the last p steps: <c>[n,p,d]</c>.</summary>
    private Tensor Errors(Tensor windows)
    {
        long past = windows.shape[1] - options.Horizon;
        Tensor forecasts = Network.Module.call(windows.narrow(1, 0, past)).view(windows.shape[0], options.Horizon, windows.shape[2]);
        return windows.narrow(1, past, options.Horizon) - forecasts;
    }
}

/// <summary>
/// Convolution of three steps, ReLU, the greater of each two neighbours; the same again; dropout, a dense layer with ReLU; a dense layer. What is
/// too short to be halved is not. Filters, and channels of more than 16, are filled up as <see cref="ConvolutionalGeometry.Filled"/> says.
/// </summary>
internal sealed class ForecastingCnn : nn.Module<Tensor, Tensor>
{
    private const int Kernel = 3;

    private readonly int _inputs;
    private readonly Conv1d _first, _second;
    private readonly CounterDropout _dropout;
    private readonly PaddedLinear _dense, _output;

    public ForecastingCnn(int past, int channels, CnnForecasterOptions options, int seed) : base("cnn")
    {
        Random random = new(seed);
        _inputs = channels <= ConvolutionalGeometry.ChannelBlock ? channels : ConvolutionalGeometry.Filled(channels);
        int filters = ConvolutionalGeometry.Filled(options.Filters), flat = filters * Halved(Halved(past));
        _first = Convolution(_inputs, filters, random);
        _second = Convolution(filters, filters, random);
        _dropout = new CounterDropout(options.Dropout, random.Next());
        _dense = PaddedLinear.Create(flat, options.Dense, Activation.Relu, random);
        _output = PaddedLinear.Create(options.Dense, options.Horizon * channels, Activation.Identity, random);
        register_module("first", _first);
        register_module("second", _second);
        register_module("dropout", _dropout);
        register_module("dense", _dense);
        register_module("output", _output);
    }

    public override Tensor forward(Tensor steps)
    {
        Tensor channels = steps.transpose(1, 2);
        long lacking = _inputs - channels.shape[1];
        if (lacking > 0) channels = cat([channels, zeros([channels.shape[0], lacking, channels.shape[2]], device: channels.device)], 1);
        Tensor features = Pooled(_first.call(channels).relu());
        features = Pooled(_second.call(features).relu());
        return _output.call(_dense.call(_dropout.call(features.flatten(1))).relu());
    }

    private static int Halved(int steps) => steps < 2 ? steps : steps / 2;

    private static Tensor Pooled(Tensor features) => features.shape[2] < 2 ? features : nn.functional.max_pool1d(features, 2);

    private static Conv1d Convolution(int inputs, int outputs, Random random)
    {
        Conv1d layer = nn.Conv1d(inputs, outputs, Kernel, padding: Kernel / 2);
        InitialWeights.Fill(layer.weight!, layer.bias, inputs * Kernel, Activation.Relu, random);
        return layer;
    }
}
