using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Clustering;
using AnomalySharp.Detectors.Reconstruction;
using AnomalySharp.Explanation;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.FeatureLearning;

/// <summary>What of the clusters makes a sample abnormal.</summary>
public enum ClusterScore
{
    /// <summary>
    /// The distance of its code to the nearest centre of a large cluster (He, Xu, Deng 2003: those that hold nine tenths, or are five times as
    /// large as the next).
    /// </summary>
    CenterDistance,

    /// <summary>1 less its greatest share in a cluster, shares falling with the squared distance as those of Student's t.</summary>
    Membership,

    /// <summary>The share of training samples that are not in its cluster.</summary>
    ClusterSize,
}

/// <summary>What the methods that learn codes for k-means can be told.</summary>
public abstract record DeepClusteringOptions : ReconstructionOptions
{
    /// <summary>Clusters at most. The default value is 5.</summary>
    [Description("Clusters at most."), Range(1, 10_000)]
    public int Clusters { get; init; } = 5;

    /// <summary>What makes a sample abnormal. The default value is <see cref="ClusterScore.CenterDistance"/>.</summary>
    [Description("The score: distance to the nearest centre of a large cluster, lack of membership, or smallness of the cluster.")]
    public ClusterScore Score { get; init; } = ClusterScore.CenterDistance;

    /// <summary>Passes that follow the autoencoder's <see cref="NetworkDetectorOptions.Epochs"/>. The default value, null, is as many.</summary>
    [Description("Passes of learning codes and clusters together, after the epochs of the autoencoder alone; auto = epochs."), Range(1, 1_000_000)]
    public int? ClusteringEpochs { get; init; }
}

/// <summary>
/// What DEC and DCN share: an autoencoder is trained, k-means finds clusters of its codes, and both are then learnt together; scores from the
/// clusters of the training samples as they are in the end.
/// </summary>
internal abstract class DeepClustering(DeepClusteringOptions options) : ReconstructionDetector(options)
{
    // Shares of He, Xu and Deng.
    private const double LargeShare = 0.9, LargeRatio = 5;

    private const int KMeansRuns = 10;

    private SquaredDistances? _distances;
    private int[] _sizes = [];
    private float[] _usual = [];

    /// <summary>‖z − μ‖² of codes from the centres, once k-means has run.</summary>
    protected SquaredDistances Distances => _distances!;

    /// <summary>Passes of learning together.</summary>
    protected int ClusteringEpochs => options.ClusteringEpochs ?? options.Epochs;

    protected override IReadOnlyList<Network> TrainedNetworks => [.. Networks.Both, Distances];

    /// <summary>The phase in which codes and clusters are learnt together; its start is <see cref="Cluster"/>.</summary>
    protected abstract TrainingPhase Together(Samples samples, FitContext context);

