using AnomalySharp.Data.Protocols;
using AnomalySharp.Tables;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>Values that are abnormal given their context: judged with it, beside it, and without it.</summary>
internal sealed class Context : Experiment
{
    private const int MostRows = 1500, MadeRows = 1500;

    private const double Share = 0.05;

    private const string Made = "seasonal readings", Other = "another time", Any = "any row", Farthest = "farthest of 50";

    private const string Given = "values given context", All = "all columns", Alone = "values alone";

    private static readonly string[] Measured = ["cardio", "thyroid", "vowels"];

    private static readonly string[] Detectors = ["nearest-neighbor-sample", "isolation-forest", "ecod"];

    public override string Name => "context";

    public override string Title => "Conditional anomalies: values judged by their context";

    public override string Protocol(bool quick) =>
        "Transductive: all rows train, without labels, and the same rows are scored. Seasonal readings are made: temperature and demand follow month"
        + $", weekday and site, and abnormal rows have those of others. Of the tables, at most {MostRows:N0} normal rows are taken, a random half of "
        + $"the columns is context, and {Share:0 %} of the rows get the other columns' values of another row (Song et al., IEEE TKDE 2007): of any, "
        + "or of the farthest among 50. Rows, columns and training follow the seed.";

    public override IReadOnlyList<string> Differences(bool quick) =>
    [
        "Song et al. perturb other tables and report precision and recall; there are no published figures for these.",
        "Where the farthest of 50 rows gives its values, these are often rare whatever the context, and found without it.",
    ];

    public override int DefaultSeeds(bool quick) => quick ? 1 : 3;

    public override IReadOnlyList<Cell> Cells(bool quick, int seeds) =>
    [
        .. from one in Sets(quick)
           from seed in Enumerable.Range(0, seeds)
           from judged in (string[])[Alone, All, Given]
           from detector in Detectors.Take(quick ? 1 : Detectors.Length)
           select new Cell
           {
               Case = new Dictionary<string, string> { ["table"] = one.Table, ["values of"] = one.Swap, ["judged"] = judged },
               Method = new Method(detector, detector),
               Seed = seed,
               Setup = $"transductive, at most {MostRows} rows, {Share:0.00} swapped",
               Files = one.Table == Made ? [] : [FileOf(one.Table)],
               Prepare = (data, cancellation) => Prepare(data, one.Table, one.Swap, seed, judged, cancellation),
           },
    ];

    public override IReadOnlyList<ResultTable> Tables(ExperimentResults results) =>
    [
        .. results.Measured.GroupBy(cell => cell.Method).Select(method => new ResultTable(
            $"{method.Key}: ROC AUC, mean over the seeds ± standard deviation.",
            ["table", "rows", "anomalies", "values of", Alone, All, Given],
            [
                .. method.GroupBy(cell => (cell.Case["table"], cell.Case["values of"])).Select(set => (string[])
                [
                    set.Key.Item1,
                    $"{set.First().TestRows}",
                    $"{set.First().Anomalies}",
                    set.Key.Item2,
                    .. ((string[])[Alone, All, Given]).Select(judged =>
                        Spread.Of(set.Where(cell => cell.Case["judged"] == judged), "rocAuc")?.Text("0.000") ?? ""),
                ]),
            ])),
    ];

    private static IEnumerable<(string Table, string Swap)> Sets(bool quick) =>
    [
        (Made, Other),
        .. quick ? [] : from table in Measured from swap in (string[])[Any, Farthest] select (table, swap),
    ];

    private static string FileOf(string table) => TableSet.All.First(set => set.Name == table).File;

    private static Trial Prepare(DataStore data, string table, string swap, int seed, string judged, CancellationToken cancellation)
    {
        (Dataset rows, IReadOnlyList<string> context) = table == Made
            ? (SeasonalReadings.Make(MadeRows, (int)(Share * MadeRows), seed), SeasonalReadings.Context)
            : Swapped(TableSet.All.First(set => set.Name == table).Read(data, int.MaxValue, cancellation), swap == Farthest, seed);
        if (judged == Alone) rows = Without(rows, context);
        return new Trial(rows, rows) { ContextColumns = judged == Given ? context : null };
    }

    private static (Dataset, IReadOnlyList<string>) Swapped(Dataset all, bool farthest, int seed)
    {
        int[] normal = [.. Enumerable.Range(0, all.Count).Where(i => all.Labels![i] == 0)];
        if (normal.Length > MostRows) normal = Subsample.Rows(new byte[normal.Length], MostRows, seed).Select(i => normal[i]).ToArray();
        (Samples rows, IReadOnlyList<int> context) = SwappedValues.Make(all.Samples!.Select(normal), Share, farthest, seed);
        return (rows, [.. context.Select(rows.FeatureName)]);
    }

    private static Dataset Without(Dataset data, IReadOnlyList<string> columns)
    {
        if (data.Table is { } table) return new Dataset(new Table([.. table.Columns.Where(column => !columns.Contains(column.Name))]), data.Labels);
        Samples samples = data.Samples!;
        int[] kept = [.. Enumerable.Range(0, samples.Shape.Length).Where(j => !columns.Contains(samples.FeatureName(j)))];
        float[] values = [.. Enumerable.Range(0, samples.Count).SelectMany(i => kept.Select(j => samples[i][j]))];
        return samples.WithValues(values, new SampleShape(kept.Length));
    }
}
