using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using AnomalySharp.Explanation;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Preprocessing;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.FeatureLearning;

/// <summary>Options of the detector <c>repen</c>; defaults are those of the paper and its code.</summary>
[Detector(
    "repen",
    Family = DetectorFamily.FeatureLearning,
    Summary = "Learns a space in which likely anomalies are far from random others; what is far there is abnormal.",
    Paper = "Pang, Cao, Chen, Liu: Learning Representations of Ultrahigh-dimensional Data for Random Distance-based Outlier Detection. KDD 2018")]
public sealed record RepenOptions : NetworkDetectorOptions
{
    /// <summary>The paper's training: 30 epochs of batches of 256 triplets with Adadelta, all samples learnt from.</summary>
    public RepenOptions()
    {
        (Epochs, BatchSize, Optimizer, LearningRate) = (30, 256, OptimizerKind.Adadelta, 1);
        (ValidationFraction, Patience) = (0, 0);
    }

    /// <summary>Dimensions of the learnt space. The default value is 20.</summary>
    [Description("Dimensions of the learnt space."), Range(1, 65_536)]
    public int Latent { get; init; } = 20;

    /// <summary>Widths of hidden layers before it, all with ReLU. The default value is none, as in the paper.</summary>
    [Description("Widths of hidden layers before the learnt space."), Range(1, 65_536)]
    public IReadOnlyList<int> Hidden { get; init; } = [];

    /// <summary>m: how much farther squared distances to candidates are to be. The default value is 1000.</summary>
    [Description("How much farther than an inlier a candidate is to be from a query, in squared distance."), Range(1e-6, 1e9)]
    public double Margin { get; init; } = 1000;

    /// <summary>Classical detector whose scores choose the outlier candidates. The default value is LeSiNN.</summary>
    [Description("Classical detector whose scores choose the outlier candidates.")]
    public string Candidates { get; init; } = "nearest-neighbor-sample";

    /// <summary>Classical detector that scores in the learnt space. The default value is LeSiNN.</summary>
    [Description("Classical detector that scores in the learnt space.")]
    public string Scorer { get; init; } = "nearest-neighbor-sample";

    /// <summary>
    /// Training samples that are known to be abnormal, by their numbers from 0: they join the candidates whatever their scores, which is the paper's
    /// use of a few labelled outliers. Numbers are among what is learnt from: with normal-only training without the rows labelled 1, with windows those
    /// of windows. The default value is none.
    /// </summary>
    [Description("Training samples known to be abnormal, by their numbers from 0 among those learnt from; they join the outlier candidates."), Range(0, int.MaxValue)]
    public IReadOnlyList<int> KnownOutliers { get; init; } = [];

    /// <inheritdoc/>
    public override FeatureScaling PreferredScaling => FeatureScaling.MinMax;

    /// <inheritdoc/>
    protected override Detector Create() => new Repen(this, Classical(nameof(Candidates), Candidates), Classical(nameof(Scorer), Scorer));

    private static DetectorOptions Classical(string option, string name)
    {
        DetectorEntry entry = DetectorCatalog.Find(name);
        if (entry.Info.Family == DetectorFamily.Classical) return entry.CreateOptions();
        throw new OptionException(
            $"Option '{option.ToLowerInvariant()}' is {name}, which is not classical; allowed: "
            + string.Join(", ", DetectorCatalog.All.Where(one => one.Info.Family == DetectorFamily.Classical).Select(one => one.Name)) + ".");
    }
}

/// <summary>
/// RAMODO with random nearest neighbour distances: initial scores choose outlier candidates, φ learns from triplets to set them apart, and
/// distances in the space of φ are the score. Both detectors can be others, which is the general framework.
/// </summary>
/// <remarks>Of the query set S of the paper's loss the code draws one sample per triplet, and so does this.</remarks>
internal sealed class Repen(RepenOptions options, DetectorOptions candidates, DetectorOptions scorer) : Detector
{
    private Detector? _scorer;
    private DenseNetwork? _network;
    private float[] _usual = [];

    public override int MinimumSamples
    {
        get
        {
            using Detector first = candidates.CreateDetector(), second = scorer.CreateDetector();
            return Math.Max(4, Math.Max(first.MinimumSamples, second.MinimumSamples));
        }
    }

    protected override void FitCore(Samples samples, FitContext context)
    {
        RequireKnown(samples.Count);
        FitContext silent = context with { Progress = null, CheckpointPath = null };
        float[] scores;
        using (Detector initial = candidates.CreateDetector())
        {
            initial.Fit(samples, silent);
            scores = initial.Score(samples);
        }
        Build(samples.Shape, context.CreateRandom(-1).Next());
        _usual = Occlusion.Mean(samples);
        Learn(samples, scores, context);
        _scorer = scorer.CreateDetector();
        _scorer.Fit(Codes(samples), silent);
    }

