namespace AnomalySharp.Detectors.Prediction;

/// <summary>Options of the detector <c>persistence</c>: there are none.</summary>
[Detector(
    "persistence",
    Family = DetectorFamily.Prediction,
    Summary = "Forecasts that everything stays as it was one step before; where it does not, is abnormal. The least that a forecaster must beat.",
    Paper = "None: the naive forecast.",
    Kinds = DataKinds.Sequence | DataKinds.Video)]
public sealed record PersistenceOptions : DetectorOptions
{
    /// <inheritdoc/>
    protected override Detector Create() => new Persistence();
}

/// <summary>x̂_t = x_{t−1}: of a video, the frame before.</summary>
internal sealed class Persistence : BaselineForecaster
{
    protected override bool ForecastsFrames => true;

    protected override int Past(SampleShape shape) => 1;

    protected override void Learn(Samples windows, FitContext context) { }

    protected override double Forecast(ReadOnlySpan<float> window, int step, int channel) => window[((step - 1) * Width) + channel];
}
