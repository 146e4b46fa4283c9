namespace AnomalySharp.Sequences;

/// <summary>Windows over runs of rows: which rows each covers, in the order of runs and of starts.</summary>
internal sealed class WindowIndex
{
    private readonly SeriesRuns _series;
    private readonly int[] _runs, _starts;

    private WindowIndex(SeriesRuns series, int length, int[] runs, int[] starts) =>
        (_series, Length, _runs, _starts) = (series, length, runs, starts);

    /// <summary>Rows of one window.</summary>
    public int Length { get; }

    /// <summary>Number of windows.</summary>
    public int Count => _runs.Length;

    /// <summary>A window every <paramref name="stride"/> rows.</summary>
    public static WindowIndex Every(SeriesRuns series, int length, int stride)
    {
        List<int> runs = [], starts = [];
        for (int run = 0; run < series.Runs.Count; run++)
        {
            for (int start = 0; start + length <= series.Runs[run].Length; start += stride)
            {
                runs.Add(run);
                starts.Add(start);
            }
        }
        return new WindowIndex(series, length, [.. runs], [.. starts]);
    }

    /// <summary>Every window that covers one of the given rows.</summary>
    public static WindowIndex Covering(SeriesRuns series, int length, IReadOnlyCollection<int> rows)
    {
        HashSet<int> wanted = [.. rows];
        List<int> runs = [], starts = [];
        for (int run = 0; run < series.Runs.Count; run++)
        {
            int[] members = series.Runs[run];
            int next = 0;
            for (int i = 0; i < members.Length; i++)
            {
                if (!wanted.Contains(members[i])) continue;
                for (int start = Math.Max(next, i - length + 1); start <= i && start + length <= members.Length; start++)
                {
                    runs.Add(run);
                    starts.Add(start);
                    next = start + 1;
                }
            }
        }
        return new WindowIndex(series, length, [.. runs], [.. starts]);
    }

    /// <summary>The windows at the given positions.</summary>
    public WindowIndex Select(IReadOnlyList<int> windows) =>
        new(_series, Length, [.. windows.Select(window => _runs[window])], [.. windows.Select(window => _starts[window])]);

    /// <summary>The rows of a window, in order.</summary>
    public ReadOnlySpan<int> RowsOf(int window) => _series.Runs[_runs[window]].AsSpan(_starts[window], Length);

    /// <summary>
    /// Windows of rows as samples <c>[length, d]</c>, of frames as clips <c>[length, c, h, w]</c>. Where rows lie in memory in the order of their series,
    /// windows share their values; elsewhere they are copied.
    /// </summary>
    /// <param name="rows">All rows, of the shape <c>[d]</c>, or frames <c>[c,h,w]</c>.</param>
    /// <param name="first">The first window.</param>
    /// <param name="count">How many.</param>
    public Samples Cut(Samples rows, int first, int count)
    {
        int width = rows.Shape.Length, window = Length * width;
        SampleShape shape = new([Length, .. rows.Shape.Dimensions]);
        if (Enumerable.Range(first, count).All(k => LiesInOrder(RowsOf(k))))
        {
            int[] starts = new int[count];
            for (int k = 0; k < count; k++) starts[k] = RowsOf(first + k)[0] * width;
            return Samples.Overlapping(rows.Values, shape, starts);
        }
        float[] values = new float[checked(count * window)];
        for (int k = 0; k < count; k++)
        {
            Span<float> target = values.AsSpan(k * window, window);
            ReadOnlySpan<int> members = RowsOf(first + k);
            for (int s = 0; s < Length; s++) rows[members[s]].CopyTo(target[(s * width)..]);
        }
        return new Samples(values, shape);
    }

    private static bool LiesInOrder(ReadOnlySpan<int> rows)
    {
        for (int i = 1; i < rows.Length; i++)
        {
            if (rows[i] != rows[i - 1] + 1) return false;
        }
        return true;
    }

    /// <summary>What a detector learns from: windows of every run that is long enough.</summary>
    /// <exception cref="DataException">No run is as long as a window, or the windows do not fit into one array.</exception>
    public static Samples Training(SeriesRuns series, WindowSettings settings, Samples rows, string source)
    {
        WindowIndex index = Every(series, settings.Length, settings.Stride);
        series.RequireWindows(index, source);
        if (rows.Shape.Rank == 1 && (long)index.Count * settings.Length * rows.Shape.Length > Array.MaxLength)
        {
            throw new DataException(
                $"In {source}, {index.Count} windows of {settings.Length} rows of {rows.Shape.Length} features are more than one array holds. "
                + "Raise --stride, or lower --window.");
        }
        return index.Cut(rows, 0, index.Count);
    }
}
