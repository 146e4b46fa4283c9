using System.Numerics.Tensors;
using AnomalySharp.Neighbors;

namespace AnomalySharp.Clustering;

/// <summary>
/// k-means: Lloyd's iteration (1982) from centres chosen by k-means++ (Arthur and Vassilvitskii 2007), several times; the run with the least sum of
/// squared distances counts.
/// </summary>
/// <param name="Centers">The centres of the clusters that are not empty, row-major.</param>
/// <param name="Sizes">Training samples of each.</param>
/// <param name="Inertia">The sum of squared distances to the nearest centre.</param>
internal sealed record KMeans(float[] Centers, int[] Sizes, double Inertia)
{
    private const int MostIterations = 300;

    // A run ends where the centres move by less than this part of the features' mean variance, as in scikit-learn.
    private const double Tolerance = 1e-4;

    // Sums are made in this many parts, whatever the number of threads: the result does not depend on it.
    private const int Parts = 16;

    /// <summary>Number of clusters: less than asked for where there are fewer different samples.</summary>
    public int Count => Sizes.Length;

    /// <summary>Finds at most <paramref name="clusters"/> clusters.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static KMeans Fit(Samples samples, int clusters, int runs, FitContext context)
    {
        double limit = Tolerance * MeanVariance(samples);
        KMeans? best = null;
        for (int run = 0; run < runs; run++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            float[] centers = Seed(samples, Math.Min(clusters, samples.Count), context.CreateRandom(run));
            KMeans result = Iterate(samples, centers, limit, context);
            if (best is null || result.Inertia < best.Inertia) best = result;
            context.Progress?.Report(new FitProgress("clustering", run + 1, runs));
        }
        context.Cancellation.ThrowIfCancellationRequested();
        return best!;
    }

    /// <summary>The cluster of each sample.</summary>
    public int[] Assign(Samples samples, FitContext context) => new NeighborIndex(Centers, samples.Shape.Length)
        .SearchAll(samples.Values, 1, others: false, context.Threads, context.Cancellation).Neighbors;

    internal static KMeans Iterate(Samples samples, float[] centers, double limit, FitContext context)
    {
        int width = samples.Shape.Length, count = centers.Length / width;
        for (int iteration = 0; ; iteration++)
        {
            (double[] sums, int[] sizes, double inertia, int[] farthest) = Assign(samples, centers, context);
            double moved = 0;
            if (iteration < MostIterations)
            {
                float[] next = new float[centers.Length];
                for (int c = 0, empty = 0; c < count; c++)
                {
                    // An empty cluster starts anew at a sample that is far from its centre.
                    if (sizes[c] == 0) samples[farthest[empty++ % farthest.Length]].CopyTo(next.AsSpan(c * width));
                    else for (int j = 0; j < width; j++) next[c * width + j] = (float)(sums[c * width + j] / sizes[c]);
                    double step = TensorPrimitives.Distance<float>(next.AsSpan(c * width, width), centers.AsSpan(c * width, width));
                    moved += step * step;
                }
                if (moved > limit)
                {
                    centers = next;
                    continue;
                }
            }
            int[] kept = [.. Enumerable.Range(0, count).Where(c => sizes[c] > 0)];
            return new KMeans([.. kept.SelectMany(c => centers.AsSpan(c * width, width).ToArray())], [.. kept.Select(c => sizes[c])], inertia);
        }
    }

    private static (double[] Sums, int[] Sizes, double Inertia, int[] Farthest) Assign(Samples samples, float[] centers, FitContext context)
    {
        int width = samples.Shape.Length, count = centers.Length / width, size = (samples.Count + Parts - 1) / Parts;
        NeighborIndex index = new(centers, width);
        double[][] sums = new double[Parts][];
        int[][] sizes = new int[Parts][];
        double[] inertia = new double[Parts];
        (float Square, int Row)[] farthest = new (float, int)[Parts];
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = context.Threads, CancellationToken = context.Cancellation };
        Parallel.For(0, Parts, parallel, part =>
        {
            (sums[part], sizes[part]) = (new double[centers.Length], new int[count]);
            int start = Math.Min(part * size, samples.Count), rows = Math.Min(size, samples.Count - start);
            int[] nearest = new int[rows];
            float[] squares = new float[rows];
            index.Search(samples.Values.Span.Slice(start * width, rows * width), 1, nearest, squares);
            for (int i = 0; i < rows; i++)
            {
                ReadOnlySpan<float> sample = samples[start + i];
                Span<double> sum = sums[part].AsSpan(nearest[i] * width, width);
                for (int j = 0; j < width; j++) sum[j] += sample[j];
                sizes[part][nearest[i]]++;
                inertia[part] += squares[i];
                if (squares[i] > farthest[part].Square) farthest[part] = (squares[i], start + i);
            }
        });
        for (int part = 1; part < Parts; part++)
        {
            TensorPrimitives.Add(sums[0], sums[part], sums[0]);
            TensorPrimitives.Add<int>(sizes[0], sizes[part], sizes[0]);
        }
        return (sums[0], sizes[0], inertia.Sum(), [.. farthest.OrderByDescending(far => far.Square).Select(far => far.Row)]);
    }

    /// <summary>k-means++: each next centre is a sample, drawn in proportion to its squared distance from the centres so far.</summary>
    private static float[] Seed(Samples samples, int clusters, Random random)
    {
        int width = samples.Shape.Length, last = random.Next(samples.Count);
        List<float> centers = [.. samples[last]];
        double[] squares = new double[samples.Count];
        Array.Fill(squares, double.PositiveInfinity);
        while (centers.Count < clusters * width)
        {
            double sum = 0;
            for (int i = 0; i < squares.Length; i++)
            {
                double distance = TensorPrimitives.Distance(samples[i], samples[last]);
                squares[i] = Math.Min(squares[i], distance * distance);
                sum += squares[i];
            }
            // Every sample is a centre already.
            if (!(sum > 0)) break;
            double drawn = random.NextDouble() * sum;
            last = Array.FindLastIndex(squares, square => square > 0);
            for (int i = 0; i < last; i++)
            {
                drawn -= squares[i];
                if (drawn < 0 && squares[i] > 0) last = i;
            }
            centers.AddRange(samples[last]);
        }
        return [.. centers];
    }

    private static double MeanVariance(Samples samples)
    {
        int width = samples.Shape.Length;
        double[] sums = new double[width], squares = new double[width];
        for (int i = 0; i < samples.Count; i++)
        {
            ReadOnlySpan<float> sample = samples[i], first = samples[0];
            for (int j = 0; j < width; j++)
            {
                // From the first sample on: values far from 0 would lose their variance to rounding.
                double value = (double)sample[j] - first[j];
                sums[j] += value;
                squares[j] += value * value;
            }
        }
        return Enumerable.Range(0, width).Average(j => Math.Max(0, squares[j] / samples.Count - sums[j] / samples.Count * (sums[j] / samples.Count)));
    }
}
