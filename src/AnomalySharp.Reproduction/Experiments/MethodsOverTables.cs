using System.Globalization;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>
/// Means and ranks of methods over the tables of a result file. A mean over other tables for each method would compare nothing: methods that lack
/// figures of a table stand apart.
/// </summary>
internal sealed class MethodsOverTables
{
    private const string Plain = "autoencoder";

    // Below what two seeds differ by.
    private const double Equal = 0.005;

    private readonly ILookup<(string Table, string Method), CellResult> _cells;
    private readonly string[] _tables, _complete, _incomplete;
    private readonly Dictionary<string, double> _rank;

    public MethodsOverTables(ExperimentResults results)
    {
        _cells = results.Measured.ToLookup(cell => (cell.Case["table"], cell.Method));
        _tables = [.. results.Measured.Select(cell => cell.Case["table"]).Distinct()];
        string[] methods = [.. results.Measured.Select(cell => cell.Method).Distinct()];
        string[] complete = [.. methods.Where(method => _tables.All(table => _cells.Contains((table, method))))];
        _rank = complete.ToDictionary(method => method, method => _tables.Average(table => Rank(complete, table, method)));
        _complete = [.. complete.OrderBy(method => _rank[method])];
        _incomplete = [.. methods.Except(complete)];
    }

    public IReadOnlyList<ResultTable> Tables() => [Overview(), Incomplete(), AgainstPlain(), OfTables(), ByTable()];

    private ResultTable Overview() => new(
        $"{_complete.Length} methods over {_tables.Length} tables: mean over the tables ± standard deviation of that mean over the seeds; rank by mean ROC "
        + "AUC of a table, 1 = best; mean seconds of training and of scoring per table.",
        ["method", "ROC AUC", "average precision", "mean rank", "fit, s", "score, s"],
        [
            .. _complete.Select(method =>
            {
                CellResult[] own = [.. _tables.SelectMany(table => _cells[(table, method)])];
                return (string[])
                [
                    method,
                    OverSeeds(method, "rocAuc"),
                    OverSeeds(method, "averagePrecision"),
                    Spread.Number(_rank[method], "0.00"),
                    Spread.Number(own.Average(cell => cell.TrainSeconds), "0.00"),
                    Spread.Number(own.Average(cell => cell.ScoreSeconds), "0.00"),
                ];
            }),
        ]);

    private ResultTable Incomplete() => new(
        "Methods that gave no figures on some tables: means over the tables that they have, and the mean over those tables of the methods above.",
        ["method", "tables", "ROC AUC", "average precision", "ROC AUC of the others there", "lacks"],
        [
            .. _incomplete.Select(method =>
            {
                string[] own = [.. _tables.Where(table => _cells.Contains((table, method)))];
                double? others = _complete.Length == 0 ? null : own.Average(table => _complete.Average(other => Mean(table, other, "rocAuc")));
                return (string[])
                [
                    method,
                    $"{own.Length}",
                    Spread.Number(own.Average(table => Mean(table, method, "rocAuc")), "0.000"),
                    Spread.Number(own.Average(table => Mean(table, method, "averagePrecision")), "0.000"),
                    Spread.Number(others, "0.000"),
                    string.Join(", ", _tables.Except(own)),
                ];
            }),
        ]);

    /// <summary>Where a fancier method does not beat the plain autoencoder.</summary>
    private ResultTable AgainstPlain() => new(
        string.Create(CultureInfo.InvariantCulture, $"Tables on which a method's mean ROC AUC is above, within {Equal} of, or below that of the plain ")
        + "autoencoder, and the mean difference over them.",
        ["method", "better", "equal", "worse", "mean difference"],
        [
            .. Methods.Where(method => method != Plain).Select(method =>
            {
                double[] gains =
                [
                    .. _tables.Where(table => _cells.Contains((table, method)) && _cells.Contains((table, Plain)))
                        .Select(table => Mean(table, method, "rocAuc") - Mean(table, Plain, "rocAuc")),
                ];
                return (string[])
                [
                    method,
                    $"{gains.Count(gain => gain > Equal)}",
                    $"{gains.Count(gain => Math.Abs(gain) <= Equal)}",
                    $"{gains.Count(gain => gain < -Equal)}",
                    Spread.Number(gains.DefaultIfEmpty(double.NaN).Average(), "+0.000;-0.000;0.000"),
                ];
            }),
        ]);

    private ResultTable OfTables() => new(
        "The tables: rows scored, anomalies among them, and the methods with the greatest mean ROC AUC.",
        ["table", "rows", "anomalies", "best"],
        [
            .. _tables.Select(table =>
            {
                CellResult any = Methods.SelectMany(method => _cells[(table, method)]).First();
                IEnumerable<string> best = Methods.Where(method => _cells.Contains((table, method)))
                    .OrderByDescending(method => Mean(table, method, "rocAuc")).Take(3)
                    .Select(method => $"{method} {Spread.Number(Mean(table, method, "rocAuc"), "0.000")}");
                return (string[])[table, $"{any.TestRows}", $"{any.Anomalies}", string.Join(", ", best)];
            }),
        ]);

    private ResultTable ByTable() => new(
        "ROC AUC of each method on each table, mean over the seeds.",
        ["method", .. _tables],
        [
            .. Methods.Select(method => (string[])
            [
                method,
                .. _tables.Select(table => _cells.Contains((table, method)) ? Spread.Number(Mean(table, method, "rocAuc"), "0.000") : "–"),
            ]),
        ]);

    private IEnumerable<string> Methods => _complete.Concat(_incomplete);

    private double Mean(string table, string method, string figure) => _cells[(table, method)].Average(cell => cell.Figures[figure]);

    private string OverSeeds(string method, string figure)
    {
        // A seed that lacks tables would deviate by which it has.
        double[] seeds =
        [
            .. _tables.SelectMany(table => _cells[(table, method)]).GroupBy(cell => cell.Seed)
                .Where(seed => seed.Count() == _tables.Length).Select(seed => seed.Average(cell => cell.Figures[figure])),
        ];
        return new Spread(_tables.Average(table => Mean(table, method, figure)), Spread.Of(seeds)?.Deviation).Text("0.000");
    }

    /// <summary>1 + the methods that are better; methods of equal value share the middle of their ranks.</summary>
    private double Rank(string[] methods, string table, string method)
    {
        double own = Mean(table, method, "rocAuc");
        double[] values = [.. methods.Select(other => Mean(table, other, "rocAuc"))];
        return 1 + values.Count(value => value > own) + (values.Count(value => value == own) - 1) / 2.0;
    }
}
