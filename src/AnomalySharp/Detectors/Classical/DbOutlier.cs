using System.Buffers;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;
using AnomalySharp.Neighbors;
using AnomalySharp.Persistence;
using AnomalySharp.Thresholding;

namespace AnomalySharp.Detectors.Classical;

/// <summary>Options of <see cref="DbOutlier"/>.</summary>
[Detector("db-outlier", Family = DetectorFamily.Classical,
    Summary = "What few of the training samples lie within a given distance of is abnormal.",
    Paper = "Knorr, Ng: Algorithms for Mining Distance-Based Outliers in Large Datasets. VLDB 1998.")]
public sealed record DbOutlierOptions : DetectorOptions
{
    /// <summary>The distance D, in the units of the scaled features. The default value (null) takes it from <see cref="Quantile"/>.</summary>
    [Description("The distance within which samples are counted, in units of the scaled features; auto takes it from quantile."), Range(1e-9, 1e15)]
    public double? Radius { get; init; }

    /// <summary>
    /// Share of the pairs of training samples that are nearer than D. Not looked at where <see cref="Radius"/> is given. The default value is 0.1.
    /// </summary>
    [Description("Share of the pairs of training samples that are nearer than the distance; not looked at where radius is given.")]
    [Range(1e-4, 0.9999)]
    public double Quantile { get; init; } = 0.1;

    /// <summary>Training samples that are counted among: a random part where there are more. The default value is 10,000.</summary>
    [Description("Training samples that are counted among; a random part where there are more."), Range(2, 10_000_000)]
    public int MaxReferences { get; init; } = 10_000;

    /// <inheritdoc/>
    protected override Detector Create() => new DbOutlier(this);
}

/// <summary>
/// The share of the training samples that lie farther than D from a sample: it is a DB(p, D)-outlier, in Knorr and Ng's sense, where that is at least
/// p.
/// </summary>
/// <remarks>
/// Departures: the share itself is the score, so that p need not be chosen; D may come from a quantile of the distances of random pairs. A training
/// sample that is scored again is not counted, as with <see cref="Knn"/>.
/// </remarks>
public sealed class DbOutlier(DbOutlierOptions options) : Detector
{
    private const int Pairs = 20_000;

    private const int BlockQueries = 16;

    private Samples? _references;
    private TransposedRows? _transposed;

    /// <summary>The distance D that is used; 0 before training.</summary>
    public float Radius { get; private set; }

    /// <inheritdoc/>
    protected override void FitCore(Samples samples, FitContext context)
    {
        Samples references = RandomRows.AtMost(samples, options.MaxReferences, "maxReferences", context);
        if (ReferenceEquals(references, samples)) references = samples.WithValues(samples.Values.ToArray(), samples.Shape);
        Radius = (float)(options.Radius ?? QuantileOfPairs(references, context.CreateRandom(0)));
        SetReferences(references);
        if (options.Radius is null)
        {
            context.Note(string.Create(CultureInfo.InvariantCulture, $"{DisplayName}: samples within {Radius:G4} are counted."));
        }
        context.Progress?.Report(new FitProgress("choosing the radius", 1, 1));
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(Samples samples)
    {
        float[] scores = new float[samples.Count];
        int width = samples.Shape.Length, count = _transposed!.Count, padded = _transposed.PaddedCount;
        float[] distances = ArrayPool<float>.Shared.Rent(BlockQueries * padded);
        for (int start = 0; start < scores.Length; start += BlockQueries)
        {
            int size = Math.Min(BlockQueries, scores.Length - start);
            _transposed.SquaredDistances(samples.Values.Span.Slice(start * width, size * width), distances);
            for (int i = 0; i < size; i++)
            {
                ReadOnlySpan<float> row = distances.AsSpan(i * padded, count);
                int self = row.Contains(0f) ? 1 : 0, beyond = CountAbove(row, Radius * Radius);
                scores[start + i] = count == self ? 0 : (float)beyond / (count - self);
            }
        }
        ArrayPool<float>.Shared.Return(distances);
        return scores;
    }

    /// <summary>
    /// How much each feature makes up of the squared distances to the training samples beyond D: (x − r)² in the feature, divided by the squared
    /// distance, summed over them and divided by their number and that of the others. The contributions of a sample sum to its score.
    /// </summary>
    /// <inheritdoc/>
    protected override float[] AttributeCore(Samples samples)
    {
        int width = samples.Shape.Length, count = _references!.Count;
        float[] result = new float[samples.Values.Length];
        double[] sample = new double[width], difference = new double[width], sums = new double[width];
        for (int i = 0; i < samples.Count; i++)
        {
            TensorPrimitives.ConvertTruncating(samples[i], sample.AsSpan());
            Array.Clear(sums);
            int self = 0;
            for (int r = 0; r < count; r++)
            {
                TensorPrimitives.ConvertTruncating(_references[r], difference.AsSpan());
                TensorPrimitives.Subtract(sample, difference, difference);
                TensorPrimitives.Multiply(difference, difference, difference);
                double square = TensorPrimitives.Sum<double>(difference);
                if (square == 0) self = 1;
                if (square > (double)Radius * Radius) TensorPrimitives.MultiplyAdd(difference, 1 / square, sums, sums);
            }
            for (int j = 0; j < width; j++) result[i * width + j] = (float)(sums[j] / Math.Max(1, count - self));
        }
        return result;
    }

    /// <inheritdoc/>
    protected override void WriteState(TensorState state)
    {
        state.Set("rows", _references!.Values.Span, _references.Count, _references.Shape.Length);
        state.SetScalar("radius", Radius);
    }

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape)
    {
        float radius = state.GetScalar<float>("radius");
        if (!(radius >= 0)) throw new ModelFileException($"The model's radius is {radius}: the file was altered. Train the model again.");
        SetReferences(NeighborIndex.ReadRows(state, shape, fewest: 2));
        Radius = radius;
    }

    private void SetReferences(Samples references) =>
        (_references, _transposed) = (references, new TransposedRows(references.Values.Span, references.Shape.Length));

    private double QuantileOfPairs(Samples samples, Random random)
    {
        float[] distances = new float[Pairs];
        for (int pair = 0; pair < Pairs; pair++)
        {
            int a = random.Next(samples.Count), b = random.Next(samples.Count - 1);
            distances[pair] = TensorPrimitives.Distance(samples[a], samples[b < a ? b : b + 1]);
        }
        Array.Sort(distances);
        double radius = ThresholdRule.Quantile(distances, options.Quantile);
        // Where so many pairs are equal, the least distance there is between others.
        return radius > 0 ? radius : distances.FirstOrDefault(distance => distance > 0);
    }

    private static int CountAbove(ReadOnlySpan<float> values, float limit)
    {
        int i = 0, above = 0, lanes = Vector<float>.Count;
        Vector<int> counts = default;
        Vector<float> limits = new(limit);
        // What a comparison gives is −1 where it holds.
        for (; i <= values.Length - lanes; i += lanes) counts -= Vector.GreaterThan(new Vector<float>(values[i..]), limits);
        for (; i < values.Length; i++) above += values[i] > limit ? 1 : 0;
        return above + Vector.Sum(counts);
    }
}
