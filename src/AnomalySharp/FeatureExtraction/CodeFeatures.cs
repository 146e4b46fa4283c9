using AnomalySharp.Detectors.Reconstruction;
using AnomalySharp.Persistence;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.FeatureExtraction;

/// <summary>The code of a detector that learns one: an autoencoder's bottleneck as features.</summary>
internal sealed class CodeFeatures : FeatureExtractor
{
    private readonly DetectorOptions _options;
    private readonly ReconstructionDetector _detector;
    private FeatureScaler? _scaler;

    public CodeFeatures(ReconstructionOptions options, FeatureForm form) : base(form)
    {
        if (form == FeatureForm.Maps)
        {
            throw new OptionException(
                $"The code of '{DetectorCatalog.Find(options).Name}' is a vector, and the detector looks at feature maps. Use --features onnx:MODEL:LAYER, or "
                + "another detector.");
        }
        _options = options;
        _detector = (ReconstructionDetector)options.CreateDetector();
    }

    protected override void FitCore(Samples samples, FitContext context)
    {
        _scaler = FeatureScaler.Fit(samples, _options.PreferredScaling);
        // The checkpoint, if there is one, is the detector's that follows.
        _detector.Fit(_scaler.Apply(samples), context with { CheckpointPath = null, Resume = false });
    }

    protected override IReadOnlyList<Samples> ExtractCore(Samples samples) => [_detector.Encode(_scaler!.Apply(samples))];

    protected override void WriteState(TensorState state)
    {
        state.AddPart("detector", _detector.GetState());
        _scaler!.WriteState(state);
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        _scaler = FeatureScaler.Read(state, _options.PreferredScaling, shape);
        _detector.SetState(state.GetPart("detector"), shape);
    }

    protected override void Dispose(bool disposing)
    {
        _detector.Dispose();
        base.Dispose(disposing);
    }
}
