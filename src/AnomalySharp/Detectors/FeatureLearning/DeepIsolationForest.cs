using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Detectors.Classical;
using AnomalySharp.Explanation;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;

namespace AnomalySharp.Detectors.FeatureLearning;

/// <summary>Options of the detector <c>deep-isolation-forest</c>; defaults are those of the paper.</summary>
[Detector(
    "deep-isolation-forest",
    Family = DetectorFamily.FeatureLearning,
    Summary = "What random splits of random networks' outputs set apart after few steps, and by much, is abnormal.",
    Paper = "Xu, Pang, Wang, Wang: Deep Isolation Forest for Anomaly Detection. IEEE TKDE 35 (2023)")]
public sealed record DeepIsolationForestOptions : DetectorOptions
{
    /// <summary>Random networks. The default value is 50.</summary>
    [Description("Random networks."), Range(1, 10_000)]
    public int Representations { get; init; } = 50;

    /// <summary>Trees on what each network makes of the samples. The default value is 6.</summary>
    [Description("Isolation trees on what each network makes of the samples."), Range(1, 10_000)]
    public int Trees { get; init; } = 6;

    /// <summary>ψ: random samples that each tree is grown on; all of them where there are fewer. The default value is 256.</summary>
    [Description("Random samples that each tree is grown on; all of them where there are fewer."), Range(2, 1_000_000)]
    public int SamplesPerTree { get; init; } = 256;

    /// <summary>Widths of the networks' hidden layers, with tanh. The default value is 100 and 50.</summary>
    [Description("Widths of the networks' hidden layers."), Range(1, 65_536)]
    public IReadOnlyList<int> Hidden { get; init; } = [100, 50];

    /// <summary>Values that a network gives. The default value is 20.</summary>
    [Description("Values that a network gives."), Range(1, 65_536)]
    public int Latent { get; init; } = 20;

    /// <summary>
    /// Whether scores are multiplied with how far samples are from the thresholds on their paths: DEAS of the paper. The default value is true.
    /// </summary>
    [Description("Whether scores are multiplied with how far samples are from the thresholds on their paths.")]
    public bool Deviations { get; init; } = true;

    /// <inheritdoc/>
    protected override Detector Create() => new DeepIsolationForest(this);
}

/// <summary>
/// Networks with weights N(0, 1) that nobody trains, and isolation trees on their outputs. The score is the mean over the networks of
/// 2^(−E(h)/c(ψ)), times the mean distance |x_j − η| from the thresholds η on the paths.
/// </summary>
/// <remarks>
/// Networks have no biases; every network and its trees have a random sequence of their own, so scores do not depend on the number of threads.
/// </remarks>
internal sealed class DeepIsolationForest(DeepIsolationForestOptions options) : Detector
{
    private (DenseNetwork Network, IsolationTrees Trees)[] _members = [];
    private double _usualLength;
    private float[] _usual = [];

    protected override void FitCore(Samples samples, FitContext context)
    {
        Release();
        int size = Math.Min(options.SamplesPerTree, samples.Count), total = options.Representations;
        (DenseNetwork, IsolationTrees)[] members = new (DenseNetwork, IsolationTrees)[total];
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = context.Threads, CancellationToken = context.Cancellation };
        int step = Math.Max(total / 20, context.Threads);
        for (int start = 0; start < total; start += step)
        {
            int end = Math.Min(start + step, total);
            Parallel.For(start, end, parallel, member => members[member] = Grow(samples, size, context.CreateRandom(member)));
            context.Progress?.Report(new FitProgress("growing trees", end, total));
        }
        _members = members;
        _usualLength = IsolationTrees.MeanPathLength(size);
        _usual = Occlusion.Mean(samples);
    }

    private (DenseNetwork, IsolationTrees) Grow(Samples samples, int size, Random random)
    {
        DenseNetwork network = RandomWeights.Create(samples.Shape.Length, Layers, _ => 1, random);
        IsolationNode[][] trees = new IsolationNode[options.Trees][];
        for (int tree = 0; tree < trees.Length; tree++)
        {
            // A tree sees no more than its own samples: nothing else has to be mapped.
            Samples drawn = Map(network, samples.Select(RandomRows.Draw(samples.Count, size, random)));
            trees[tree] = IsolationTree.Grow(drawn, size, random);
        }
        return (network, IsolationTrees.Join(trees, options.Latent));
    }

    protected override float[] ScoreCore(Samples samples)
    {
        double[] sums = new double[samples.Count];
        float[] lengths = new float[samples.Count], deviations = new float[samples.Count];
        foreach ((DenseNetwork network, IsolationTrees trees) in _members)
        {
            ReadOnlySpan<float> codes = Map(network, samples).Values.Span;
            trees.MeanPathLengths(codes, lengths);
            if (options.Deviations) trees.MeanDeviations(codes, deviations);
            for (int i = 0; i < sums.Length; i++) sums[i] += Math.Pow(2, -lengths[i] / _usualLength) * (options.Deviations ? deviations[i] : 1);
        }
        return [.. sums.Select(sum => (float)(sum / _members.Length))];
    }

    /// <summary>What every value adds to the score, beside the mean of the training data.</summary>
    protected override float[] AttributeCore(Samples samples) => Occlusion.Attribute(samples, _usual, ScoreCore);

    protected override void WriteState(TensorState state)
    {
        for (int i = 0; i < _members.Length; i++)
        {
            state.AddPart($"network{i + 1}", _members[i].Network.WriteState);
            state.AddPart($"trees{i + 1}", _members[i].Trees.WriteState);
        }
        state.SetScalar("usual-length", _usualLength);
        state.Set<float>("usual", _usual);
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        Release();
        double usualLength = state.GetScalar<double>("usual-length");
        if (!(usualLength >= 1 && usualLength < 1000))
        {
            throw new ModelFileException($"The model's usual path length is {usualLength}: the file was altered. Train the model again.");
        }
        (_usualLength, _usual) = (usualLength, state.Get<float>("usual", shape.Length));
        List<(DenseNetwork, IsolationTrees)> members = [];
        for (int i = 1; i <= options.Representations; i++)
        {
            IsolationTrees trees = IsolationTrees.ReadState(state.GetPart($"trees{i}"), options.Trees, options.Latent);
            DenseNetwork network = new(shape.Length, Layers);
            members.Add((network, trees));
            _members = [.. members];
            network.ReadState(state.GetPart($"network{i}"));
        }
    }

    protected override void Dispose(bool disposing)
    {
        Release();
        base.Dispose(disposing);
    }

    private DenseLayer[] Layers =>
        [.. options.Hidden.Select(width => new DenseLayer(width, Activation.Tanh) { Bias = false }), new DenseLayer(options.Latent) { Bias = false }];

    private Samples Map(DenseNetwork network, Samples samples)
    {
        float[] codes = new float[samples.Count * options.Latent];
        network.Infer(samples.Values.Span, samples.Count, codes);
        return new Samples(codes, new SampleShape(options.Latent));
    }

    private void Release()
    {
        foreach ((DenseNetwork network, _) in _members) network.Dispose();
        _members = [];
    }
}
