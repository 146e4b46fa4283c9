using AnomalySharp.Tables;

namespace AnomalySharp.Preprocessing;

/// <summary>Writes the features of one column into rows.</summary>
internal sealed class ColumnWriter
{
    private readonly int _offset;
    private readonly Dictionary<string, int> _positions = new(StringComparer.Ordinal);
    private readonly float[] _shares;

    /// <summary>The column's encoding.</summary>
    public EncodedColumn Column { get; }

    /// <summary>A writer whose first feature is at <paramref name="offset"/> of a row.</summary>
    public ColumnWriter(EncodedColumn column, int offset)
    {
        (Column, _offset) = (column, offset);
        for (int i = 0; i < column.Categories.Count; i++) _positions.Add(column.Categories[i], i);
        _shares = [.. column.Shares.Select(share => (float)share)];
    }

    /// <summary>Writes rows from <paramref name="start"/> to <paramref name="end"/> and returns the number of unseen categories among them.</summary>
    /// <exception cref="DataException">A cell is infinite.</exception>
    public int Write(ColumnCells cells, int start, int end, float[] values, int width, Table table)
    {
        if (cells.Texts is not null) return WriteTexts(cells.Texts, start, end, values, width);
        WriteNumbers(cells.Numbers!, start, end, values, width, table);
        return 0;
    }

    private void WriteNumbers(double[] numbers, int start, int end, float[] values, int width, Table table)
    {
        int indicator = Column.ValueFeatures;
        bool hasIndicator = Column.Missing > 0, hasValue = !Column.Constant;
        (double origin, double median) = (Column.Origin, Column.Median);
        for (int i = start; i < end; i++)
        {
            int position = i * width + _offset;
            double number = numbers[i];
            if (!double.IsFinite(number))
            {
                if (!double.IsNaN(number)) throw TableErrors.Infinite(table, Column.Name, i, number);
                number = median;
                if (hasIndicator) values[position + indicator] = 1;
            }
            // What is finite in double precision stays finite.
            if (hasValue) values[position] = (float)Math.Clamp(number - origin, float.MinValue, float.MaxValue);
        }
    }

    private int WriteTexts(string?[] texts, int start, int end, float[] values, int width)
    {
        int unseen = 0;
        int missing = Column.ValueFeatures;
        bool oneHot = Column.Role == ColumnRole.OneHot;
        for (int i = start; i < end; i++)
        {
            int position = i * width + _offset;
            if (texts[i] is not { } text)
            {
                if (Column.Missing > 0) values[position + missing] = 1;
                if (Column.Missing > 0 && !oneHot) values[position] = (float)Column.Missing;
            }
            else if (!_positions.TryGetValue(text, out int category))
            {
                unseen++;
            }
            else if (oneHot)
            {
                values[position + category] = 1;
            }
            else
            {
                values[position] = _shares[category];
            }
        }
        return unseen;
    }
}
