using System.Buffers;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Neighbors;
using AnomalySharp.Persistence;

namespace AnomalySharp.Detectors.Classical;

/// <summary>Options of <see cref="Lof"/>.</summary>
[Detector("lof", Family = DetectorFamily.Classical,
    Summary = "Where neighbours are farther apart than they are around those neighbours is abnormal.",
    Paper = "Breunig, Kriegel, Ng, Sander: LOF: Identifying Density-Based Local Outliers. SIGMOD 2000.")]
public sealed record LofOptions : DetectorOptions
{
    /// <summary>
    /// Neighbours that a density is measured by: MinPts of the paper. All others where there are fewer, with a warning. The default value is 20, as
    /// in scikit-learn.
    /// </summary>
    [Description("Neighbours that a density is measured by; all others where there are fewer."), Range(1, 10_000)]
    public int K { get; init; } = 20;

    /// <summary>How neighbours are looked for. The default value is exactly, except where that would take many minutes.</summary>
    [Description("How neighbours are looked for: exactly, approximately, or exactly except where that would take many minutes.")]
    public NeighborSearch Index { get; init; } = NeighborSearch.Auto;

    /// <inheritdoc/>
    protected override Detector Create() => new Lof(this);
}

/// <summary>
/// The local outlier factor: lrd(a) = 1 / mean over the k nearest b of max(k-distance(b), d(a, b)), the local reachability density (definition 6 of
/// the paper), and LOF(a) = mean of lrd(b) / lrd(a) (definition 7). About 1 inside a cluster of any density.
/// </summary>
/// <remarks>
/// Departures, as in scikit-learn: exactly k neighbours also where several are equally far away, and 10⁻¹⁰ is added to the mean reachability
/// distance, which is 0 among more than k duplicates. A training sample that is scored again is not its own neighbour, as with <see cref="Knn"/>.
/// </remarks>
public sealed class Lof(LofOptions options) : Detector
{
    private const double LeastReach = 1e-10;

    private NeighborIndex? _index;
    private float[] _kDistances = [];
    private double[] _densities = [];

    // The scores of the training samples are known when their densities are. To look one up takes less than to search its neighbours again.
    private KnownRows? _known;
    private float[] _knownScores = [];

