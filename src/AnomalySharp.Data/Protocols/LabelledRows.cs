namespace AnomalySharp.Data.Protocols;

/// <summary>Rows of a dataset that a protocol chose, and what each of them is in it.</summary>
/// <param name="Rows">Positions in the dataset, rising.</param>
/// <param name="Labels">1 = anomaly, 0 = normal, one per row.</param>
public sealed record LabelledRows(int[] Rows, byte[] Labels)
{
    /// <summary>The rows of <paramref name="samples"/>, copied, with their labels.</summary>
    public Samples Of(Samples samples) => samples.Select(Rows).WithLabels(Labels);

    internal static LabelledRows Of(IEnumerable<int> normal, IEnumerable<int> abnormal)
    {
        (int Row, byte Label)[] rows = [.. normal.Select(row => (row, (byte)0)), .. abnormal.Select(row => (row, (byte)1))];
        Array.Sort(rows, (a, b) => a.Row.CompareTo(b.Row));
        return new LabelledRows(Array.ConvertAll(rows, row => row.Row), Array.ConvertAll(rows, row => row.Label));
    }

    /// <summary>At most <paramref name="limit"/> of the rows, drawn without replacement; all in their order where there is no limit.</summary>
    internal static int[] Draw(int[] rows, int? limit, Random random)
    {
        if (limit is not int count || count >= rows.Length) return rows;
        random.Shuffle(rows);
        return rows[..count];
    }
}
