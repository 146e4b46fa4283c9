namespace AnomalySharp.Networks;

/// <summary>
/// Networks with several values per unit give them row by row: all first ones, then all second ones. Those of several rows put together the same way
/// are as one long row, over which vectors run without an incomplete one at the end of each row.
/// </summary>
internal static class Heads
{
    /// <summary>Values of a sample or code that are put together at once: enough for whole vectors, few enough for the nearest cache.</summary>
    private const int BlockValues = 1024;

    /// <summary>Rows of <paramref name="width"/> values each to put together.</summary>
    public static int RowsPerBlock(int width) => Math.Max(1, BlockValues / width);

    /// <summary>Rows of heads → one long row of them.</summary>
    public static void Join(ReadOnlySpan<float> rows, int count, int heads, Span<float> target)
    {
        int width = rows.Length / count / heads;
        for (int head = 0; head < heads; head++)
        {
            Span<float> part = target.Slice(head * count * width, count * width);
            for (int i = 0; i < count; i++) rows.Slice((i * heads + head) * width, width).CopyTo(part[(i * width)..]);
        }
    }

    /// <summary>One long row of heads → rows of them.</summary>
    public static void Split(ReadOnlySpan<float> joined, int count, int heads, Span<float> target)
    {
        int width = joined.Length / count / heads;
        for (int head = 0; head < heads; head++)
        {
            ReadOnlySpan<float> part = joined.Slice(head * count * width, count * width);
            for (int i = 0; i < count; i++) part.Slice(i * width, width).CopyTo(target[((i * heads + head) * width)..]);
        }
    }
}
