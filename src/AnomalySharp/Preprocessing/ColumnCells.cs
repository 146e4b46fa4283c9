using System.Globalization;
using AnomalySharp.Tables;

namespace AnomalySharp.Preprocessing;

/// <summary>The cells of a column in the form that its encoding needs: numbers or texts, whatever the file made of them.</summary>
internal readonly record struct ColumnCells(double[]? Numbers, string?[]? Texts)
{
    /// <summary>Converts numbers to texts, and texts to numbers if every one is a number.</summary>
    /// <exception cref="DataException">A text is no number, or dates stand where numbers are expected or the other way round.</exception>
    public static ColumnCells For(EncodedColumn expected, TableColumn column, Table table) => (expected.Role, column) switch
    {
        (ColumnRole.Number, NumberColumn numbers) when numbers.IsDate == expected.IsDate || Array.TrueForAll(numbers.Values, double.IsNaN) =>
            new ColumnCells(numbers.Values, null),
        (ColumnRole.Number, NumberColumn) => throw TableErrors.OtherKind(table.Source, column.Name, expected.IsDate),
        (ColumnRole.Number, TextColumn texts) => new ColumnCells(Parse(texts, expected.IsDate, table), null),
        (_, TextColumn texts) => new ColumnCells(null, texts.Values),
        _ => new ColumnCells(null, AsTexts(column)),
    };

    private static double[] Parse(TextColumn column, bool isDate, Table table)
    {
        double[] numbers = new double[column.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            string? text = column.Values[i];
            if (string.IsNullOrWhiteSpace(text)) numbers[i] = double.NaN;
            else if (!TryParse(text, isDate, out numbers[i])) throw TableErrors.NotANumber(table, column.Name, i, text, isDate);
        }
        return numbers;
    }

    private static bool TryParse(string text, bool isDate, out double number)
    {
        // Truth values count as numbers where a whole column holds them: beside another text the other text is the odd one.
        if (!isDate && bool.TryParse(text, out bool truth))
        {
            number = truth ? 1 : 0;
            return true;
        }
        if (!isDate) return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        bool valid = DateTime.TryParse(text, CultureInfo.InvariantCulture, Utc, out DateTime date);
        number = (date - DateTime.UnixEpoch).TotalSeconds;
        return valid;
    }

    private static string?[] AsTexts(TableColumn column)
    {
        string?[] texts = new string?[column.Count];
        for (int i = 0; i < texts.Length; i++) texts[i] = column.Text(i) is { Length: > 0 } text ? text : null;
        return texts;
    }
}
