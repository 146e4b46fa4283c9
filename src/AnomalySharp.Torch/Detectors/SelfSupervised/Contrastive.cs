using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Explanation;
using AnomalySharp.Neighbors;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors.SelfSupervised;

/// <summary>What is said of a sample in the learnt space.</summary>
public enum ContrastiveScore
{
    /// <summary>The distance of its features h/‖h‖ to the k-th nearest of the training samples.</summary>
    Neighbors,

    /// <summary>The same of its features h as they are: where anomalies are farther out in points that are usual.</summary>
    Distances,

    /// <summary>CSI's: −‖z‖ times the greatest cosine of its code z with that of a training sample (Tack et al., NeurIPS 2020, equation 6).</summary>
    Norm,
}

/// <summary>Options of the detector <c>contrastive</c>.</summary>
[Detector(
    "contrastive",
    Family = DetectorFamily.SelfSupervised,
    Summary = "Learns features in which changed copies of a sample are alike and others not; far from all training samples there is abnormal.",
    Paper = "Chen, Kornblith, Norouzi, Hinton: A Simple Framework for Contrastive Learning of Visual Representations. ICML 2020",
    TorchKinds = DataKinds.Any)]
public sealed record ContrastiveOptions : NetworkDetectorOptions
{
    /// <summary>τ. The default value is 0.5, SimCLR's for CIFAR-10; SCARF's for tables is 1.</summary>
    [Description("Temperature: cosines are divided by it."), Range(1e-3, 100)]
    public double Temperature { get; init; } = 0.5;

    /// <summary>
    /// Widths of the encoder's layers, for pictures channels of its stages; the last is the number of features h. The default value, null: four of
    /// 256, as SCARF has; for pictures as many stages as bring the longer side to four, up to 128 channels. Channels are filled up to a
    /// multiple of 16.
    /// </summary>
    [Description("Widths of the encoder's layers (channels for pictures), the last that of the features; auto = by the samples."), Range(1, 65_536)]
    public IReadOnlyList<int>? Hidden { get; init; }

    /// <summary>Values of a code z. The default value is 128.</summary>
    [Description("Values of the codes that are compared in training."), Range(2, 65_536)]
    public int Latent { get; init; } = 128;

    /// <summary>Share of the features of a row that its second view has from other rows. The default value is SCARF's, 0.6.</summary>
    [Description("Share of the features of a row that its second view has from other rows; ignored for pictures."), Range(0.01, 1)]
    public double Corruption { get; init; } = 0.6;

    /// <summary>Least share of its area that a view of a picture keeps. The default value is 0.08.</summary>
    [Description("Least share of its area that a view of a picture keeps; ignored for other samples."), Range(0.01, 1)]
    public double SmallestCrop { get; init; } = 0.08;

    /// <summary>Strength of colour jitter. The default value is 0.5, SimCLR's for CIFAR-10.</summary>
    [Description("Strength of the change of colours in views of pictures; ignored for other samples."), Range(0, 1)]
    public double Jitter { get; init; } = 0.5;

    /// <summary>
    /// The score. The default value, null: <see cref="ContrastiveScore.Neighbors"/> for pictures, <see cref="ContrastiveScore.Distances"/> for
    /// others, whose anomalies are often farther out in a usual direction (ROC AUC on wdbc 0.99, with features of length 1 0.32; on cardio 0.97 and
    /// 0.53; on vowels 0.90 and 0.95).
    /// </summary>
    [Description("The score: distance among features of length 1 (neighbors; auto for pictures) or as they are (distances; auto), or CSI's norm.")]
    public ContrastiveScore? Score { get; init; }

    /// <summary>k. The default value is 5, as for <c>knn</c>.</summary>
    [Description("Neighbour whose distance is the score; ignored by norm."), Range(1, 10_000)]
    public int K { get; init; } = 5;

    /// <inheritdoc/>
    protected override Detector Create() => Hidden is { Count: 0 }
        ? throw new OptionException("Option 'hidden' is none, and the encoder needs a layer; allowed: one width or more, or auto.")
        : new Contrastive(this);
}

/// <summary>
/// SimCLR: an encoder f and a head g learn from <see cref="ContrastiveLoss"/> of codes z = g(f(x)) of two views of each sample; what is said of a
/// sample comes from its nearest neighbours among the training samples. Views are by <see cref="CorruptedRows"/> (tables and windows) or
/// <see cref="ChangedPictures"/>.
/// </summary>
/// <remarks>
/// Departures: Adam, where SimCLR has LARS and batches of thousands; small convolutional networks, where it has residual ones; 100 epochs.
/// </remarks>
internal sealed class Contrastive(ContrastiveOptions options) : TorchDetector(options)
{
    private ContrastiveNetwork? _module;
    private TorchNetwork? _network;
    private TrainingRange? _range;
    private NeighborIndex? _known;
    private IReadOnlyList<int> _hidden = [];
    private float[] _usual = [];
    private ContrastiveScore _score;

    public override int MinimumSamples => options.Score == ContrastiveScore.Norm ? 2 : options.K + 1;

    protected override void FitCore(Samples samples, FitContext context)
    {
        _range = TrainingRange.Of(samples);
        _usual = Occlusion.Mean(samples);
        _hidden = ContrastiveNetwork.HiddenOf(samples.Shape, options.Hidden);
        base.FitCore(samples, context);
        float[] points = new float[checked(samples.Count * SpaceWidth)];
        ForEachBlock(samples, x =>
        {
            context.Cancellation.ThrowIfCancellationRequested();
            return Embed(x);
        }, (start, values) => values.CopyTo(points.AsSpan(start * SpaceWidth)), SpaceWidth);
        for (int i = 0; i < samples.Count; i++) Place(points.AsSpan(i * SpaceWidth, SpaceWidth));
        _known = new NeighborIndex(points, SpaceWidth);
    }