    protected override void FitCore(Samples samples, FitContext context)
    {
        _usual = Occlusion.Mean(samples);
        base.FitCore(samples, context);
        float[] squares = SquaresOf(samples);
        _sizes = new int[Distances.OutputSize];
        for (int i = 0; i < samples.Count; i++) _sizes[Nearest(squares.AsSpan(i * _sizes.Length, _sizes.Length))]++;
    }

    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        Place(new SquaredDistances(Networks.Encoder.OutputSize, Math.Min(options.Clusters, samples.Count)));
        return [ReconstructionPhase.Create(Networks, samples, options) with { Name = "pre-training" }, Together(samples, context)];
    }

    /// <summary>Puts the centres where k-means finds clusters of the codes; of fewer clusters than centres, some centres are the same.</summary>
    /// <returns>Samples of each cluster.</returns>
    protected int[] Cluster(Samples samples, FitContext context)
    {
        int k = Networks.Encoder.OutputSize;
        float[] codes = new float[samples.Count * k];
        Networks.Encoder.Infer(samples.Values.Span, samples.Count, codes);
        KMeans clusters = KMeans.Fit(new Samples(codes, new SampleShape(k)), Distances.OutputSize, KMeansRuns, context with { Progress = null });
        int[] sizes = new int[Distances.OutputSize];
        for (int c = 0; c < sizes.Length; c++)
        {
            clusters.Centers.AsSpan(c % clusters.Count * k, k).CopyTo(Distances.Parameters.Values[(c * k)..]);
            sizes[c] = clusters.Sizes[c % clusters.Count];
        }
        return sizes;
    }

    protected override float[] ScoreCore(Samples samples)
    {
        int count = _sizes.Length;
        float[] squares = SquaresOf(samples), scores = new float[samples.Count];
        int total = _sizes.Sum();
        int[] falling = [.. Enumerable.Range(0, count).OrderByDescending(c => _sizes[c])];
        int[] large = falling[..LargeClusters.Count([.. falling.Select(c => _sizes[c]).Where(size => size > 0)], LargeShare, LargeRatio)];
        for (int i = 0; i < scores.Length; i++)
        {
            Span<float> row = squares.AsSpan(i * count, count);
            scores[i] = options.Score switch
            {
                ClusterScore.Membership => 1 - Shares(row),
                ClusterScore.ClusterSize => 1 - (float)_sizes[Nearest(row)] / total,
                _ => NearestOf(row, large),
            };
        }
        return scores;

        static float NearestOf(ReadOnlySpan<float> squares, int[] centers)
        {
            float least = float.PositiveInfinity;
            foreach (int c in centers) least = Math.Min(least, squares[c]);
            return MathF.Sqrt(least);
        }
    }

    /// <summary>What every value adds to the score, or to the squared distance, beside the mean of the training data.</summary>
    /// <remarks>Squared, since near a centre the distance itself changes by much with every small difference.</remarks>
    protected override float[] AttributeCore(Samples samples) => Occlusion.Attribute(samples, _usual, part =>
    {
        float[] scores = ScoreCore(part);
        if (options.Score != ClusterScore.CenterDistance) return scores;
        foreach (ref float score in scores.AsSpan()) score *= score;
        return scores;
    });

    protected override void WriteState(TensorState state)
    {
        base.WriteState(state);
        state.Set<float>("centers", Distances.Parameters.Values, Distances.OutputSize, Distances.InputSize);
        state.Set<int>("sizes", _sizes);
        state.Set<float>("usual", _usual);
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        base.ReadState(state, shape);
        int[] sizes = state.Get<int>("sizes");
        if (sizes.Any(size => size < 0) || sizes.All(size => size == 0)) throw new ModelFileException("The model has no clusters: it was altered.");
        SquaredDistances distances = new(Networks.Encoder.OutputSize, sizes.Length);
        try
        {
            distances.ReadState(state);
        }
        catch
        {
            distances.Dispose();
            throw;
        }
        Place(distances);
        (_sizes, _usual) = (sizes, state.Get<float>("usual", shape.Length));
    }

    protected override void Dispose(bool disposing)
    {
        _distances?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Replaces squared distances by shares q ∝ 1/(1 + ‖z − μ‖²).</summary>
    /// <returns>The greatest.</returns>
    internal static float Shares(Span<float> squares)
    {
        float sum = 0;
        double least = System.Numerics.Tensors.TensorPrimitives.Min<float>(squares);
        // Relative to the nearest centre: far outside, all of 1/(1 + d) are 0.
        foreach (ref float value in squares)
        {
            value = !float.IsInfinity(value) ? (float)((1 + least) / (1 + (double)value)) : double.IsInfinity(least) ? 1 : 0;
            sum += value;
        }
        foreach (ref float value in squares) value /= sum;
        return System.Numerics.Tensors.TensorPrimitives.Max<float>(squares);
    }

    /// <summary>The cluster with the least squared distance.</summary>
    protected static int Nearest(ReadOnlySpan<float> squares) => System.Numerics.Tensors.TensorPrimitives.IndexOfMin(squares);

    private float[] SquaresOf(Samples samples)
    {
        float[] codes = new float[samples.Count * Networks.Encoder.OutputSize], squares = new float[samples.Count * Distances.OutputSize];
        Networks.Encoder.Infer(samples.Values.Span, samples.Count, codes);
        Distances.Infer(codes, samples.Count, squares);
        return squares;
    }

    private void Place(SquaredDistances distances)
    {
        _distances?.Dispose();
        _distances = distances;
    }
}
