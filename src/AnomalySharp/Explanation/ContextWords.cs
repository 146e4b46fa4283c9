using AnomalySharp.Conditioning;
using AnomalySharp.Preprocessing;
using AnomalySharp.Tables;

namespace AnomalySharp.Explanation;

/// <summary>What is usual of a column given the context of a row, in words: <c>2.1 to 6.3 where month = 1</c>.</summary>
internal sealed class ContextWords
{
    // Of a normal distribution, so many standard deviations on either side of the mean leave out a tail of 5 % each: as usual ranges do.
    private const double TailDeviations = 1.645;

    private const int MostColumns = 3;

    private readonly EncodedColumn[] _judged;
    private readonly TableColumn[] _context;
    private readonly int[] _offsets;
    private readonly int _width;
    private readonly float[] _mean, _deviation;

    /// <param name="stage">What knows.</param>
    /// <param name="judged">The columns that are no context, in the order of their features.</param>
    /// <param name="rows">Encoded rows.</param>
    /// <param name="columns">The cells of the same rows.</param>
    public ContextWords(ContextStage stage, EncodedColumn[] judged, Samples rows, Dictionary<string, TableColumn> columns)
    {
        (_judged, _width) = (judged, stage.Names.Count);
        _context = [.. stage.Columns.Select(name => columns[name])];
        _offsets = [.. judged.Select((_, j) => judged[..j].Sum(column => column.Width))];
        (_mean, _deviation) = stage.Expect(rows);
    }

    /// <summary>The range that 90 % are expected in, or the most likely categories; null where the column has no such words.</summary>
    public string? Usual(int row, int j)
    {
        EncodedColumn column = _judged[j];
        int at = row * _width + _offsets[j];
        EncodedColumn? given = column.Role switch
        {
            ColumnRole.Number when column.ValueFeatures == 1 => column with
            {
                Low = column.Origin + _mean[at] - (TailDeviations * _deviation[at]),
                High = column.Origin + _mean[at] + (TailDeviations * _deviation[at]),
            },
            ColumnRole.OneHot => column with { Shares = Shares(_mean.AsSpan(at, column.ValueFeatures)) },
            _ => null,
        };
        return given is null ? null : $"{given.Usual} where {Where(row)}";
    }

    // Means of indicators are shares, but for what a network is off by.
    private static double[] Shares(ReadOnlySpan<float> means)
    {
        double[] shares = new double[means.Length];
        for (int i = 0; i < shares.Length; i++) shares[i] = Math.Clamp(means[i], 0, 1);
        double sum = shares.Sum();
        return sum > 1 ? [.. shares.Select(share => share / sum)] : shares;
    }

    private string Where(int row)
    {
        string[] parts = [.. _context.Take(MostColumns).Select(column => $"{column.Name} = {Cell(column, row)}")];
        return string.Join(", ", parts) + (_context.Length > MostColumns ? ", …" : "");
    }

    private static string Cell(TableColumn column, int row) => column.Text(row) is { Length: > 0 } text ? text : "missing";
}
