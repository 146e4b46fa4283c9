using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Detectors.Classical;
using AnomalySharp.Explanation;
using AnomalySharp.Persistence;
using AnomalySharp.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors.SelfSupervised;

/// <summary>
/// Options of the detector <c>ssd-if</c>: SSD is the network of surrogate supervision, IF the isolation forest. Settings of the paper as those of
/// <see cref="E3OutlierOptions"/>.
/// </summary>
[Detector(
    "ssd-if",
    Family = DetectorFamily.SelfSupervised,
    Summary = "Learns to tell how pictures were transformed; what random splits of its features set apart after few steps is abnormal.",
    Paper = "Wang et al.: Effective End-to-end Unsupervised Outlier Detection via Inlier Priority of Discriminative Network. NeurIPS 2019",
    Kinds = DataKinds.Image,
    TorchKinds = DataKinds.Image)]
public sealed record SsdIfOptions : TransformationOptions
{
    /// <summary>Number of trees. The default value is 100.</summary>
    [Description("Number of trees."), Range(1, 100_000)]
    public int Trees { get; init; } = 100;

    /// <summary>Random pictures that each tree is grown on; all of them where there are fewer. The default value is 256.</summary>
    [Description("Random pictures that each tree is grown on; all of them where there are fewer."), Range(2, 1_000_000)]
    public int SamplesPerTree { get; init; } = 256;

    /// <inheritdoc/>
    protected override Detector Create() => new SsdIf(this);
}

/// <summary>
/// The network of <see cref="E3Outlier"/>; its features of the pictures as they are, before the last layer, go to an isolation forest. A baseline of
/// the paper: are the features enough, or is it the answers that tell anomalies?
/// </summary>
internal sealed class SsdIf(SsdIfOptions options) : TransformationDetector(options)
{
    private Detector? _forest;

    protected override void FitCore(Samples samples, FitContext context)
    {
        ReleaseForest();
        base.FitCore(samples, context);
        _forest = CreateForest();
        _forest.Fit(Features(samples), context with { CheckpointPath = null });
    }

    protected override Tensor ScoreBlock(Tensor x)
    {
        using IDisposable noGradient = no_grad();
        (Tensor inside, Tensor excess) = Range.Split(x);
        using Tensor features = TorchNetwork.Export(Classifier.Module.Features(inside));
        return tensor(_forest!.Score(FeatureSamples(TorchNetwork.Floats(features).ToArray()))) + excess.flatten(1).sum(1).cpu();
    }

    /// <summary>What runs of pixels add to the score, beside the mean training picture.</summary>
    protected override Tensor AttributeBlock(Tensor x)
    {
        using Tensor rows = TorchNetwork.Export(x);
        Samples pictures = new(TorchNetwork.Floats(rows).ToArray(), Shape!);
        return tensor(Occlusion.Attribute(pictures, Usual, ScorePrepared), x.shape);
    }

    /// <summary>Scores of pictures as the network sees them.</summary>
    private float[] ScorePrepared(Samples pictures)
    {
        const int Block = 16;
        int width = pictures.Shape.Length;
        float[] scores = new float[pictures.Count];
        for (int start = 0; start < scores.Length; start += Block)
        {
            using DisposeScope scope = NewDisposeScope();
            int rows = Math.Min(Block, scores.Length - start);
            Tensor block = Classifier.Network.Import(pictures.Values.Span.Slice(start * width, rows * width), Block);
            using Tensor result = TorchNetwork.Export(ScoreBlock(block));
            TorchNetwork.Floats(result)[..rows].CopyTo(scores.AsSpan(start));
        }
        return scores;
    }

    protected override void WriteState(TensorState state)
    {
        base.WriteState(state);
        state.AddPart("forest", _forest!.GetState());
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        base.ReadState(state, shape);
        ReleaseForest();
        _forest = CreateForest();
        _forest.SetState(state.GetPart("forest"), new SampleShape(Classifier.Module.Width));
    }

    protected override void Dispose(bool disposing)
    {
        ReleaseForest();
        base.Dispose(disposing);
    }

    private Detector CreateForest() => new IsolationForestOptions { Trees = options.Trees, SamplesPerTree = options.SamplesPerTree }.CreateDetector();

    private Samples Features(Samples samples)
    {
        int width = Classifier.Module.Width;
        float[] features = new float[samples.Count * width];
        ForEachBlock(
            samples,
            x =>
            {
                using IDisposable noGradient = no_grad();
                return Classifier.Module.Features(Range.Split(x).Inside);
            },
            (start, values) => values.CopyTo(features.AsSpan(start * width)),
            width);
        return FeatureSamples(features);
    }

    private Samples FeatureSamples(float[] features) => new(features, new SampleShape(Classifier.Module.Width));

    private void ReleaseForest()
    {
        _forest?.Dispose();
        _forest = null;
    }
}
