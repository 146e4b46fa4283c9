using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Detectors.Classical;
using AnomalySharp.Explanation;
using AnomalySharp.Persistence;
using AnomalySharp.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

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
        Samples inside = Prepare(samples);
        float[] values = new float[inside.Values.Length];
        TensorPrimitives.Clamp(inside.Values.Span, -1, 1, values);
        _forest.Fit(Features(new Samples(values, samples.Shape)), context with { CheckpointPath = null });
    }

    protected override Tensor ScoreBlock(Tensor x) => tensor(ScorePrepared(Rows(x)));

    /// <summary>What runs of pixels add to the score, beside the mean training picture.</summary>
    protected override Tensor AttributeBlock(Tensor x) => tensor(Occlusion.Attribute(Rows(x), Usual, ScorePrepared), x.shape);

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

    private Samples Rows(Tensor x)
    {
        using Tensor rows = TorchNetwork.Export(x);
        return new Samples(TorchNetwork.Floats(rows).ToArray(), Range.Shape);
    }

    /// <summary>Scores of pictures as the network sees them: the forest's, and how far outside of the training range a picture is.</summary>
    private float[] ScorePrepared(Samples pictures)
    {
        float[] inside = new float[pictures.Values.Length];
        TensorPrimitives.Clamp(pictures.Values.Span, -1, 1, inside);
        Samples clamped = new(inside, pictures.Shape);
        float[] scores = _forest!.Score(Features(clamped));
        for (int i = 0; i < scores.Length; i++)
        {
            ReadOnlySpan<float> picture = pictures[i], nearest = clamped[i];
            double excess = 0;
            // In one order, wherever in memory the picture lies.
            for (int j = 0; j < picture.Length; j++) excess += Math.Abs((double)picture[j] - nearest[j]);
            scores[i] += (float)(excess / 2);
        }
        return scores;
    }

    /// <summary>Features of pictures within the training range.</summary>
    private Samples Features(Samples inside)
    {
        int width = Classifier.Module.Width, pixels = inside.Shape.Length;
        float[] features = new float[inside.Count * width];
        using IDisposable noGradient = no_grad();
        Classifier.Network.Enter(training: false);
        // Blocks of one size, as TorchDetector has them.
        for (int start = 0; start < inside.Count; start += Pictures)
        {
            using DisposeScope scope = NewDisposeScope();
            int rows = Math.Min(Pictures, inside.Count - start);
            Tensor block = Classifier.Network.Import(inside.Values.Span.Slice(start * pixels, rows * pixels), Pictures);
            using Tensor result = TorchNetwork.Export(Classifier.Module.Features(block));
            TorchNetwork.Floats(result)[..(rows * width)].CopyTo(features.AsSpan(start * width));
        }
        return new Samples(features, new SampleShape(width));
    }

    private void ReleaseForest()
    {
        _forest?.Dispose();
        _forest = null;
    }
}
