using System.Globalization;

namespace AnomalySharp.Cli.Options;

/// <summary>Finds the row that <c>--row</c> names.</summary>
internal static class RowNumber
{
    /// <summary>Its position in <paramref name="block"/>, whose first row is number <paramref name="first"/>; null where it is not there.</summary>
    public static int? Find(Dataset block, string row, int first)
    {
        if (block.Samples?.RowNames is { } names)
        {
            for (int i = 0; i < names.Count; i++)
            {
                if (names[i] == row) return i;
            }
        }
        return int.TryParse(row, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= first && number < first + block.Count
            ? number - first
            : null;
    }
}
