using AnomalySharp.Data.Protocols;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>What a processor's minutes buy: GEOM with networks and sets of transformations of several sizes, up to the paper's.</summary>
internal sealed class TransformationBudget : Experiment
{
    private const int TestStep = 10, QuickTraining = 200;

    private const string Geometric = "geometric-transformations";

    private static readonly byte[] Classes = [1, 5];

    // Dear ones last.
    private static readonly (string Network, string Transformations, int Passes, bool InBfloat16)[] Settings =
    [
        ("small", "shiftsAndRotations", 20, false),
        ("small", "shiftsAndRotations", 60, false),
        ("small", "shiftsAndRotations", 200, false),
        ("medium", "shiftsAndRotations", 20, false),
        ("medium", "shiftsAndRotations", 60, false),
        ("medium", "shiftsAndRotations", 60, true),
        ("medium", "shiftsAndRotations", 200, false),
        ("medium", "flipsAndRotations", 64, false),
        ("medium", "regularAffine", 72, false),
        ("medium", "regularAffine", 216, false),
        ("wrn10x4", "shiftsAndRotations", 20, false),
        ("wrn10x4", "shiftsAndRotations", 20, true),
        ("wrn10x4", "regularAffine", 72, true),
        ("wrn10x4", "regularAffine", 216, true),
    ];

    public override string Name => "transformation-budget";

    public override string Title => "Geometric transformations: what minutes of one processor buy";

    public override string Protocol(bool quick) =>
        $"One against the rest on CIFAR-10, the classes {string.Join(" and ", Classes)} (automobiles and dogs) normal in turn: "
        + $"{(quick ? $"{QuickTraining}" : "all")} pictures of the class in the training files train; every {TestStep}th picture of the test file is scored. "
        + "Everything on one thread.";

    public override IReadOnlyList<string> Differences(bool quick) =>
    [
        "wrn10x4 with regularAffine and 216 passes, three epochs of 72 transformed copies of each picture, is the paper's network and schedule. It learns in "
            + "bfloat16, as does what is marked so, which the processor of this run has instructions for (AMX); scores are computed in 32 bits.",
        "A pass shows every picture under one of the transformations.",
        "Training pictures come from the files that are there, which may be fewer than the five of the whole set.",
        "The Dirichlet distributions are fitted to at most 1,000 training pictures.",
    ];

    public override int DefaultSeeds(bool quick) => 1;

    public override IReadOnlyList<Cell> Cells(bool quick, int seeds) =>
    [
        .. from setting in quick ? Settings[..1] : Settings
           from seed in Enumerable.Range(0, seeds)
           from normal in Classes
           select new Cell
           {
               Case = new Dictionary<string, string> { ["class"] = $"{normal}" },
               Method = new Method(
                   $"{setting.Network}, {setting.Transformations}, {setting.Passes}{(setting.InBfloat16 ? ", bfloat16" : "")}",
                   Geometric,
                   [
                       $"network={setting.Network}", $"transformations={setting.Transformations}", $"epochs={setting.Passes}",
                       .. setting.InBfloat16 ? (string[])["precision=bfloat16"] : [],
                   ])
               {
                   Scaling = FeatureScaling.None,
               },
               Seed = seed,
               Setup = $"one against the rest, {(quick ? $"{QuickTraining}" : "all")} pictures, every {TestStep}th tests",
               Files = [.. PictureSet.Cifar10Training.Required, .. PictureSet.Cifar10Test.Required],
               Prepare = (data, cancellation) =>
               {
                   ClassifiedPictures training = PictureSet.Cifar10Training.Read(data, cancellation), test = PictureSet.Cifar10Test.Read(data, cancellation);
                   int[] train = OneVersusRest.Train(training.Classes, normal, seed, quick ? QuickTraining : null);
                   Samples tested = test.Pictures.WithLabels(OneVersusRest.Labels(test.Classes, normal));
                   int[] rows = [.. Enumerable.Range(0, tested.Count).Where(row => row % TestStep == 0)];
                   return new Trial(training.Pictures.Select(train), tested.Select(rows));
               },
           },
    ];

    public override IReadOnlyList<ResultTable> Tables(ExperimentResults results) =>
    [
        new ResultTable(
            "By seconds of training and of scoring the tested pictures, mean over the classes. 'ahead' marks settings that none is better than in less time: the "
            + "curve of ROC AUC over minutes goes through them.",
            ["network, transformations, passes", "training s", "scoring s", .. Classes.Select(one => $"ROC AUC, class {one}"), "mean", "ahead"],
            Rows(results)),
    ];

    private static List<string[]> Rows(ExperimentResults results)
    {
        List<string[]> rows = [];
        double best = 0;
        foreach (IGrouping<string, CellResult> cells in results.Measured.GroupBy(cell => cell.Method).OrderBy(Seconds))
        {
            double?[] classes = [.. Classes.Select(one => Spread.Of(cells.Where(cell => cell.Case["class"] == $"{one}"), "rocAuc")?.Mean)];
            double? mean = classes.Average();
            bool ahead = classes.All(one => one is not null) && mean > best;
            if (ahead) best = mean!.Value;
            rows.Add(
            [
                cells.Key,
                Spread.Number(cells.Average(cell => cell.TrainSeconds), "0"),
                Spread.Number(cells.Average(cell => cell.ScoreSeconds), "0.0"),
                .. classes.Select(one => Spread.Number(one, "0.000")),
                Spread.Number(mean, "0.000"),
                ahead ? "ahead" : "",
            ]);
        }
        return rows;

        static double Seconds(IEnumerable<CellResult> cells) => cells.Average(cell => cell.TrainSeconds + cell.ScoreSeconds);
    }
}
