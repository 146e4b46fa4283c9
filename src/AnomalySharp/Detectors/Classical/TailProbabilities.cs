using AnomalySharp.Persistence;

namespace AnomalySharp.Detectors.Classical;

/// <summary>
/// Empirical tail probabilities of each feature: the shares of the training samples at or below a value, and at or above it. A value beyond all of
/// them has the probability 1/n, as the outermost of them.
/// </summary>
internal sealed class TailProbabilities
{
    private readonly float[] _sorted;
    private readonly int[] _skewness;
    private readonly int _count;

    private TailProbabilities(float[] sorted, int[] skewness) =>
        (_sorted, _skewness, _count) = (sorted, skewness, sorted.Length / skewness.Length);

    /// <summary>Sorts every feature.</summary>
    public static TailProbabilities Fit(Samples samples, FitContext context)
    {
        int width = samples.Shape.Length, count = samples.Count, step = Math.Max(context.Threads, width / 20);
        float[] sorted = new float[samples.Values.Length];
        int[] skewness = new int[width];
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = context.Threads, CancellationToken = context.Cancellation };
        for (int start = 0; start < width; start += step)
        {
            int end = Math.Min(start + step, width);
            Parallel.For(start, end, parallel, j =>
            {
                ReadOnlySpan<float> values = samples.Values.Span;
                Span<float> column = sorted.AsSpan(j * count, count);
                for (int i = 0; i < count; i++) column[i] = values[i * width + j];
                column.Sort();
                skewness[j] = SignOfSkewness(column);
            });
            context.Progress?.Report(new FitProgress("sorting", end, width));
        }
        return new TailProbabilities(sorted, skewness);
    }

    /// <summary>−1 where the feature's distribution is longer to the left, 1 where to the right, 0 where it is symmetric or constant.</summary>
    public int Skewness(int feature) => _skewness[feature];

    /// <summary>−log of the probabilities of the left and of the right tail from <paramref name="value"/> on.</summary>
    public (double Left, double Right) Surprise(int feature, float value)
    {
        ReadOnlySpan<float> column = _sorted.AsSpan(feature * _count, _count);
        int below = column.BinarySearch(new Bound(value, AfterEqual: false)), upTo = column.BinarySearch(new Bound(value, AfterEqual: true));
        // The searches find nothing and give the complement of the place where it would be.
        double left = Math.Max(1, ~upTo), right = Math.Max(1, _count - ~below);
        return (-Math.Log(left / _count), -Math.Log(right / _count));
    }

    /// <summary>Stores the sorted features.</summary>
    public void WriteState(TensorState state)
    {
        state.Set<float>("sorted", _sorted, _skewness.Length, _count);
        state.Set<int>("skewness", _skewness);
    }

    /// <summary>Reads what <see cref="WriteState"/> wrote.</summary>
    public static TailProbabilities ReadState(TensorState state, int width)
    {
        int[] skewness = state.Get<int>("skewness", width);
        float[] sorted = state.Get<float>("sorted");
        if (sorted.Length == 0 || sorted.Length % width != 0)
        {
            throw new ModelFileException($"The model's {sorted.Length} sorted values are not as many for each of {width} features.");
        }
        for (int i = 1, count = sorted.Length / width; i < sorted.Length; i++)
        {
            if (i % count == 0 || sorted[i] >= sorted[i - 1]) continue;
            throw new ModelFileException("The model's sorted values are not sorted. Train the model again.");
        }
        return new TailProbabilities(sorted, skewness);
    }

    private static int SignOfSkewness(ReadOnlySpan<float> column)
    {
        if (column[0] == column[^1]) return 0;
        double mean = 0, third = 0;
        foreach (float value in column) mean += value;
        mean /= column.Length;
        foreach (float value in column) third += Math.Pow(value - mean, 3);
        return Math.Sign(third);
    }

    /// <summary>A place just before or just after the values equal to one: never equal to any.</summary>
    private readonly record struct Bound(float Value, bool AfterEqual) : IComparable<float>
    {
        public int CompareTo(float other) => Value > other || (AfterEqual && Value == other) ? 1 : -1;
    }
}
