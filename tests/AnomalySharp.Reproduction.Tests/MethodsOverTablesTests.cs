namespace AnomalySharp.Reproduction.Tests;

/// <summary>The tables of the experiments over all methods and tables.</summary>
public class MethodsOverTablesTests
{
    [Fact]
    public void Methods_are_ranked_over_all_tables_and_those_that_lack_one_stand_apart()
    {
        IReadOnlyList<ResultTable> tables = Tables(
            ("a", "knn", 0, 0.9), ("a", "lof", 0, 0.8), ("a", "pca", 0, 0.6), ("a", "gmm", 0, 1),
            ("b", "knn", 0, 0.5), ("b", "lof", 0, 0.6), ("b", "pca", 0, 0.6), ("a", "knn", 1, 0.7));
        // On a: knn and lof share the ranks 1 and 2; on b: lof and pca. Of knn's second seed there is one table only, which is no spread over the seeds.
        Assert.Equal(
            ["lof 0.700 0.350 1.50 2.00 0.50", "knn 0.650 0.325 2.25 2.00 0.50", "pca 0.600 0.300 2.25 2.00 0.50"], tables[0].Rows.Select(Text));
        Assert.StartsWith("3 methods over 2 tables", tables[0].Caption, StringComparison.Ordinal);
        // The others' mean on a: (0.8 + 0.8 + 0.6) / 3.
        Assert.Equal(["gmm 1 1.000 0.500 0.733 b"], tables[1].Rows.Select(Text));
        Assert.Equal(["a 10 2 gmm 1.000, lof 0.800, knn 0.800", "b 10 2 lof 0.600, pca 0.600, knn 0.500"], tables[3].Rows.Select(Text));
        Assert.Equal("gmm 1.000 –", Text(tables[4].Rows[^1]));
    }

    [Fact]
    public void Seeds_that_have_every_table_give_the_spread()
    {
        IReadOnlyList<ResultTable> tables = Tables(("a", "knn", 0, 0.9), ("b", "knn", 0, 0.7), ("a", "knn", 1, 0.5), ("b", "knn", 1, 0.7));
        Assert.StartsWith("knn 0.700 ± 0.141", Text(Assert.Single(tables[0].Rows)), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_method_that_takes_tables_has_cells_and_quick_runs_need_nothing_native()
    {
        Experiment experiment = ExperimentCatalog.Find("tables-transductive");
        string[] methods = [.. DetectorCatalog.All.Where(entry => entry.Info.Kinds.HasFlag(DataKinds.Table)).Select(entry => entry.Name)];
        Assert.Equal(methods, experiment.Cells(false, 1).Where(cell => cell.Case["table"] == "wdbc").Select(cell => cell.Method.Detector));
        Assert.DoesNotContain(
            experiment.Cells(true, 1), cell => DetectorCatalog.Find(cell.Method.Detector).Info.TorchKinds.HasFlag(DataKinds.Table));
    }

    private static string Text(IReadOnlyList<string> row) => string.Join(' ', row);

    private static IReadOnlyList<ResultTable> Tables(params (string Table, string Method, int Seed, double RocAuc)[] cells) =>
        ExperimentCatalog.Find("tables-transductive").Tables(new ExperimentResults
        {
            Experiment = "tables-transductive",
            Quick = false,
            Protocol = "",
            Differences = [],
            Cells =
            [
                .. cells.Select((cell, i) => new CellResult
                {
                    Fingerprint = $"{i}",
                    Case = new Dictionary<string, string> { ["table"] = cell.Table },
                    Method = cell.Method,
                    Detector = cell.Method,
                    Settings = [],
                    Seed = cell.Seed,
                    TestRows = 10,
                    Anomalies = 2,
                    Figures = new Dictionary<string, double> { ["rocAuc"] = cell.RocAuc, ["averagePrecision"] = cell.RocAuc / 2 },
                    TrainSeconds = 2,
                    ScoreSeconds = 0.5,
                }),
            ],
        });
}
