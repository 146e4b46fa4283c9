using System.Globalization;
using AnomalySharp.Tables;

namespace AnomalySharp.Cli.Options;

/// <summary>Finds the row that <c>--row</c> names: by its name as scores have it, then by its number.</summary>
internal static class RowNumber
{
    /// <summary>Its position in <paramref name="data"/>, which is all there is; null where it is not there.</summary>
    public static int? Find(AnomalyModel model, Dataset data, string row) => FindName(model, data, row) ?? FindNumber(data, row, 0);

    /// <summary>Position of the first row of <paramref name="block"/> with this name; null where none has it.</summary>
    public static int? FindName(AnomalyModel model, Dataset block, string row)
    {
        if (row.Length == 0 || !HasNames(model, block)) return null;
        for (int i = 0; i < block.Count; i++)
        {
            if (NameOf(model, block, i) == row) return i;
        }
        return null;
    }

    /// <summary>Position of row number <paramref name="row"/> in <paramref name="block"/>, whose first row is number <paramref name="first"/>.</summary>
    public static int? FindNumber(Dataset block, string row, int first) =>
        int.TryParse(row, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= first && number < first + block.Count
            ? number - first
            : null;

    /// <summary>Whether rows have names: those of pictures and nodes, or the cells of the table's column that the model took for names.</summary>
    public static bool HasNames(AnomalyModel model, Dataset block) => block.Samples?.RowNames is not null || block.Graph?.Names is not null || NameColumn(model, block) is not null;

    /// <summary>Name of the row at a position; null where it has none.</summary>
    public static string? NameOf(AnomalyModel model, Dataset block, int index)
    {
        string? name = block.Samples?.RowNames?[index] ?? block.Graph?.Names?[index] ?? NameColumn(model, block)?.Text(index);
        return string.IsNullOrEmpty(name) ? null : name;
    }

    private static TableColumn? NameColumn(AnomalyModel model, Dataset block) => model.Encoder?.RowNameColumn is string name
        ? block.Table?.Columns.FirstOrDefault(column => column.Name == name)
        : null;
}
