using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Persistence;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Detectors.Classical;

/// <summary>Options of <see cref="IsolationForest"/>.</summary>
[Detector("isolation-forest", Family = DetectorFamily.Classical,
    Summary = "What random splits set apart from the other samples after few steps is abnormal.",
    Paper = "Liu, Ting, Zhou: Isolation Forest. ICDM 2008.")]
public sealed record IsolationForestOptions : DetectorOptions
{
    /// <summary>Number of trees. The default value is 100.</summary>
    [Description("Number of trees."), Range(1, 100_000)]
    public int Trees { get; init; } = 100;

    /// <summary>Random samples that each tree is grown on; all of them where there are fewer. The default value is 256.</summary>
    [Description("Random samples that each tree is grown on; all of them where there are fewer."), Range(2, 1_000_000)]
    public int SamplesPerTree { get; init; } = 256;

    /// <summary>None: a split depends only on where a value lies between the least and the greatest.</summary>
    public override FeatureScaling PreferredScaling => FeatureScaling.None;

    /// <inheritdoc/>
    protected override Detector Create() => new IsolationForest(this);
}

/// <summary>
/// Grows trees that split random features at random thresholds, each on a few random samples. A sample's score is 2^(−E(h)/c(ψ)): h is the length
/// of its path down a tree, E the mean over trees, and c(ψ) the mean path length for ψ samples (equation 2 of the paper). 0.5 is usual, close to
/// 1 is abnormal.
/// </summary>
/// <remarks>
/// As in scikit-learn, features that are constant among the samples of a node are not candidates for its split. Every tree has its own random
/// sequence, so scores do not depend on the number of threads.
/// </remarks>
public sealed class IsolationForest(IsolationForestOptions options) : Detector
{
    private IsolationTrees? _trees;
    private double _usualLength;

    /// <inheritdoc/>
    protected override void FitCore(Samples samples, FitContext context)
    {
        int size = Math.Min(options.SamplesPerTree, samples.Count), total = options.Trees;
        IsolationNode[][] trees = new IsolationNode[total][];
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = context.Threads, CancellationToken = context.Cancellation };
        int step = Math.Max(total / 20, context.Threads);
        for (int start = 0; start < total; start += step)
        {
            int end = Math.Min(start + step, total);
            Parallel.For(start, end, parallel, tree => trees[tree] = IsolationTree.Grow(samples, size, context.CreateRandom(tree)));
            context.Progress?.Report(new FitProgress("growing trees", end, total));
        }
        _trees = IsolationTrees.Join(trees, samples.Shape.Length);
        _usualLength = IsolationTrees.MeanPathLength(size);
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(Samples samples)
    {
        float[] scores = new float[samples.Count];
        _trees!.MeanPathLengths(samples.Values.Span, scores);
        foreach (ref float score in scores.AsSpan()) score = (float)Math.Pow(2, -score / _usualLength);
        return scores;
    }

    /// <summary>
    /// How much shorter than usual the splits of each feature made the path: at each split that the sample passes, the fall of the expected length of
    /// the rest of its path, less the step itself, in units of c(ψ). The contributions of a sample sum to 1 + log₂(score). Features that
    /// make a sample look usual are negative.
    /// </summary>
    /// <remarks>
    /// The decision path contributions of Saabas (2014) and Palczewska et al. (2013), with the expected path length in place of the mean response.
    /// </remarks>
    /// <inheritdoc/>
    protected override float[] AttributeCore(Samples samples)
    {
        int width = samples.Shape.Length;
        float[] result = new float[samples.Values.Length];
        double[] contributions = new double[width];
        for (int i = 0; i < samples.Count; i++)
        {
            Array.Clear(contributions);
            _trees!.AddContributions(samples[i], contributions);
            for (int j = 0; j < width; j++) result[i * width + j] = (float)(contributions[j] / _usualLength);
        }
        return result;
    }

    /// <inheritdoc/>
    protected override void WriteState(TensorState state)
    {
        _trees!.WriteState(state);
        state.SetScalar("usual-length", _usualLength);
    }

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape)
    {
        double usual = state.GetScalar<double>("usual-length");
        if (!(usual >= 1 && usual < 1000))
        {
            throw new ModelFileException($"The model's usual path length is {usual}: the file was altered. Train the model again.");
        }
        _trees = IsolationTrees.ReadState(state, options.Trees, shape.Length);
        _usualLength = usual;
    }
}
