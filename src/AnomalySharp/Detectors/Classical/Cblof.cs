using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Clustering;
using AnomalySharp.Persistence;

namespace AnomalySharp.Detectors.Classical;

/// <summary>Options of <see cref="Cblof"/>.</summary>
[Detector("cblof", Family = DetectorFamily.Classical,
    Summary = "Far from the centre of every large cluster of the training data is abnormal.",
    Paper = "He, Xu, Deng: Discovering Cluster-Based Local Outliers. Pattern Recognition Letters 24(9-10), 2003.")]
public sealed record CblofOptions : DetectorOptions
{
    /// <summary>Clusters; fewer where there are fewer different samples. The default value is 8, as in PyOD.</summary>
    [Description("Clusters; fewer where there are fewer different samples."), Range(1, 10_000)]
    public int Clusters { get; init; } = 8;

    /// <summary>The largest clusters that hold this share of the samples are large: α of the paper. The default value is 0.9.</summary>
    [Description("The largest clusters that together hold this share of the samples are large."), Range(0.5, 1)]
    public double Alpha { get; init; } = 0.9;

    /// <summary>
    /// As are those up to the first that has this many times the samples of the next smaller one: β of the paper. The default value is 5.
    /// </summary>
    [Description("Clusters down to the first that has this many times the samples of the next one are large."), Range(1.0, 1e9)]
    public double Beta { get; init; } = 5;

    /// <summary>
    /// Whether distances are multiplied with the size of the sample's cluster, as in the paper. The default value is no, as in PyOD: weighted, the
    /// members of a large cluster score higher than the anomalies in a small one.
    /// </summary>
    [Description("Whether distances are multiplied with the number of samples in the sample's own cluster, as in the paper.")]
    public bool Weighted { get; init; }

    /// <summary>Runs of k-means from random centres, of which the best counts. The default value is 5.</summary>
    [Description("Runs of k-means from random centres, of which the best counts."), Range(1, 1000)]
    public int Runs { get; init; } = 5;

    /// <inheritdoc/>
    protected override Detector Create() => new Cblof(this);
}

/// <summary>
/// The cluster-based local outlier factor (definition 3 of the paper): the distance of a sample of a large cluster to the centre of that, of a sample
/// of a small cluster to the nearest centre of a large one.
/// </summary>
/// <remarks>Departure: k-means in place of the paper's Squeezer, which is for categories; so does PyOD.</remarks>
public sealed class Cblof(CblofOptions options) : Detector
{
    private NearestCenters? _all, _large;
    private int[] _sizes = [];

    /// <summary>Number of large clusters; 0 before training.</summary>
    public int LargeClusters => _large?.Count ?? 0;

    /// <inheritdoc/>
    protected override void FitCore(Samples samples, FitContext context)
    {
        KMeans clusters = KMeans.Fit(samples, options.Clusters, options.Runs, context);
        int width = samples.Shape.Length;
        int[] order = [.. Enumerable.Range(0, clusters.Count).OrderByDescending(c => clusters.Sizes[c])];
        _sizes = [.. order.Select(c => clusters.Sizes[c])];
        float[] centers = [.. order.SelectMany(c => clusters.Centers.AsSpan(c * width, width).ToArray())];
        _all = new NearestCenters(centers, width);
        _large = new NearestCenters(centers.AsSpan(0, Clustering.LargeClusters.Count(_sizes, options.Alpha, options.Beta) * width), width);
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(Samples samples)
    {
        // Of a sample of a large cluster, its own is the nearest centre of a large one.
        float[] distances = _large!.Find(samples).Distances;
        if (!options.Weighted) return distances;
        int[] own = _all!.Find(samples).Centers;
        for (int i = 0; i < distances.Length; i++) distances[i] *= _sizes[own[i]];
        return distances;
    }

    /// <summary>The squared difference of each feature from the nearest centre of a large cluster.</summary>
    /// <inheritdoc/>
    protected override float[] AttributeCore(Samples samples) => _large!.SquaredDifferences(samples);

    /// <inheritdoc/>
    protected override void WriteState(TensorState state)
    {
        state.AddPart("centers", _all!.WriteState);
        state.Set<int>("sizes", _sizes);
        state.SetScalar("large", LargeClusters);
    }

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape)
    {
        TensorState part = state.GetPart("centers");
        NearestCenters all = NearestCenters.ReadState(part, shape);
        int[] sizes = state.Get<int>("sizes", all.Count);
        int large = state.GetScalar<int>("large");
        if (large < 1 || large > sizes.Length || sizes.Any(size => size < 1))
        {
            throw new ModelFileException($"The model has {large} large clusters of {sizes.Length}: the file was altered. Train the model again.");
        }
        (_all, _sizes) = (all, sizes);
        _large = new NearestCenters(part.Get<float>("rows").AsSpan(0, large * shape.Length), shape.Length);
    }
}