    // Objective: mean of max(0, m + ‖φ(q) − φ(x⁺)‖² − ‖φ(q) − φ(x⁻)‖²).
    private void Learn(Samples samples, float[] scores, FitContext context)
    {
        DenseNetwork network = _network!;
        TrainingLoop loop = new(DisplayName, samples, options, context, network);
        int[] rows = loop.LearntRows.ToArray();
        TripletSampler sampler = new(rows, [.. rows.Select(row => scores[row])], options.KnownOutliers);
        Optimizer optimizer = Optimizer.Create(options, network);
        int width = samples.Shape.Length, size = Math.Min(options.BatchSize, samples.Count);
        BestWeights best = new(network, stepsPerEpoch: (rows.Length - 1) / options.BatchSize + 1);
        int[] triplets = new int[3 * size];
        float[] batchValues = new float[3 * size * width], gradient = new float[3 * size * network.OutputSize];
        int seed = context.CreateRandom(-2).Next();
        double first = 0, last = 0;

        double Step(in TrainingBatch batch)
        {
            int count = batch.Count;
            Gather(count, new FitContext { Seed = seed }.CreateRandom(batch.Step));
            ReadOnlySpan<float> codes = network.Forward(batchValues.AsSpan(0, 3 * count * width), 3 * count);
            Span<float> slope = gradient.AsSpan(0, codes.Length);
            (double loss, int active) = TripletLoss.Of(codes, network.OutputSize, options.Margin, slope);
            network.Backward(slope);
            optimizer.Step();
            last = (double)active / count;
            if (batch.Step == 0) first = last;
            if (loop.HeldOutCount == 0) best.Watch(batch.Step, loss);
            return loss;
        }

        // Held-out samples are queries of triplets that are the same in every epoch.
        double Validation(ReadOnlySpan<float> values, int count)
        {
            Gather(count, new FitContext { Seed = seed }.CreateRandom(-1));
            values.CopyTo(batchValues);
            float[] codes = new float[3 * count * network.OutputSize];
            network.Infer(batchValues, 3 * count, codes);
            return TripletLoss.Of(codes, network.OutputSize, options.Margin, []).Loss;
        }

        void Gather(int count, Random random)
        {
            sampler.Draw(random, triplets.AsSpan(0, count), triplets.AsSpan(count, count), triplets.AsSpan(2 * count, count));
            for (int i = 0; i < 3 * count; i++) samples[triplets[i]].CopyTo(batchValues.AsSpan(i * width));
        }

        loop.Run(new TrainingPhase { Epochs = options.Epochs, Step = Step, Validation = Validation, Optimizers = [optimizer], Memory = best });
        if (loop.HeldOutCount == 0) best.Restore();
        context.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"{sampler.Candidates.Count} of {rows.Length} samples were outlier candidates; {first:P0} of the triplets were closer than the margin "
            + $"at first, {last:P0} at the end."));
        float[] learnt = Codes(samples).Values.ToArray();
        if (learnt.AsSpan().ContainsAnyExcept(learnt[0]) || samples.Values.Span.IndexOfAnyExcept(samples.Values.Span[0]) < 0) return;
        context.Warn(
            $"{DisplayName}: all samples have the same place in the learnt space: its units are dead. "
            + $"Try a smaller learningRate (it is {options.LearningRate}).");
    }

    protected override float[] ScoreCore(Samples samples) => _scorer!.Score(Codes(samples));

    /// <summary>What every value adds to the score, beside the mean of the training data.</summary>
    protected override float[] AttributeCore(Samples samples) => Occlusion.Attribute(samples, _usual, ScoreCore);

    protected override void WriteState(TensorState state)
    {
        state.AddPart("network", _network!.WriteState);
        state.AddPart("scorer", _scorer!.GetState());
        state.Set<float>("usual", _usual);
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        Build(shape, seed: 0);
        _network!.ReadState(state.GetPart("network"));
        _usual = state.Get<float>("usual", shape.Length);
        _scorer = scorer.CreateDetector();
        _scorer.SetState(state.GetPart("scorer"), new SampleShape(options.Latent));
    }

    protected override void Dispose(bool disposing)
    {
        _network?.Dispose();
        _scorer?.Dispose();
        base.Dispose(disposing);
    }

    private void RequireKnown(int count)
    {
        if (options.KnownOutliers.Any(row => row >= count))
        {
            throw new OptionException(
                $"Option 'knownOutliers' names sample {options.KnownOutliers.Max()}; allowed: 0 to {count - 1}, as {count} samples train.");
        }
        if (options.KnownOutliers.Distinct().Count() <= count / 2) return;
        throw new OptionException(
            $"Option 'knownOutliers' names {options.KnownOutliers.Distinct().Count()} of {count} training samples; allowed: at most half of them.");
    }

    private void Build(SampleShape shape, int seed)
    {
        _network?.Dispose();
        _scorer?.Dispose();
        (_network, _scorer) = (null, null);
        DenseLayer[] layers = [.. options.Hidden.Append(options.Latent).Select(width => new DenseLayer(width, Activation.Relu))];
        _network = new DenseNetwork(shape.Length, layers, seed);
    }

    private Samples Codes(Samples samples)
    {
        float[] codes = new float[samples.Count * options.Latent];
        _network!.Infer(samples.Values.Span, samples.Count, codes);
        return new Samples(codes, new SampleShape(options.Latent));
    }
}
