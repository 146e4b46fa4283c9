using System.Numerics.Tensors;
using AnomalySharp.FeatureExtraction;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Sequences;

/// <summary>What a detector of windows says of the rows that they cover.</summary>
/// <param name="detector">A trained detector.</param>
/// <param name="features">What extracts the features that it sees; null where it sees windows.</param>
/// <param name="scaler">How it wants what it sees scaled.</param>
/// <param name="rows">All rows, of the shape <c>[d]</c>, or frames <c>[c,h,w]</c>, not scaled.</param>
/// <param name="threads">Most threads to use at once.</param>
/// <param name="cancellation">Stops between blocks.</param>
internal sealed class RowScores(
    Detector detector, FeatureStage? features, FeatureScaler scaler, Samples rows, int threads, CancellationToken cancellation)
{
    // Windows may repeat their rows many times over: they are made a few megabytes at a time.
    private const int ChunkValues = 1 << 21;

    // Features have no steps.
    private readonly IStepScores? _steps = features is null ? detector as IStepScores : null;

    private delegate void WindowScores(int window, ReadOnlySpan<float> steps);

    /// <summary>A score for every row; NaN where no window judges it.</summary>
    public float[] Of(WindowIndex windows)
    {
        double[] sums = new double[rows.Count];
        int[] counts = new int[rows.Count];
        ForEachWindow(windows, (window, steps) =>
        {
            ReadOnlySpan<int> members = windows.RowsOf(window);
            for (int s = 0; s < steps.Length; s++)
            {
                // Windows come in the order of their starts: the first that judges a row is the one in which it comes latest.
                if (float.IsNaN(steps[s]) || (_steps is { LooksBack: true } && counts[members[s]] > 0)) continue;
                sums[members[s]] += Math.Min(steps[s], float.MaxValue);
                counts[members[s]]++;
            }
        });
        float[] scores = new float[rows.Count];
        for (int i = 0; i < scores.Length; i++) scores[i] = counts[i] == 0 ? float.NaN : (float)(sums[i] / counts[i]);
        return scores;
    }

    /// <summary>
    /// How much each feature or pixel contributed to the scores of rows, of their shape each: the contributions of a row's own step, or of all steps where the
    /// detector judges whole windows, in the window in which its score is highest or which it comes latest in. Zero where no window judges the row.
    /// </summary>
    /// <param name="windows">Windows among which are all that cover the wanted rows.</param>
    /// <param name="wanted">Positions of rows.</param>
    public float[] Attribute(WindowIndex windows, IReadOnlyList<int> wanted)
    {
        Dictionary<int, (int Window, int Step, float Score)> best = [];
        foreach (int row in wanted) best[row] = (-1, 0, float.NegativeInfinity);
        ForEachWindow(windows, (window, steps) =>
        {
            ReadOnlySpan<int> members = windows.RowsOf(window);
            for (int s = 0; s < steps.Length; s++)
            {
                if (float.IsNaN(steps[s]) || !best.TryGetValue(members[s], out (int Window, int Step, float Score) known)) continue;
                if (_steps is { LooksBack: true } ? known.Window < 0 : steps[s] > known.Score) best[members[s]] = (window, s, steps[s]);
            }
        });
        int width = rows.Shape.Length;
        float[] contributions = new float[checked(wanted.Count * width)];
        ILookup<int, int> byWindow = Enumerable.Range(0, wanted.Count).Where(i => best[wanted[i]].Window >= 0).ToLookup(i => best[wanted[i]].Window);
        int[] chosen = [.. byWindow.Select(group => group.Key).Order()];
        ForEachChunk(windows.Select(chosen), (first, chunk) =>
        {
            Samples attributions = BlockedDetector.Attribute(detector, scaler, chunk, threads, cancellation, features);
            for (int k = 0; k < chunk.Count; k++)
            {
                foreach (int i in byWindow[chosen[first + k]]) Add(attributions[k], best[wanted[i]].Step, contributions.AsSpan(i * width, width));
            }
        });
        for (int i = 0; i < contributions.Length; i++) contributions[i] = Math.Clamp(contributions[i], -float.MaxValue, float.MaxValue);
        return contributions;
    }

    /// <summary>Sums contributions over the steps of a window; of a detector that judges steps, takes those of one.</summary>
    private void Add(ReadOnlySpan<float> window, int step, Span<float> row)
    {
        for (int s = 0; s < window.Length / row.Length; s++)
        {
            if (_steps is null || s == step) TensorPrimitives.Add(row, window.Slice(s * row.Length, row.Length), row);
        }
    }

    private void ForEachWindow(WindowIndex windows, WindowScores work)
    {
        int length = windows.Length;
        ForEachChunk(windows, (first, chunk) =>
        {
            float[] scores = _steps is null
                ? BlockedDetector.Score(detector, scaler, chunk, threads, cancellation, features)
                : BlockedDetector.ScoreSteps(_steps, scaler, chunk, threads, cancellation);
            float[] same = new float[length];
            for (int k = 0; k < chunk.Count; k++)
            {
                if (_steps is null) same.AsSpan().Fill(scores[k]);
                work(first + k, _steps is null ? same : scores.AsSpan(k * length, length));
            }
        });
    }

    private void ForEachChunk(WindowIndex windows, Action<int, Samples> work)
    {
        int size = Math.Max(64, ChunkValues / (windows.Length * rows.Shape.Length));
        for (int first = 0; first < windows.Count; first += size) work(first, windows.Cut(rows, first, Math.Min(size, windows.Count - first)));
    }
}
