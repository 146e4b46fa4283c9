using AnomalySharp.Data;
using AnomalySharp.Data.Protocols;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>A labelled table of the data folder.</summary>
/// <param name="Name">What result tables call it.</param>
/// <param name="File">File below the data folder.</param>
/// <param name="Label">Column of the labels.</param>
/// <param name="Anomaly">The label that means anomaly; null where labels are 0 and 1.</param>
internal sealed record TableSet(string Name, string File, string Label = "y", string? Anomaly = null)
{
    // The subsample is the same for every method and seed.
    private const int SubsampleSeed = 0;

    /// <summary>The tables of the ADBench benchmark ("Classical"), of ODDS, and two that REPEN was tried on.</summary>
    public static IReadOnlyList<TableSet> All { get; } =
    [
        .. new[]
        {
            "annthyroid", "arrhythmia", "breastw", "campaign", "cardio", "cover", "http", "ionosphere", "letter", "mammography", "mnist", "musk",
            "optdigits", "pendigits", "pima", "satellite", "satimage-2", "shuttle", "thyroid", "vowels", "wdbc",
        }.Select(name => new TableSet(name, $"tabular/{name}.npz")),
        new TableSet("apascal", "tabular/apascal.csv", "class"),
        new TableSet("lung-1vs5", "tabular/lung-1vs5.csv", "class"),
    ];

    /// <summary>The demo table of this repository and two small ones.</summary>
    public static IReadOnlyList<TableSet> Small { get; } =
    [
        new TableSet("breast-cancer", "breast-cancer.csv", "diagnosis", "malignant"),
        .. All.Where(one => one.Name is "vowels" or "thyroid"),
    ];

    /// <summary>At most <paramref name="rows"/> of its rows.</summary>
    public Dataset Read(DataStore data, int rows, CancellationToken cancellation) => data.Get($"{File} {rows}", () =>
    {
        Dataset whole = DatasetReader.Read(data.Require(File), new ReadOptions { LabelColumn = Label, AnomalyValue = Anomaly }, cancellation);
        return whole.Count <= rows ? whole : whole.Select(Subsample.Rows(whole.Labels!, rows, SubsampleSeed));
    });
}
