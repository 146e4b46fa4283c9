using System.Globalization;

namespace AnomalySharp.Reproduction;

/// <summary>Mean and sample standard deviation of a figure over cells.</summary>
internal readonly record struct Spread(double Mean, double? Deviation)
{
    public static Spread? Of(IEnumerable<CellResult> cells, string figure) =>
        Of([.. cells.Where(cell => cell.Figures.ContainsKey(figure)).Select(cell => cell.Figures[figure])]);

    public static Spread? Of(double[] values)
    {
        if (values.Length == 0) return null;
        double mean = values.Average();
        return new(mean, values.Length < 2 ? null : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1)));
    }

    /// <summary><c>68.0 ± 1.2</c>: mean and deviation times <paramref name="factor"/>.</summary>
    public string Text(string format, double factor = 1) =>
        Deviation is double deviation ? $"{Number(Mean * factor, format)} ± {Number(deviation * factor, format)}" : Number(Mean * factor, format);

    public static string Number(double? value, string format) => value is double number ? number.ToString(format, CultureInfo.InvariantCulture) : "";
}
