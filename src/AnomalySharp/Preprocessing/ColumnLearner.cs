using AnomalySharp.Tables;

namespace AnomalySharp.Preprocessing;

/// <summary>Decides from the training rows how a column becomes features.</summary>
internal static class ColumnLearner
{
    /// <summary>Most categories that <see cref="CategoryEncoding.Auto"/> gives a feature each.</summary>
    public const int AutoOneHot = 20;

    /// <summary>Most categories that <see cref="CategoryEncoding.OneHot"/> gives a feature each.</summary>
    public const int MostOneHot = 1_000;

    // Fewer texts than this may all differ by chance.
    private const int FewestForIdentifier = 10;

    private const double IdentifierShare = 0.95;

    // Quantiles of more numbers than this are taken of evenly spaced ones: to within 0.2 % of rank, and quick to sort.
    private const int MostSorted = 1 << 16;

    // Numbers whose distance from 0 is this many times their spread lose digits in float32.
    private const double FarFromZero = 1_000;

    private static readonly string[] KeyNames = ["id", "key", "index", "uuid", "guid", "row", "rowid", "rownumber", "record", "recordid", "no", "nr"];

    /// <summary>The column's encoding, and a note on what is odd about it or null.</summary>
    /// <exception cref="DataException">A cell is infinite.</exception>
    public static (EncodedColumn Column, string? Note) Learn(TableColumn column, CategoryEncoding encoding, Table table) => column switch
    {
        NumberColumn numbers => Learn(numbers, table),
        TextColumn texts => Learn(texts, encoding),
        _ => throw new DataException($"In {table.Source}, column '{column.Name}' holds neither numbers nor texts."),
    };

    private static (EncodedColumn, string?) Learn(NumberColumn column, Table table)
    {
        ReadOnlySpan<double> values = column.Values;
        int missing = 0;
        double minimum = double.PositiveInfinity, maximum = double.NegativeInfinity;
        bool counting = values.Length >= 3 && !column.IsDate, whole = !column.IsDate;
        for (int i = 0; i < values.Length; i++)
        {
            double value = values[i];
            if (double.IsNaN(value))
            {
                missing++;
                counting = false;
                continue;
            }
            if (double.IsInfinity(value)) throw TableErrors.Infinite(table, column.Name, i, value);
            minimum = Math.Min(minimum, value);
            maximum = Math.Max(maximum, value);
            whole &= value == Math.Floor(value);
            counting &= i == 0 ? value is 0 or 1 : value == values[i - 1] + 1;
        }
        EncodedColumn dropped = new(column.Name, ColumnRole.Dropped) { IsDate = column.IsDate };
        if (missing == values.Length) return (dropped, $"Column '{column.Name}' is left out: all its cells are empty.");
        if (minimum == maximum && missing == 0) return (dropped, $"Column '{column.Name}' is left out: all its cells are {column.Text(0)}.");
        if (counting) return (dropped with { Role = ColumnRole.RowName }, $"Column '{column.Name}' is left out: it counts the rows.");
        if (whole && missing == 0 && values.Length >= FewestForIdentifier && IsKeyName(column.Name) && AllDistinct(values))
        {
            EncodedColumn identifier = dropped with { Role = ColumnRole.RowName };
            return (identifier, $"Column '{column.Name}' is left out: by its name and its distinct numbers it identifies the rows.");
        }
        double[] sorted = Sorted(values, missing);
        double median = Quantile(sorted, 0.5);
        bool far = Math.Max(Math.Abs(minimum), Math.Abs(maximum)) > FarFromZero * (maximum - minimum);
        EncodedColumn learnt = new(column.Name, ColumnRole.Number)
        {
            IsDate = column.IsDate,
            Origin = column.IsDate || far ? median : 0,
            Median = median,
            Low = Quantile(sorted, UsualValues.Tail),
            High = Quantile(sorted, 1 - UsualValues.Tail),
            Constant = minimum == maximum,
            Missing = (double)missing / values.Length,
        };
        return (learnt, missing == 0 ? null : Note(column.Name, missing, $"taken to be the median {learnt.MedianText}"));
    }

