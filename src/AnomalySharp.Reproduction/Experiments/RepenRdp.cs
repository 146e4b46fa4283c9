namespace AnomalySharp.Reproduction.Experiments;

/// <summary>Two ways to learn a space for distances, beside distances in the given one and in one drawn at random.</summary>
internal sealed class RepenRdp : Experiment
{
    private const string Projection = "random projection, knn";

    private static readonly PublishedFigures Figures = PublishedFigures.Read("repen-rdp");

    private static readonly Method[] Methods =
    [
        new("repen", "repen"),
        new("rdp", "rdp", ["members=10"]),
        new("lesinn", "nearest-neighbor-sample"),
        // The network of REPEN as it is drawn, with hardly a step of training.
        new(Projection, "repen", ["epochs=1", "learningRate=1E-8", "scorer=knn"]),
        new("isolation-forest", "isolation-forest"),
    ];

    private static readonly Method[] QuickMethods =
        [.. Methods.Select(method => method.Detector == "rdp" ? method with { Settings = ["members=3", "epochs=5"] } : method)];

    public override string Name => "repen-rdp";

    public override string Title => "REPEN and RDP beside LeSiNN and a random projection";

    public override IReadOnlyList<PublishedFigures> Published => [Figures];

    public override string Protocol(bool quick) =>
        "Transductive: all rows train, without labels, and the same rows are scored. Every method has its default settings and preferred "
        + "scaling, but for the members of rdp; the random projection is REPEN's layer before training, with the distance to the fifth neighbour "
        + "in its space.";

    public override IReadOnlyList<string> Differences(bool quick) =>
    [
        "Of the sets of both papers, lung (class 1 against 5) and apascal are at hand.",
        "RDP with 10 members instead of the 30 of the authors' code.",
        .. quick ? ["RDP with 3 members of 5 epochs instead of 10 of 200, on the lung data alone."] : Findings,
    ];

    private static readonly string[] Findings =
    [
        "rdp is below the reported figures. On apascal, seed 0, three members, scaled to 0…1: ROC AUC .63, also with batches of 128 or "
        + "without the loss of pairs; .695 after 10 epochs; .689 without dropout. Dropout of a tenth after the last layer makes 0.9 η(x) the "
        + "best prediction of η(x), so that a hundredth of its square is left however long φ learns: a distance from the point 0 more than a "
        + "surprise. On lung one member has .946 scaled to 0…1 and .956 standardised, and ten have .844 scaled to 0…1.",
    ];

    public override int DefaultSeeds(bool quick) => quick ? 1 : 5;

    public override IReadOnlyList<Cell> Cells(bool quick, int seeds) =>
    [
        .. from set in TableSet.All.Where(set => set.Name == "lung-1vs5" || (!quick && set.Name == "apascal"))
           from seed in Enumerable.Range(0, seeds)
           from method in quick ? QuickMethods : Methods
           select new Cell
           {
               Case = new Dictionary<string, string> { ["table"] = set.Name },
               Method = method,
               Seed = seed,
               Setup = "transductive",
               Files = [set.File],
               Prepare = (data, cancellation) =>
               {
                   Dataset all = set.Read(data, int.MaxValue, cancellation);
                   return new Trial(all, all);
               },
           },
    ];

    public override IReadOnlyList<ResultTable> Tables(ExperimentResults results) =>
    [
        .. results.Measured.GroupBy(cell => cell.Case["table"]).Select(table => new ResultTable(
            $"{table.Key}: {table.First().TestRows:N0} rows, {table.First().Anomalies:N0} anomalies. Mean over the seeds ± standard deviation.",
            ["method", "as reported (second-hand)", "ROC AUC", "average precision", "seconds"],
            [
                .. table.GroupBy(cell => cell.Method).Select(method => (string[])
                [
                    method.Key,
                    Spread.Number(Figures.Find(table.Key, method.Key, "rocAuc"), "0.000"),
                    Spread.Of(method, "rocAuc")?.Text("0.000") ?? "",
                    Spread.Of(method, "averagePrecision")?.Text("0.000") ?? "",
                    Spread.Number(method.Average(cell => cell.TrainSeconds), "0.0"),
                ]),
            ])),
    ];
}