    protected override void Build(SampleShape shape, int seed, string device)
    {
        _score = options.Score ?? (shape.Rank == 3 ? ContrastiveScore.Neighbors : ContrastiveScore.Distances);
        _module = new ContrastiveNetwork(shape, _hidden, options.Latent, seed);
        _network = Add("network", new TorchNetwork(_module, shape, options.Latent, device));
    }

    protected override Samples Prepare(Samples samples) => _range!.Apply(samples);

    // Objective: NT-Xent of the codes of two views of each sample.
    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        TorchNetwork network = _network!;
        Optimizer optimizer = Optimizer.Create(options, network);
        int seed = context.CreateRandom(-2).Next();
        ISampleViews views = samples.Shape.Rank == 3
            ? new ChangedPictures(samples.Shape, new PictureChangeRanges(options.SmallestCrop, options.Jitter), seed)
            : new CorruptedRows(samples, options.Corruption, seed);
        float[] both = new float[2 * Math.Min(options.BatchSize, samples.Count) * samples.Shape.Length];

        double Step(in TrainingBatch batch)
        {
            using DisposeScope scope = NewDisposeScope();
            network.Enter(training: true);
            Tensor loss = Loss(batch.Values, batch.Count, batch.Step);
            network.AddGradients(loss);
            optimizer.Step();
            return loss.Number();
        }

        // The same views in every epoch.
        double Validation(ReadOnlySpan<float> values, int count)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradient = no_grad();
            network.Enter(training: false);
            return Loss(values, count, -1).Number();
        }

        Tensor Loss(ReadOnlySpan<float> values, int count, int number)
        {
            Span<float> used = both.AsSpan(0, 2 * values.Length);
            views.Fill(values, count, number, used[..values.Length], used[values.Length..]);
            Tensor codes = network.Module.call(network.Import(used, 2 * count));
            return ContrastiveLoss.Of(codes.narrow(0, 0, count), codes.narrow(0, count, count), options.Temperature);
        }

        return [new TrainingPhase { Epochs = options.Epochs, Step = Step, Validation = Validation, Optimizers = [optimizer] }];
    }

    protected override Tensor ScoreBlock(Tensor x)
    {
        using Tensor exported = TorchNetwork.Export(Embed(x));
        float[] points = TorchNetwork.Floats(exported).ToArray(), scores = new float[points.Length / SpaceWidth];
        for (int i = 0; i < scores.Length; i++) scores[i] = (float)Place(points.AsSpan(i * SpaceWidth, SpaceWidth));
        int k = _score == ContrastiveScore.Norm ? 1 : options.K;
        float[] squares = new float[scores.Length * k];
        _known!.SearchOthers(points, k, new int[squares.Length], squares);
        for (int i = 0; i < scores.Length; i++)
        {
            // Of unit vectors ‖a − b‖² = 2 − 2·cos.
            float square = squares[((i + 1) * k) - 1];
            scores[i] = _score == ContrastiveScore.Norm ? -scores[i] * (1 - (square / 2)) : MathF.Sqrt(square);
        }
        return tensor(scores);
    }

    /// <summary>What every value, or run of pixels, adds to the score, beside the mean of the training data.</summary>
    protected override float[] AttributeCore(Samples samples) => Occlusion.Attribute(samples, _usual, ScoreCore);

    protected override void WriteState(TensorState state)
    {
        NetworkWidths.Write(state, [.. _hidden.SkipLast(1)], _hidden[^1]);
        state.Set<float>("usual", _usual);
        TensorState range = new(), known = new();
        _range!.WriteState(range);
        _known!.WriteRows(known);
        state.AddPart("range", range);
        state.AddPart("known", known);
        base.WriteState(state);
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        (int[] hidden, int features) = NetworkWidths.Read(state);
        _hidden = [.. hidden, features];
        _range = TrainingRange.Read(state.GetPart("range"), shape);
        _usual = state.Get<float>("usual", shape.Length);
        base.ReadState(state, shape);
        // A layer fewer than there are weights for fits as well, and is refused.
        NetworkWidths.ReadInto(_network!, state.GetPart("network"));
        Samples known = NeighborIndex.ReadRows(state.GetPart("known"), new SampleShape(SpaceWidth), MinimumSamples);
        _known = new NeighborIndex(known.Values.Span, SpaceWidth);
    }

    /// <summary>Values of what is searched among: h for neighbours, z for CSI's score.</summary>
    private int SpaceWidth => _score == ContrastiveScore.Norm ? options.Latent : _module!.Width;

    private Tensor Embed(Tensor x)
    {
        using IDisposable noGradient = no_grad();
        return _score == ContrastiveScore.Norm ? _module!.call(x) : _module!.Features(x);
    }

    /// <summary>Where neighbours are looked for: the vector over its length, or as it is.</summary>
    /// <returns>The length.</returns>
    private double Place(Span<float> vector) => Normalize(vector, keepLength: _score == ContrastiveScore.Distances);

    /// <summary>The vector over its length; a vector of zeros stays. Beyond float32 a value counts as the largest.</summary>
    /// <returns>The length.</returns>
    internal static double Normalize(Span<float> vector, bool keepLength = false)
    {
        double square = 0;
        foreach (ref float value in vector)
        {
            value = float.IsNaN(value) ? 0 : Math.Clamp(value, float.MinValue, float.MaxValue);
            square += (double)value * value;
        }
        double length = Math.Sqrt(square);
        if (length > 0 && !keepLength)
        {
            foreach (ref float value in vector) value = (float)(value / length);
        }
        return length;
    }
}
