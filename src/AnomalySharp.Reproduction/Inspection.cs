using AnomalySharp.Reports;

namespace AnomalySharp.Reproduction;

/// <summary>What an experiment finds out from a model and everything that it was tested on, where scores and labels alone do not tell it.</summary>
/// <param name="Figures">Figures by name.</param>
/// <param name="Exhibit">Rows of the picture on the result page; null where there is nothing to look at.</param>
public sealed record Inspection(IReadOnlyDictionary<string, double> Figures, IReadOnlyList<ExhibitRow>? Exhibit = null);

/// <summary>A row of the picture on a result page.</summary>
/// <param name="Name">What it shows. Rows that several cells show under the same name, such as what they were tested on, appear once.</param>
/// <param name="Strip">The row, as <see cref="PictureStrip"/> draws it.</param>
public sealed record ExhibitRow(string Name, byte[] Strip);

/// <summary>The picture of a result page: the rows that cells contributed. It is made from the result file alone, like the page.</summary>
internal static class ResultPicture
{
    private const int Zoom = 2;

    /// <summary>The rows in the order of the cells, each once.</summary>
    public static IReadOnlyList<ExhibitRow> Rows(ExperimentResults results) =>
        [.. results.Measured.SelectMany(cell => cell.Exhibit ?? []).DistinctBy(row => row.Name)];

    /// <summary>The PNG file; null where no cell has anything to look at.</summary>
    public static byte[]? Render(ExperimentResults results) =>
        Rows(results) is { Count: > 0 } rows ? PictureStrip.Stack([.. rows.Select(row => row.Strip)], Zoom) : null;
}
