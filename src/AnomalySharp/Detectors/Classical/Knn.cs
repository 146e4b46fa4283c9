using System.Buffers;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Numerics.Tensors;
using AnomalySharp.Neighbors;
using AnomalySharp.Persistence;

namespace AnomalySharp.Detectors.Classical;

/// <summary>What becomes of the distances to the k nearest neighbours.</summary>
public enum KnnMethod
{
    /// <summary>The k-th, which is the largest (Ramaswamy, Rastogi and Shim 2000).</summary>
    Kth,

    /// <summary>Their mean (Angiulli and Pizzuti 2002).</summary>
    Mean,

    /// <summary>Their median.</summary>
    Median,
}

/// <summary>Options of <see cref="Knn"/>.</summary>
[Detector("knn", Family = DetectorFamily.Classical,
    Summary = "Far from its k nearest neighbours in the training data is abnormal.",
    Paper = "Ramaswamy, Rastogi, Shim: Efficient Algorithms for Mining Outliers from Large Data Sets. SIGMOD 2000.")]
public sealed record KnnOptions : DetectorOptions
{
    /// <summary>Neighbours that are looked at. The default value is 5, as in PyOD.</summary>
    [Description("Neighbours that are looked at."), Range(1, 10_000)]
    public int K { get; init; } = 5;

    /// <summary>What becomes of their distances. The default value is the k-th.</summary>
    [Description("The score: the distance to the k-th neighbour, or the mean or median of the k distances.")]
    public KnnMethod Method { get; init; } = KnnMethod.Kth;

    /// <summary>How neighbours are looked for. The default value is exactly, except where that would take many minutes.</summary>
    [Description("How neighbours are looked for: exactly, approximately, or exactly except where that would take many minutes.")]
    public NeighborSearch Index { get; init; } = NeighborSearch.Auto;

    /// <inheritdoc/>
    protected override Detector Create() => new Knn(this);
}

/// <summary>
/// Scores a sample by its Euclidean distance to the nearest training samples. Pictures and windows are taken as flat vectors.
/// </summary>
/// <remarks>
/// One training sample that is equal to the scored one, value by value, is passed over. So a training sample that is scored again is not its own
/// neighbour and gets the score that a leave-one-out search gives it (PyOD's <c>decision_scores_</c>); a new sample that happens to equal a
/// training sample is treated in the same way.
/// </remarks>
public sealed class Knn(KnnOptions options) : Detector
{
    private NeighborIndex? _index;

    /// <inheritdoc/>
    public override int MinimumSamples => options.K + 1;

    /// <inheritdoc/>
    protected override void FitCore(Samples samples, FitContext context)
    {
        _index = options.Index.Index(samples, context);
        context.Progress?.Report(new FitProgress("indexing", 1, 1));
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(Samples samples)
    {
        int k = options.K, count = samples.Count;
        float[] scores = new float[count];
        int[] neighbors = ArrayPool<int>.Shared.Rent(checked(count * k));
        float[] distances = ArrayPool<float>.Shared.Rent(count * k);
        _index!.SearchOthers(samples.Values.Span, k, neighbors, distances);
        for (int i = 0; i < count; i++)
        {
            Span<float> nearest = distances.AsSpan(i * k, k);
            TensorPrimitives.Sqrt(nearest, nearest);
            scores[i] = options.Method switch
            {
                KnnMethod.Mean => TensorPrimitives.Sum<float>(nearest) / k,
                KnnMethod.Median => (nearest[(k - 1) / 2] + nearest[k / 2]) / 2,
                _ => nearest[^1],
            };
        }
        ArrayPool<int>.Shared.Return(neighbors);
        ArrayPool<float>.Shared.Return(distances);
        return scores;
    }

    /// <summary>The mean over the k neighbours of the squared difference in each feature: its part of the mean squared distance.</summary>
    /// <inheritdoc/>
    protected override float[] AttributeCore(Samples samples)
    {
        int k = options.K, width = samples.Shape.Length;
        float[] shares = new float[samples.Values.Length], weights = new float[k];
        Array.Fill(weights, 1f / k);
        int[] neighbors = new int[checked(samples.Count * k)];
        _index!.SearchOthers(samples.Values.Span, k, neighbors, new float[neighbors.Length]);
        for (int i = 0; i < samples.Count; i++)
        {
            _index.AddSquaredDifferences(samples[i], neighbors.AsSpan(i * k, k), weights, shares.AsSpan(i * width, width));
        }
        return shares;
    }

    /// <inheritdoc/>
    protected override void WriteState(TensorState state) => _index!.WriteRows(state);

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape) =>
        _index = options.Index.Index(NeighborIndex.ReadRows(state, shape, MinimumSamples));
}
