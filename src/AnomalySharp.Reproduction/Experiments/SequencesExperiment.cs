using AnomalySharp.Sequences;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>Forecasters, an autoencoder and the methods that they must beat, each trained and tested on one series after the other.</summary>
internal abstract class SequencesExperiment : Experiment
{
    private const int Window = 30, QuickEpochs = 2;

    private static readonly string[] Networks = ["lstm-forecaster", "cnn-forecaster", "lstm-autoencoder"];

    private static readonly string[] Others = ["isolation-forest", "persistence", "autoregression"];

    /// <summary>Most epochs of the networks.</summary>
    protected abstract int Epochs { get; }

    /// <summary>Rows from one training window to the next.</summary>
    protected abstract int Stride { get; }

    /// <summary>The series: the set that each is of, and its name.</summary>
    protected abstract IEnumerable<(string Set, string Series)> Series(bool quick);

    /// <summary>Files of a series.</summary>
    protected abstract IReadOnlyList<string> Files(string set, string series);

    /// <summary>Reads a series.</summary>
    protected abstract Trial Read(DataStore data, string set, string series, CancellationToken cancellation);

    /// <summary>What is trained on and tested, without the end that all such experiments share.</summary>
    protected abstract string Split { get; }

    public override string Protocol(bool quick) =>
        Split + $" Every series has a model of its own. Detectors see windows of {Window} rows; a row gets the score of its own step where the method has "
        + "one (of forecasters that in the window which it ends), otherwise the mean over the windows that cover it. Rows that have no forecast get the "
        + "median of training. ROC AUC and average precision are over rows (point-wise); figures are means over the series.";

    public override IReadOnlyList<string> Differences(bool quick) =>
    [
        "There are no published figures for this protocol: the papers report F1 at thresholds chosen on labels, or with point adjustment.",
        $"Networks have their default settings but for at most {(quick ? QuickEpochs : Epochs)} epochs, with early stopping on a tenth of the windows that "
        + $"lie together; training windows start every {(Stride == 1 ? "row" : $"{Stride} rows")}.",
    ];

    public override int DefaultSeeds(bool quick) => 1;

    public override IReadOnlyList<Cell> Cells(bool quick, int seeds) =>
    [
        .. from one in Series(quick)
           from method in Others.Select(name => new Method(name, name))
               .Concat(Networks.Select(name => new Method(name, name, $"epochs={(quick ? QuickEpochs : Epochs)}")))
           from seed in Enumerable.Range(0, seeds)
           select new Cell
           {
               Case = new Dictionary<string, string> { ["set"] = one.Set, ["series"] = one.Series },
               Method = method,
               Seed = seed,
               Setup = "series by series",
               Windows = new WindowSettings { Length = Window, Stride = Stride },
               Files = Files(one.Set, one.Series),
               Prepare = (data, cancellation) => data.Get($"{Name} {one.Set} {one.Series}", () => Read(data, one.Set, one.Series, cancellation)),
           },
    ];

    public override IReadOnlyList<ResultTable> Tables(ExperimentResults results) =>
    [
        .. results.Measured.GroupBy(cell => cell.Case["set"]).Select(set => Table(set.Key, [.. set])),
        .. results.Measured.Select(cell => cell.Case["set"]).Distinct().Count() > 1 ? [Table("All sets", [.. results.Measured])] : (ResultTable[])[],
    ];

    private static ResultTable Table(string name, CellResult[] cells)
    {
        int series = cells.Select(cell => (cell.Case["set"], cell.Case["series"])).Distinct().Count();
        double chance = cells.DistinctBy(cell => (cell.Case["set"], cell.Case["series"])).Average(cell => (double)cell.Anomalies / cell.TestRows);
        return new ResultTable(
            $"{name}: mean over {series} series ± standard deviation from series to series, row by row. By chance ROC AUC is 0.5 and average "
            + $"precision {Spread.Number(chance, "0.000")}. Seconds are means for one series, of training and of scoring.",
            ["method", "ROC AUC", "average precision", "training", "scoring"],
            [
                .. cells.GroupBy(cell => cell.Method).Select(method => (string[])
                [
                    method.Key,
                    Spread.Of(method, "rocAuc")?.Text("0.000") ?? "",
                    Spread.Of(method, "averagePrecision")?.Text("0.000") ?? "",
                    Spread.Number(method.Average(cell => cell.TrainSeconds), "0.0"),
                    Spread.Number(method.Average(cell => cell.ScoreSeconds), "0.0"),
                ]),
            ]);
    }
}