    private static (EncodedColumn, string?) Learn(TextColumn column, CategoryEncoding encoding)
    {
        Dictionary<string, int> counts = new(StringComparer.Ordinal);
        int missing = 0;
        foreach (string? text in column.Values)
        {
            if (text is null) missing++;
            else System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, text, out _)++;
        }
        int present = column.Values.Length - missing;
        EncodedColumn dropped = new(column.Name, ColumnRole.Dropped);
        if (present == 0) return (dropped, $"Column '{column.Name}' is left out: all its cells are empty.");
        if (counts.Count == 1 && missing == 0) return (dropped, $"Column '{column.Name}' is left out: all its cells are '{counts.Keys.First()}'.");
        if (present >= FewestForIdentifier && counts.Count >= (present > AutoOneHot ? IdentifierShare * present : present))
        {
            EncodedColumn identifier = dropped with { Role = ColumnRole.RowName };
            return (identifier, $"Column '{column.Name}' is left out: nearly all its texts differ, so they identify the rows.");
        }
        bool oneHot = encoding switch
        {
            CategoryEncoding.OneHot => counts.Count <= MostOneHot,
            CategoryEncoding.Frequency => false,
            _ => counts.Count <= AutoOneHot,
        };
        KeyValuePair<string, int>[] ordered = [.. counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)];
        EncodedColumn learnt = new(column.Name, oneHot ? ColumnRole.OneHot : ColumnRole.Frequency)
        {
            Missing = (double)missing / column.Values.Length,
            Categories = [.. ordered.Select(pair => pair.Key)],
            Shares = [.. ordered.Select(pair => (double)pair.Value / column.Values.Length)],
        };
        string? note = missing == 0 ? null : Note(column.Name, missing, "a category of their own");
        if (encoding == CategoryEncoding.OneHot && !oneHot)
        {
            string why = $"Column '{column.Name}' has {counts.Count} categories, more than {MostOneHot}: it is encoded by their frequency.";
            note = note is null ? why : $"{why} {note}";
        }
        return (learnt, note);
    }

    private static string Note(string column, int missing, string treatment) =>
        $"Column '{column}': {(missing == 1 ? "1 missing cell is" : $"{missing} missing cells are")} {treatment}, with an indicator.";

    private static bool IsKeyName(string name)
    {
        string plain = string.Concat(name.Split('_', '-', ' '));
        return plain.Length == 0 || KeyNames.Contains(plain, StringComparer.OrdinalIgnoreCase) || plain.EndsWith("Id", StringComparison.Ordinal)
            || plain.EndsWith("ID", StringComparison.Ordinal) || name.EndsWith("_id", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith("_key", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Unnamed", StringComparison.OrdinalIgnoreCase);
    }

    private static bool AllDistinct(ReadOnlySpan<double> values)
    {
        HashSet<double> seen = new(values.Length);
        foreach (double value in values)
        {
            if (!seen.Add(value)) return false;
        }
        return true;
    }

    private static double[] Sorted(ReadOnlySpan<double> values, int missing)
    {
        int present = values.Length - missing;
        int stride = (present + MostSorted - 1) / MostSorted;
        double[] taken = new double[(present + stride - 1) / stride];
        int seen = 0;
        foreach (double value in values)
        {
            if (double.IsNaN(value)) continue;
            if (seen % stride == 0) taken[seen / stride] = value;
            seen++;
        }
        Array.Sort(taken);
        return taken;
    }

    private static double Quantile(double[] sorted, double fraction)
    {
        double position = fraction * (sorted.Length - 1);
        int below = (int)position;
        // Weighted rather than by the difference, which overflows for the largest numbers.
        return below + 1 >= sorted.Length ? sorted[^1] : sorted[below] * (1 - (position - below)) + sorted[below + 1] * (position - below);
    }
}
