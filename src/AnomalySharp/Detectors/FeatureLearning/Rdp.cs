using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Explanation;
using AnomalySharp.Persistence;

namespace AnomalySharp.Detectors.FeatureLearning;

/// <summary>Options of the detector <c>rdp</c>; defaults are those of the authors' code.</summary>
[Detector(
    "rdp",
    Family = DetectorFamily.FeatureLearning,
    Summary = "Learns to predict distances in random projections; where the prediction fails is abnormal.",
    Paper = "Wang, Pang, Shen, Ma: Unsupervised Representation Learning by Predicting Random Distances. IJCAI 2020")]
public sealed record RdpOptions : DetectorOptions
{
    /// <summary>Pairs of a random and a learnt projection that are averaged over. The default value is 30.</summary>
    [Description("Pairs of a random and a learnt projection that are averaged over."), Range(1, 10_000)]
    public int Members { get; init; } = 30;

    /// <summary>Values that a projection gives. The default value is 50.</summary>
    [Description("Values that a projection gives."), Range(1, 65_536)]
    public int Outputs { get; init; } = 50;

    /// <summary>Whether products of pairs of samples are predicted: L_rdp of the paper. The default value is true.</summary>
    [Description("Whether products of pairs of projected samples are predicted.")]
    public bool DistanceLoss { get; init; } = true;

    /// <summary>Whether the projected sample itself is predicted: the auxiliary loss of the paper. The default value is true.</summary>
    [Description("Whether the projected sample itself is predicted, too.")]
    public bool AuxiliaryLoss { get; init; } = true;

    /// <summary>
    /// Whether projections are divided by their ℓ1 norm before products are taken, as in the code; not so in the paper. The default value is true.
    /// </summary>
    [Description("Whether projections are divided by their l1 norm before products are taken.")]
    public bool Normalized { get; init; } = true;

    /// <summary>Passes of training. The default value is 200.</summary>
    [Description("Passes of training, of batchesPerEpoch batches each."), Range(1, 1_000_000)]
    public int Epochs { get; init; } = 200;

    /// <summary>Batches in a pass. The default value is 30.</summary>
    [Description("Batches in a pass."), Range(1, 1_000_000)]
    public int BatchesPerEpoch { get; init; } = 30;

    /// <summary>Samples in a batch, drawn with replacement. The default value is 192.</summary>
    [Description("Samples in a batch, drawn with replacement."), Range(2, 1_000_000)]
    public int BatchSize { get; init; } = 192;

    /// <summary>Step size of stochastic gradient descent. The default value is 0.1.</summary>
    [Description("Step size of stochastic gradient descent."), Range(1e-8, 10)]
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Its momentum. The default value is 0.9.</summary>
    [Description("Momentum of stochastic gradient descent."), Range(0, 0.9999)]
    public double Momentum { get; init; } = 0.9;

    /// <summary>Norm that gradients are cut to. The default value is 0.1.</summary>
    [Description("Norm that gradients are cut to."), Range(1e-6, 1e6)]
    public double GradientNorm { get; init; } = 0.1;

    /// <summary>Share of the learnt projection's values that is dropped in training. The default value is 0.1.</summary>
    [Description("Share of the learnt projection's values that is dropped in training."), Range(0, 0.95)]
    public double Dropout { get; init; } = 0.1;

    /// <summary>
    /// Random samples, drawn with replacement, that a member learns from. The default value is 10,000, also where there are fewer: a member then sees
    /// nearly all of them, and none scores high only because it was left out.
    /// </summary>
    [Description("Samples, drawn with replacement, that a member learns from."), Range(2, 100_000_000)]
    public int Bootstrap { get; init; } = 10_000;

    /// <summary>
    /// Rounds of a member; after each, what it finds most abnormal is left out and a new pair learns from the rest. The default value is 1.
    /// </summary>
    [Description("Rounds of a member: after each, the most abnormal samples are left out and a new pair learns from the rest."), Range(1, 100)]
    public int Levels { get; init; } = 1;

    /// <summary>Share of its samples that a round leaves out. The default value is 0.05.</summary>
    [Description("Share of its samples that a round leaves out; ignored with levels=1."), Range(0.001, 0.5)]
    public double Filtered { get; init; } = 0.05;

