using AnomalySharp.Evaluation;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>The whole catalogue on every table.</summary>
internal abstract class TablesExperiment(Protocol protocol) : Experiment
{
    private const int MostRows = 5000, DearEpochs = 20, QuickEpochs = 2;

    /// <summary>The dearest methods, and what they have instead of their defaults: also every method that needs libtorch for tables.</summary>
    private static readonly Dictionary<string, string[]> Cheaper = new()
    {
        ["adgan"] = [$"epochs={DearEpochs}", "restarts=2"],
        ["anogan"] = [$"epochs={DearEpochs}", "searchSteps=50"],
        ["rdp"] = [$"epochs={DearEpochs}", "members=10"],
    };

    public override string Protocol(bool quick) => protocol switch
    {
        Evaluation.Protocol.Transductive => "Transductive: all rows train, without labels, and the same rows are scored.",
        _ => "Normal-only: a random half of the normal rows trains (which half follows the seed); the other half and all anomalies are scored.",
    } + $" Tables with more than {MostRows:N0} rows are cut to that many, drawn once with the share of anomalies kept. Every method of the catalogue "
        + "that takes tables has its default settings, except as said below.";

    public override IReadOnlyList<string> Differences(bool quick) =>
    [
        "neutral-ad's scaling, kind of transformation and biases were chosen by ROC AUC, normal rows only, of ten of these tables (annthyroid, breastw, cardio, "
            + "ionosphere, letter, pima, satimage-2, thyroid, vowels, wdbc): its figures there are somewhat too good.",
        "There are no published figures for all these methods under this protocol on these tables: the rows are our methods beside each other. For "
            + "orientation only, for tables, rows and settings differ, mean ROC AUC of implementations in Python over 16 tables of ADBench: "
            + (protocol == Evaluation.Protocol.Transductive
                ? "isolation forest 0.845, CBLOF 0.842, variational autoencoder 0.816, Gaussian mixture 0.815, HBOS 0.812."
                : "LUNAR 0.940, kNN 0.925, LOF 0.920, autoencoder 0.907, CBLOF 0.898, Gaussian mixture 0.890, Deep SVDD 0.882, variational autoencoder "
                    + "0.882, one-class SVM 0.862, isolation forest 0.853, deep isolation forest 0.851, REPEN 0.801."),
        .. quick
            ? [$"Only methods that need no libtorch for tables, and {QuickEpochs} epochs for each that has epochs."]
            : (string[])
            [
                $"The dearest methods have {DearEpochs} epochs, for time: the adversarial ones and others that need libtorch for tables, and "
                    + $"{string.Join(", ", Cheaper.Select(one => $"{one.Key} ({string.Join(", ", one.Value)})"))}.",
            ],
    ];

    public override int DefaultSeeds(bool quick) => quick ? 1 : 3;

    // Seed by seed: where a run is stopped, every method has been on every table with the first.
    public override IReadOnlyList<Cell> Cells(bool quick, int seeds) =>
    [
        .. from seed in Enumerable.Range(0, seeds)
           from set in quick ? TableSet.Small : TableSet.All
           from entry in Entries(quick)
           select new Cell
           {
               Case = new Dictionary<string, string> { ["table"] = set.Name },
               Method = new Method(entry.Name, entry.Name, quick ? Short(entry, QuickEpochs) : Settings(entry)),
               Seed = seed,
               Setup = $"{protocol}, at most {MostRows} rows",
               Files = [set.File],
               Prepare = (data, cancellation) => Prepare(set.Read(data, MostRows, cancellation), seed),
           },
    ];

    public override IReadOnlyList<ResultTable> Tables(ExperimentResults results) => new MethodsOverTables(results).Tables();

    private static IEnumerable<DetectorEntry> Entries(bool quick) => DetectorCatalog.All.Where(
        entry => entry.Info.Kinds.HasFlag(DataKinds.Table) && !(quick && entry.Info.TorchKinds.HasFlag(DataKinds.Table)));

    private static bool IsDear(DetectorEntry entry) => entry.Info.TorchKinds.HasFlag(DataKinds.Table) || Cheaper.ContainsKey(entry.Name);

    private static string[] Settings(DetectorEntry entry) => Cheaper.GetValueOrDefault(entry.Name) ?? (IsDear(entry) ? Short(entry, DearEpochs) : []);

    private static string[] Short(DetectorEntry entry, int epochs) => entry.Options.Any(option => option.Name == "epochs") ? [$"epochs={epochs}"] : [];

    private Trial Prepare(Dataset data, int seed)
    {
        (int[] train, int[] test) = Comparison.Split(protocol, data.Labels!, seed);
        return protocol == Evaluation.Protocol.Transductive ? new Trial(data, data) : new Trial(data.Select(train), data.Select(test));
    }
}

/// <summary>All rows train and are scored.</summary>
internal sealed class TablesTransductive() : TablesExperiment(Evaluation.Protocol.Transductive)
{
    public override string Name => "tables-transductive";

    public override string Title => "All methods on tables, trained on contaminated rows";
}

/// <summary>Half of the normal rows trains.</summary>
internal sealed class TablesNormalOnly() : TablesExperiment(Evaluation.Protocol.NormalOnly)
{
    public override string Name => "tables-normal-only";

    public override string Title => "All methods on tables, trained on normal rows";
}