    /// <inheritdoc/>
    protected override void FitCore(Samples samples, FitContext context)
    {
        int count = samples.Count, k = Math.Min(options.K, count - 1), step = Math.Max(4096, count / 20), units = (count + step - 1) / step;
        if (k < options.K) context.Warn($"{DisplayName}: k is {options.K}, and of {count} samples each has {k} others: they are taken.");
        NeighborIndex index = options.Index.Index(samples, context);
        int[] neighbors = new int[checked(count * k)];
        float[] distances = new float[neighbors.Length];
        for (int unit = 0; unit < units; unit++)
        {
            Samples part = samples.Slice(unit * step, Math.Min(step, count - unit * step));
            (int[] found, float[] squares) = index.SearchAll(part.Values, k, others: true, context.Threads, context.Cancellation);
            found.CopyTo(neighbors, unit * step * k);
            squares.CopyTo(distances, unit * step * k);
            context.Progress?.Report(new FitProgress("searching neighbours", unit + 1, units));
        }
        float[] kDistances = new float[count];
        for (int i = 0; i < count; i++) kDistances[i] = MathF.Sqrt(distances[i * k + k - 1]);
        double[] densities = new double[count];
        for (int i = 0; i < count; i++) densities[i] = Density(neighbors.AsSpan(i * k, k), distances.AsSpan(i * k, k), kDistances);
        (_index, _kDistances, _densities) = (index, kDistances, densities);
        _knownScores = new float[count];
        for (int i = 0; i < count; i++) _knownScores[i] = Factor(neighbors.AsSpan(i * k, k), densities[i]);
        _known = new KnownRows(samples.WithValues(samples.Values.ToArray(), samples.Shape));
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(Samples samples)
    {
        float[] scores = new float[samples.Count];
        List<int> unknown = [];
        for (int i = 0; i < scores.Length; i++)
        {
            int known = _known?.Find(samples[i]) ?? -1;
            if (known >= 0) scores[i] = _knownScores[known];
            else unknown.Add(i);
        }
        if (unknown.Count == 0) return scores;
        float[] searched = Search(unknown.Count == scores.Length ? samples : samples.Select([.. unknown]));
        for (int i = 0; i < searched.Length; i++) scores[unknown[i]] = searched[i];
        return scores;
    }

    private float[] Search(Samples samples)
    {
        int k = Math.Min(options.K, _index!.Count - 1);
        float[] scores = new float[samples.Count];
        int[] neighbors = ArrayPool<int>.Shared.Rent(checked(samples.Count * k));
        float[] squares = ArrayPool<float>.Shared.Rent(samples.Count * k);
        _index.SearchOthers(samples.Values.Span, k, neighbors, squares);
        for (int i = 0; i < scores.Length; i++)
        {
            ReadOnlySpan<int> nearest = neighbors.AsSpan(i * k, k);
            scores[i] = Factor(nearest, Density(nearest, squares.AsSpan(i * k, k), _kDistances));
        }
        ArrayPool<int>.Shared.Return(neighbors);
        ArrayPool<float>.Shared.Return(squares);
        return scores;
    }

    /// <summary>
    /// The mean over the k neighbours of the squared difference in each feature, in units of the neighbour's own k-distance: what makes a sample far
    /// away by the measure of its surroundings.
    /// </summary>
    /// <inheritdoc/>
    protected override float[] AttributeCore(Samples samples)
    {
        int k = Math.Min(options.K, _index!.Count - 1), width = samples.Shape.Length;
        float[] shares = new float[samples.Values.Length], weights = new float[k];
        int[] neighbors = new int[checked(samples.Count * k)];
        _index.SearchOthers(samples.Values.Span, k, neighbors, new float[neighbors.Length]);
        for (int i = 0; i < samples.Count; i++)
        {
            Span<int> nearest = neighbors.AsSpan(i * k, k);
            for (int b = 0; b < k; b++)
            {
                double unit = _kDistances[nearest[b]];
                weights[b] = (float)(1 / (k * Math.Max(unit * unit, LeastReach)));
            }
            _index.AddSquaredDifferences(samples[i], nearest, weights, shares.AsSpan(i * width, width));
        }
        return shares;
    }

    /// <inheritdoc/>
    protected override void WriteState(TensorState state)
    {
        _index!.WriteRows(state);
        state.Set<float>("k-distances", _kDistances);
        state.Set<double>("densities", _densities);
    }

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape)
    {
        Samples rows = NeighborIndex.ReadRows(state, shape, MinimumSamples);
        float[] kDistances = state.Get<float>("k-distances", rows.Count);
        double[] densities = state.Get<double>("densities", rows.Count);
        // A distance may be beyond float32, and a density 0 then; neither is NaN or negative.
        if (!kDistances.All(distance => distance >= 0) || !densities.All(density => density >= 0))
        {
            throw new ModelFileException("The model's densities are not all positive: the file was altered. Train the model again.");
        }
        (_index, _kDistances, _densities, _known) = (options.Index.Index(rows), kDistances, densities, null);
    }

    private float Factor(ReadOnlySpan<int> neighbors, double density)
    {
        double sum = 0;
        foreach (int neighbor in neighbors) sum += _densities[neighbor];
        return (float)(sum / neighbors.Length / density);
    }

    private static double Density(ReadOnlySpan<int> neighbors, ReadOnlySpan<float> squares, float[] kDistances)
    {
        double sum = 0;
        for (int b = 0; b < neighbors.Length; b++) sum += Math.Max(kDistances[neighbors[b]], MathF.Sqrt(squares[b]));
        return 1 / (sum / neighbors.Length + LeastReach);
    }
}
