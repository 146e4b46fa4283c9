using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Detectors.Classical;
using AnomalySharp.Detectors.Reconstruction;
using AnomalySharp.Explanation;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.FeatureExtraction;

/// <summary>
/// Options of the detector <c>cae-if</c>: CAE is the convolutional autoencoder that pictures get (other samples get a dense one), IF the isolation
/// forest.
/// </summary>
[Detector(
    "cae-if",
    Family = DetectorFamily.FeatureExtraction,
    Summary = "An isolation forest on the codes of an autoencoder: what random splits of codes set apart after few steps is abnormal.",
    Paper = "Wang et al.: Effective End-to-end Unsupervised Outlier Detection via Inlier Priority of Discriminative Network. NeurIPS 2019",
    TorchKinds = DataKinds.Image)]
public sealed record CaeIfOptions : ReconstructionOptions
{
    /// <summary>Function of the code. The default value is the identity.</summary>
    [Description("Function of the code.")]
    public Activation CodeActivation { get; init; } = Networks.Activation.Identity;

    /// <summary>Number of trees. The default value is 100.</summary>
    [Description("Number of trees."), Range(1, 100_000)]
    public int Trees { get; init; } = 100;

    /// <summary>Random samples that each tree is grown on; all of them where there are fewer. The default value is 256.</summary>
    [Description("Random samples that each tree is grown on; all of them where there are fewer."), Range(2, 1_000_000)]
    public int SamplesPerTree { get; init; } = 256;

    /// <inheritdoc/>
    protected override Detector Create() => new CaeIf(this);
}

/// <summary>An autoencoder g(f(x)) is trained as <c>autoencoder</c> is; the score is that of an isolation forest on the codes f(x).</summary>
internal sealed class CaeIf(CaeIfOptions options) : ReconstructionDetector(options)
{
    private Detector? _forest;
    private float[] _usual = [];

    protected override AutoencoderArchitecture Architecture(SampleShape shape) =>
        base.Architecture(shape) with { CodeActivation = options.CodeActivation };

    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context) =>
        [ReconstructionPhase.Create(Networks, samples, options)];

    protected override void FitCore(Samples samples, FitContext context)
    {
        ReleaseForest();
        base.FitCore(samples, context);
        _usual = Occlusion.Mean(samples);
        _forest = CreateForest();
        _forest.Fit(Codes(samples), context);
    }

    protected override float[] ScoreCore(Samples samples) => _forest!.Score(Codes(samples));

    /// <summary>What values (of long samples, runs of them) add to the score, beside the mean of the training data.</summary>
    protected override float[] AttributeCore(Samples samples) => Occlusion.Attribute(samples, _usual, ScoreCore);

    protected override void WriteState(TensorState state)
    {
        base.WriteState(state);
        state.AddPart("forest", _forest!.GetState());
        state.Set<float>("usual", _usual);
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        base.ReadState(state, shape);
        ReleaseForest();
        _usual = state.Get<float>("usual", shape.Length);
        _forest = CreateForest();
        _forest.SetState(state.GetPart("forest"), new SampleShape(Networks.Encoder.OutputSize));
    }

    protected override void Dispose(bool disposing)
    {
        ReleaseForest();
        base.Dispose(disposing);
    }

    private Detector CreateForest() => new IsolationForestOptions { Trees = options.Trees, SamplesPerTree = options.SamplesPerTree }.CreateDetector();

    /// <summary>f(x), finite also where a sample is too far away for float32.</summary>
    private Samples Codes(Samples samples)
    {
        int width = Networks.Encoder.OutputSize;
        float[] codes = new float[samples.Count * width];
        Networks.Encoder.Infer(samples.Values.Span, samples.Count, codes);
        foreach (ref float code in codes.AsSpan()) code = float.IsNaN(code) ? float.MaxValue : Math.Clamp(code, float.MinValue, float.MaxValue);
        return new Samples(codes, new SampleShape(width));
    }

    private void ReleaseForest()
    {
        _forest?.Dispose();
        _forest = null;
    }
}
