namespace AnomalySharp;

/// <summary>Where in the whole data selected rows are.</summary>
internal static class RowNumbers
{
    /// <summary>The number of the first of <paramref name="rows"/> where they follow one another, else 0: then they are only numbered among themselves.</summary>
    public static long FirstOf(ReadOnlySpan<int> rows, long firstRow)
    {
        for (int i = 1; i < rows.Length; i++)
        {
            if (rows[i] != rows[0] + i) return 0;
        }
        return rows.IsEmpty ? 0 : firstRow + rows[0];
    }
}
