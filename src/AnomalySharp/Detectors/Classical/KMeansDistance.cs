using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Clustering;
using AnomalySharp.Persistence;

namespace AnomalySharp.Detectors.Classical;

/// <summary>Options of <see cref="KMeansDistance"/>.</summary>
[Detector("k-means", Family = DetectorFamily.Classical,
    Summary = "Far from the centres of the clusters of the training data is abnormal.",
    Paper = "Lloyd: Least Squares Quantization in PCM. IEEE Transactions on Information Theory 28(2), 1982.")]
public sealed record KMeansDistanceOptions : DetectorOptions
{
    /// <summary>Clusters; fewer where there are fewer different samples. The default value is 8.</summary>
    [Description("Clusters; fewer where there are fewer different samples."), Range(1, 10_000)]
    public int Clusters { get; init; } = 8;

    /// <summary>Runs from random centres, of which the best counts. The default value is 5.</summary>
    [Description("Runs from random centres, of which the best counts."), Range(1, 1000)]
    public int Runs { get; init; } = 5;

    /// <summary>
    /// Clusters with a smaller share of the training samples are anomalies themselves, and distances are not measured from their centres. The default
    /// value is 0.02; 0 measures from all.
    /// </summary>
    [Description("Clusters with a smaller share of the samples are anomalies themselves: no distance is measured from their centres.")]
    [Range(0.0, 0.5)]
    public double SmallestCluster { get; init; } = 0.02;

    /// <inheritdoc/>
    protected override Detector Create() => new KMeansDistance(this);
}

/// <summary>The distance to the nearest centre that k-means finds.</summary>
/// <remarks>
/// k-means gives anomalies that are far enough a centre of their own, at distance 0: hence <see cref="KMeansDistanceOptions.SmallestCluster"/>. The
/// largest cluster always counts.
/// </remarks>
public sealed class KMeansDistance(KMeansDistanceOptions options) : Detector
{
    private NearestCenters? _centers;

    /// <summary>Centres that distances are measured from; 0 before training.</summary>
    public int Clusters => _centers?.Count ?? 0;

    /// <inheritdoc/>
    protected override void FitCore(Samples samples, FitContext context)
    {
        KMeans clusters = KMeans.Fit(samples, options.Clusters, options.Runs, context);
        double fewest = Math.Min(clusters.Sizes.Max(), options.SmallestCluster * samples.Count);
        int width = samples.Shape.Length;
        IEnumerable<int> kept = Enumerable.Range(0, clusters.Count).Where(c => clusters.Sizes[c] >= fewest);
        _centers = new NearestCenters([.. kept.SelectMany(c => clusters.Centers.Skip(c * width).Take(width))], width);
        if (_centers.Count < clusters.Count)
        {
            int small = clusters.Count - _centers.Count;
            context.Note($"{DisplayName}: {small} of {clusters.Count} clusters are smaller than smallestCluster and count as anomalies.");
        }
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(Samples samples) => _centers!.Find(samples).Distances;

    /// <summary>
    /// The squared difference of each feature from the nearest centre: the contributions of a sample sum to the square of its score.
    /// </summary>
    /// <inheritdoc/>
    protected override float[] AttributeCore(Samples samples) => _centers!.SquaredDifferences(samples);

    /// <inheritdoc/>
    protected override void WriteState(TensorState state) => _centers!.WriteState(state);

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape) => _centers = NearestCenters.ReadState(state, shape);
}