    /// <summary>Training samples that a scored one is paired with. The default value is 8; the code draws one anew at each scoring.</summary>
    [Description("Training samples that a scored one is paired with."), Range(1, 10_000)]
    public int Partners { get; init; } = 8;

    /// <inheritdoc/>
    protected override Detector Create() => DistanceLoss || AuxiliaryLoss
        ? new Rdp(this)
        : throw new OptionException("Without distanceLoss and auxiliaryLoss there is nothing to learn: leave one of them on.");
}

/// <summary>
/// An ensemble of <see cref="RandomDistancePair"/>: a network φ learns what a random network η of the same shape makes of samples and of pairs of
/// them. The score is the mean over the members of φ's error.
/// </summary>
/// <remarks>Departure: with several levels the score is the mean over all of them; the authors' test code looks at the first alone.</remarks>
internal sealed class Rdp(RdpOptions options) : Detector
{
    private RandomDistancePair[] _pairs = [];
    private float[] _usual = [];

    protected override void FitCore(Samples samples, FitContext context)
    {
        Release();
        _usual = Occlusion.Mean(samples);
        RandomDistancePair[][] members = new RandomDistancePair[options.Members][];
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = context.Threads, CancellationToken = context.Cancellation };
        try
        {
            for (int done = 0; done < members.Length;)
            {
                int end = Math.Min(done + context.Threads, members.Length);
                Parallel.For(done, end, parallel, member => members[member] = Train(samples, context.CreateRandom(member), context.Cancellation));
                done = end;
                context.Progress?.Report(new FitProgress("training members", done, members.Length));
            }
        }
        catch (AggregateException several) when (several.InnerExceptions[0] is TrainingException diverged)
        {
            throw new TrainingException($"{DisplayName}: {diverged.Message}", several);
        }
        _pairs = [.. members.SelectMany(member => member)];
    }

    private RandomDistancePair[] Train(Samples samples, Random random, CancellationToken cancellation)
    {
        int[] rows = new int[options.Bootstrap];
        for (int i = 0; i < rows.Length; i++) rows[i] = random.Next(samples.Count);
        RandomDistancePair[] levels = new RandomDistancePair[options.Levels];
        for (int level = 0; level < levels.Length; level++)
        {
            levels[level] = RandomDistancePair.Create(samples, rows, options, random);
            levels[level].Train(samples, rows, random, cancellation);
            if (level + 1 < levels.Length) rows = Usual(samples, rows, levels[level]);
        }
        return levels;
    }

    /// <summary>The rows without the share that scores highest; at least two.</summary>
    private int[] Usual(Samples samples, int[] rows, RandomDistancePair pair)
    {
        int[] distinct = [.. rows.Distinct()];
        double[] scores = new double[distinct.Length];
        pair.AddScores(samples.Select(distinct), scores);
        Dictionary<int, double> scoreOf = distinct.Zip(scores).ToDictionary(one => one.First, one => one.Second);
        int kept = Math.Max(2, rows.Length - (int)Math.Ceiling(options.Filtered * rows.Length));
        return [.. rows.OrderBy(row => scoreOf[row]).Take(kept)];
    }

    protected override float[] ScoreCore(Samples samples)
    {
        double[] sums = new double[samples.Count];
        foreach (RandomDistancePair pair in _pairs) pair.AddScores(samples, sums);
        return [.. sums.Select(sum => (float)(sum / _pairs.Length))];
    }

    /// <summary>What every value adds to the error, beside the mean of the training data.</summary>
    protected override float[] AttributeCore(Samples samples) => Occlusion.Attribute(samples, _usual, ScoreCore);

    protected override void WriteState(TensorState state)
    {
        for (int i = 0; i < _pairs.Length; i++) state.AddPart($"pair{i + 1}", _pairs[i].State());
        state.Set<float>("usual", _usual);
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        Release();
        _usual = state.Get<float>("usual", shape.Length);
        List<RandomDistancePair> pairs = [];
        for (int i = 1; i <= options.Members * options.Levels; i++)
        {
            pairs.Add(RandomDistancePair.Read(state.GetPart($"pair{i}"), shape, options));
            _pairs = [.. pairs];
        }
    }

    protected override void Dispose(bool disposing)
    {
        Release();
        base.Dispose(disposing);
    }

    private void Release()
    {
        foreach (RandomDistancePair pair in _pairs) pair.Dispose();
        _pairs = [];
    }
}
