using System.Globalization;
using AnomalySharp.Evaluation;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>The whole family on every table, beside two classical methods.</summary>
internal abstract class TablesExperiment(Protocol protocol) : Experiment
{
    private const string Plain = "autoencoder";

    // Below what two seeds differ by.
    private const double Equal = 0.005;

    private const int MostRows = 5000;

    private static readonly Method[] Methods =
    [
        new("knn", "knn"),
        new("isolation-forest", "isolation-forest"),
        new("robust-pca", "robust-pca"),
        new("autoencoder", "autoencoder"),
        new("denoising-autoencoder", "denoising-autoencoder"),
        new("stacked-denoising-autoencoder", "stacked-denoising-autoencoder"),
        new("sparse-autoencoder", "sparse-autoencoder"),
        new("contractive-autoencoder", "contractive-autoencoder"),
        new("variational-autoencoder", "variational-autoencoder"),
        new("robust-autoencoder", "robust-autoencoder"),
    ];

    public override string Protocol(bool quick) => protocol switch
    {
        Evaluation.Protocol.Transductive => "Transductive: all rows train, without labels, and the same rows are scored.",
        _ => "Normal-only: a random half of the normal rows trains (which half follows the seed); the other half and all anomalies are scored.",
    } + $" Tables with more than {MostRows:N0} rows are cut to that many, drawn once with the share of anomalies kept. Every method has its default "
        + "settings.";

    public override IReadOnlyList<string> Differences(bool quick) =>
        ["There are no published figures for this family under this protocol on these tables: the rows are our methods beside each other."];

    public override int DefaultSeeds(bool quick) => quick ? 1 : 3;

    public override IReadOnlyList<Cell> Cells(bool quick, int seeds) =>
    [
        .. from set in quick ? TableSet.Small : TableSet.All
           from seed in Enumerable.Range(0, seeds)
           from method in Methods
           select new Cell
           {
               Case = new Dictionary<string, string> { ["table"] = set.Name },
               Method = method,
               Seed = seed,
               Setup = $"{protocol}, at most {MostRows} rows",
               Files = [set.File],
               Prepare = (data, cancellation) => Prepare(set.Read(data, MostRows, cancellation), seed),
           },
    ];

    public override IReadOnlyList<ResultTable> Tables(ExperimentResults results) => [Overview(results), AgainstPlain(results), ByTable(results)];

    private Trial Prepare(Dataset data, int seed)
    {
        (int[] train, int[] test) = Comparison.Split(protocol, data.Labels!, seed);
        return protocol == Evaluation.Protocol.Transductive ? new Trial(data, data) : new Trial(data.Select(train), data.Select(test));
    }

    private static ResultTable Overview(ExperimentResults results)
    {
        string[] methods = MethodsOf(results);
        ILookup<(string, string), CellResult> cells = results.Measured.ToLookup(cell => (cell.Case["table"], cell.Method));
        // A mean over other tables for each method would compare nothing.
        string[] complete = [.. TablesOf(results).Where(table => methods.All(method => cells.Contains((table, method))))];
        Dictionary<string, double> rank = methods.ToDictionary(
            method => method, method => complete.Select(table => Rank(cells, methods, table, method)).DefaultIfEmpty(double.NaN).Average());
        IReadOnlyList<string>[] rows =
        [
            .. methods.OrderBy(method => rank[method]).Select(method =>
            {
                CellResult[] own = [.. complete.SelectMany(table => cells[(table, method)])];
                return (string[])
                [
                    method,
                    OverSeeds(own, "rocAuc"),
                    OverSeeds(own, "averagePrecision"),
                    Spread.Number(rank[method], "0.00"),
                    Spread.Number(own.Select(cell => cell.TrainSeconds).DefaultIfEmpty().Average(), "0.00"),
                ];
            }),
        ];
        return new ResultTable(
            $"Over the {complete.Length} tables on which all {methods.Length} methods gave figures: mean over the tables ± standard deviation of that mean "
            + "over the seeds; rank by mean ROC AUC of a table, 1 = best; mean seconds of training per table.",
            ["method", "ROC AUC", "average precision", "mean rank", "seconds"],
            rows);
    }

    /// <summary>Where a fancier method does not beat the plain autoencoder.</summary>
    private static ResultTable AgainstPlain(ExperimentResults results)
    {
        ILookup<(string, string), CellResult> cells = results.Measured.ToLookup(cell => (cell.Case["table"], cell.Method));
        double Mean(string table, string method) => cells[(table, method)].Average(cell => cell.Figures["rocAuc"]);
        return new ResultTable(
            string.Create(CultureInfo.InvariantCulture, $"Tables on which a method's mean ROC AUC is above, within {Equal} of, or below that of the plain ")
            + "autoencoder, and the mean difference over them.",
            ["method", "better", "equal", "worse", "mean difference"],
            [
                .. MethodsOf(results).Where(method => method != Plain).Select(method =>
                {
                    double[] gains =
                    [
                        .. TablesOf(results).Where(table => cells.Contains((table, method)) && cells.Contains((table, Plain)))
                            .Select(table => Mean(table, method) - Mean(table, Plain)),
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
    }

    private static ResultTable ByTable(ExperimentResults results)
    {
        string[] methods = MethodsOf(results);
        ILookup<(string, string), CellResult> cells = results.Measured.ToLookup(cell => (cell.Case["table"], cell.Method));
        return new ResultTable(
            "ROC AUC of each table, mean over the seeds ± standard deviation.",
            ["table", "rows", "anomalies", .. methods],
            [
                .. TablesOf(results).Select(table =>
                {
                    CellResult any = results.Measured.First(cell => cell.Case["table"] == table);
                    return (string[])
                    [
                        table,
                        $"{any.TestRows}",
                        $"{any.Anomalies}",
                        .. methods.Select(method => Spread.Of(cells[(table, method)], "rocAuc")?.Text("0.000") ?? "–"),
                    ];
                }),
            ]);
    }

    private static string OverSeeds(CellResult[] cells, string figure) =>
        Spread.Of([.. cells.GroupBy(cell => cell.Seed).Select(seed => seed.Average(cell => cell.Figures[figure]))])?.Text("0.000") ?? "–";

    /// <summary>1 + the methods that are better; methods of equal value share the middle of their ranks.</summary>
    private static double Rank(ILookup<(string, string), CellResult> cells, string[] methods, string table, string method)
    {
        double Value(string one) => cells[(table, one)].Average(cell => cell.Figures["rocAuc"]);
        double own = Value(method);
        return 1 + methods.Count(other => Value(other) > own) + (methods.Count(other => Value(other) == own) - 1) / 2.0;
    }

    private static string[] MethodsOf(ExperimentResults results) =>
        [.. Methods.Select(method => method.Label).Where(label => results.Measured.Any(cell => cell.Method == label))];

    private static string[] TablesOf(ExperimentResults results) => [.. results.Measured.Select(cell => cell.Case["table"]).Distinct()];
}

/// <summary>All rows train and are scored.</summary>
internal sealed class TablesTransductive() : TablesExperiment(Evaluation.Protocol.Transductive)
{
    public override string Name => "tables-transductive";

    public override string Title => "Autoencoders on tables, trained on contaminated rows";
}

/// <summary>Half of the normal rows trains.</summary>
internal sealed class TablesNormalOnly() : TablesExperiment(Evaluation.Protocol.NormalOnly)
{
    public override string Name => "tables-normal-only";

    public override string Title => "Autoencoders on tables, trained on normal rows";
}
