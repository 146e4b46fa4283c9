namespace AnomalySharp.Reproduction;

/// <summary>
/// A published experiment: data, protocol, methods with their settings, and the published figures beside ours. A class that derives from it and has a
/// constructor without arguments is found by itself (<see cref="ExperimentCatalog"/>).
/// </summary>
public abstract class Experiment
{
    /// <summary>Name on the command line and of the result files.</summary>
    public abstract string Name { get; }

    /// <summary>One line for lists and headings.</summary>
    public abstract string Title { get; }

    /// <summary>What trains, what is tested, and what a figure is the mean of.</summary>
    public abstract string Protocol(bool quick);

    /// <summary>What is not as in the paper: epochs, numbers of samples, seeds.</summary>
    public abstract IReadOnlyList<string> Differences(bool quick);

    /// <summary>Where the published figures are from; empty where there are none for this setting.</summary>
    public virtual IReadOnlyList<PublishedFigures> Published => [];

    /// <summary>Seeds where the user does not say.</summary>
    public abstract int DefaultSeeds(bool quick);

    /// <summary>Every cell: one case, one method, one seed. They are independent of each other and run side by side in about this order.</summary>
    /// <param name="quick">Whether only the small subset is wanted.</param>
    /// <param name="seeds">Seeds 0, 1, … this number − 1.</param>
    public abstract IReadOnlyList<Cell> Cells(bool quick, int seeds);

    /// <summary>The tables of the result page. They are made from what the result file says and from nothing else.</summary>
    public abstract IReadOnlyList<ResultTable> Tables(ExperimentResults results);

    /// <summary>Name of the result files without their ending.</summary>
    public string FileName(bool quick) => quick ? Name + ".quick" : Name;
}

/// <summary>A table of a result page.</summary>
/// <param name="Caption">What it shows, and of what its figures are means and deviations.</param>
/// <param name="Columns">Headers.</param>
/// <param name="Rows">Texts, one per column.</param>
public sealed record ResultTable(string Caption, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);
