using AnomalySharp.Preprocessing;

namespace AnomalySharp.Conditioning;

/// <summary>Which features of an encoded row are context, and which are judged.</summary>
/// <param name="Columns">The context columns.</param>
/// <param name="Context">Positions of their features.</param>
/// <param name="Values">Positions of all other features.</param>
/// <param name="Names">Names of these.</param>
/// <param name="IsNumber">Whether each of these is a number, not an indicator.</param>
/// <param name="Imputed">Among the others, numbers that may be missing: the place of the number and of the feature that says so.</param>
internal sealed record ContextLayout(
    IReadOnlyList<string> Columns, int[] Context, int[] Values, string[] Names, bool[] IsNumber, (int Value, int Indicator)[] Imputed)
{
    /// <summary>Finds them.</summary>
    /// <exception cref="ModelFileException">A column is not the encoder's, or nothing is left on either side.</exception>
    public static ContextLayout Of(TableEncoder encoder, IReadOnlyList<string> columns)
    {
        HashSet<string> context = [.. columns];
        int[] all = [.. Enumerable.Range(0, encoder.Features.Count)], given = [.. all.Where(j => context.Contains(encoder.Features[j].Column))];
        int[] others = [.. all.Except(given)];
        if (others.Length == 0 || columns.Count != context.Count || given.Select(j => encoder.Features[j].Column).Distinct().Count() != context.Count)
        {
            throw new ModelFileException("Its context columns do not fit its columns. Train it again.");
        }
        List<(int, int)> imputed = [];
        bool[] isNumber = new bool[others.Length];
        int place = 0;
        foreach (EncodedColumn column in Judged(encoder, columns))
        {
            if (column is { Role: ColumnRole.Number, ValueFeatures: 1, Missing: > 0 }) imputed.Add((place, place + 1));
            isNumber.AsSpan(place, column.ValueFeatures).Fill(column.Role is ColumnRole.Number or ColumnRole.Frequency);
            place += column.Width;
        }
        return new ContextLayout(columns, given, others, [.. others.Select(j => encoder.Features[j].Name)], isNumber, [.. imputed]);
    }

    /// <summary>The columns with features that are no context, in the order of their features.</summary>
    public static IEnumerable<EncodedColumn> Judged(TableEncoder encoder, IReadOnlyList<string>? context) =>
        encoder.Columns.Where(column => column.Width > 0 && context?.Contains(column.Name) != true);

    /// <summary>Does nothing where values of <paramref name="data"/> can be judged given <paramref name="columns"/>.</summary>
    /// <exception cref="DataException">It is no table, or lacks a column.</exception>
    /// <exception cref="OptionException">There is no column, or one is that of labels or of time.</exception>
    public static void Require(IReadOnlyList<string> columns, Dataset data, string? labelColumn, string? timeColumn)
    {
        if (columns.Count == 0) throw new OptionException("--context names no column. Name the columns that values are judged by, or leave it away.");
        foreach (string name in columns)
        {
            if (name == labelColumn) throw new OptionException($"--context cannot be '{name}', the column of labels: these never reach training.");
            if (name == timeColumn)
            {
                throw new OptionException(
                    $"--context cannot be '{name}', the column of time, which does not come back. Add a column of the hour, weekday or month and "
                    + "name that.");
            }
            if (data.Table is not { } table)
            {
                throw new DataException(
                    $"Context is given by columns, and {data.Source} holds samples of shape {data.Samples!.Shape}. Leave --context away.");
            }
            if (table.Columns.Any(column => column.Name == name)) continue;
            string[] known = [.. table.Columns.Select(column => column.Name).Where(column => column != labelColumn && column != timeColumn)];
            string meant = known.Length == 0 ? "" : $" Did you mean '{NearestName.Of(name, known)}'?";
            throw new DataException(
                $"{data.Source} has no column '{name}' (--context).{meant} Its columns are: {string.Join(", ", known.Take(50))}.");
        }
    }

    /// <summary>Does nothing where every context column has features, and another column, too.</summary>
    /// <param name="encoder">Learnt from the training rows.</param>
    /// <param name="columns">Context columns of the table.</param>
    /// <param name="notes">Why columns were left out.</param>
    /// <param name="source">Where the rows come from.</param>
    /// <exception cref="DataException">One has none.</exception>
    public static void RequireFeatures(TableEncoder encoder, IReadOnlyList<string> columns, IReadOnlyList<string> notes, string source)
    {
        foreach (string name in columns)
        {
            if (encoder.Features.Any(feature => feature.Column == name)) continue;
            string why = notes.FirstOrDefault(note => note.StartsWith($"Column '{name}' is", StringComparison.Ordinal)) ?? "It has no features.";
            throw new DataException($"In {source}, column '{name}' cannot be --context. {why}");
        }
        if (Judged(encoder, columns).Any()) return;
        throw new DataException($"In {source}, every usable column is --context, and none is left to be judged. Name fewer.");
    }
}
