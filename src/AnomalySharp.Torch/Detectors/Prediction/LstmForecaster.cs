using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Training;
using static TorchSharp.torch;
using Activation = AnomalySharp.Networks.Activation;

namespace AnomalySharp.Torch.Detectors.Prediction;

/// <summary>
/// Options of the detector <c>lstm-forecaster</c>. The paper has two layers of 30 and 20 units; batches of 32, 50 epochs and Adam with 10⁻³ are
/// those of TimeEval's version.
/// </summary>
[Detector(
    "lstm-forecaster",
    Family = DetectorFamily.Prediction,
    Summary = "An LSTM forecasts the next steps of a sequence; where errors of the forecasts of a step are together improbable, it is abnormal.",
    Paper = "Malhotra, Vig, Shroff, Agarwal: Long Short Term Memory networks for anomaly detection in time series. ESANN 2015",
    Kinds = DataKinds.Sequence,
    TorchKinds = DataKinds.Sequence)]
public sealed record LstmForecasterOptions : NetworkDetectorOptions
{
    /// <summary>Options with the defaults of the method.</summary>
    public LstmForecasterOptions() => (Epochs, BatchSize) = (50, 32);

    /// <summary>
    /// Units of the recurrent layers, one after the other, each filled up to a multiple of 8 (<see cref="RecurrentLayer"/>). The default value is the
    /// paper's 30, 20.
    /// </summary>
    [Description("Units of the recurrent layers, each filled up to a multiple of 8."), Range(1, 4096)]
    public IReadOnlyList<int> Hidden { get; init; } = [30, 20];

    /// <summary>l: steps that are forecast at every step, less than a window has. The default value is 3; the paper leaves it open.</summary>
    [Description("Steps that are forecast at every step, less than a window has."), Range(1, 1000)]
    public int Horizon { get; init; } = 3;

    /// <inheritdoc/>
    protected override Detector Create() => new LstmForecaster(this);
}

/// <summary>
/// At every step s of a window the network forecasts x_{s+1} … x_{s+l}; it learns the mean of (x − x̂)² over all that lie in the window. So the
/// last step T is forecast l times: e = [x_T − x̂_T from T−1, …, x_T − x̂_T from T−l], of all channels, and its score is (e − μ)ᵀΣ⁻¹(e − μ) for the
/// N(μ, Σ) of training.
/// </summary>
/// <remarks>
/// Differences from the paper: N(μ, Σ) is that of all training windows, since a held-out tenth does not carry a covariance of d·l values; and the
/// threshold is the model's, not the best F₀.₁ on labelled data. Errors have their signs: of |e|, those smaller than usual would be abnormal, too.
/// </remarks>
internal sealed class LstmForecaster(LstmForecasterOptions options) : GaussianErrorDetector(options)
{
    public override bool LooksBack => true;

    protected override TorchNetwork Create(SampleShape shape, int seed, string device)
    {
        if (options.Hidden.Count == 0) throw new OptionException("lstm-forecaster needs at least one recurrent layer: hidden cannot be none.");
        RequireMoreThan(options.Horizon, shape);
        return new TorchNetwork(new StackedLstm(shape[1], options.Hidden, options.Horizon * shape[1], seed), shape, shape.Length, device);
    }

    protected override int ErrorWidth(SampleShape shape) => shape[1] * options.Horizon;

    protected override Tensor Loss(Tensor windows)
    {
        long steps = windows.shape[1], width = windows.shape[2], count = 0;
        Tensor forecasts = Forecasts(windows), sum = zeros(1, device: windows.device);
        for (int k = 1; k <= options.Horizon; k++)
        {
            // From step s to s + k.
            sum = sum.Plus((forecasts.narrow(1, 0, steps - k).select(2, k - 1) - windows.narrow(1, k, steps - k)).Squared().sum());
            count += windows.shape[0] * (steps - k) * width;
        }
        return sum.sum().Over(count);
    }

    protected override Tensor StepScores(Tensor windows) => Mahalanobis(windows).unsqueeze(1);

    protected override Tensor AttributeBlock(Tensor x)
    {
        using IDisposable noGradient = no_grad();
        Tensor parts = MahalanobisParts(x).view(x.shape[0], options.Horizon, x.shape[2]);
        return AtTheEnd(parts.sum(1, keepdim: true), x.shape[1]);
    }

    /// <summary>e: <c>[n, l·d]</c>, the nearest forecast first.</summary>
    protected override Tensor Errors(Tensor windows)
    {
        long last = windows.shape[1] - 1;
        Tensor forecasts = Forecasts(windows), x = windows.select(1, last);
        return Bounded(cat([.. Enumerable.Range(1, options.Horizon).Select(k => x - forecasts.select(1, last - k).select(1, k - 1))], 1));
    }

    /// <summary>From every step but the last, the l steps after it: <c>[n, t − 1, l, d]</c>.</summary>
    private Tensor Forecasts(Tensor windows)
    {
        long steps = windows.shape[1] - 1;
        return Network.Module.call(windows.narrow(1, 0, steps)).view(windows.shape[0], steps, options.Horizon, windows.shape[2]);
    }
}

/// <summary>LSTM layers one after the other, then a dense layer at every step.</summary>
internal sealed class StackedLstm : nn.Module<Tensor, Tensor>
{
    private readonly RecurrentLayer[] _layers;
    private readonly PaddedLinear _output;

    public StackedLstm(int inputs, IReadOnlyList<int> hidden, int outputs, int seed) : base("lstm")
    {
        Random random = new(seed);
        _layers = new RecurrentLayer[hidden.Count];
        for (int i = 0; i < _layers.Length; i++)
        {
            _layers[i] = new RecurrentLayer(i == 0 ? inputs : _layers[i - 1].Units, hidden[i], random);
            register_module($"layer{i + 1}", _layers[i]);
        }
        _output = PaddedLinear.Create(_layers[^1].Units, outputs, Activation.Identity, random);
        register_module("output", _output);
    }

    public override Tensor forward(Tensor steps)
    {
        foreach (RecurrentLayer layer in _layers) steps = layer.call(steps);
        return _output.call(steps);
    }
}
