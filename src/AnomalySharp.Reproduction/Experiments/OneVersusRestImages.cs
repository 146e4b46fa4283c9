using AnomalySharp.Data.Protocols;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>The one-vs-rest table of GEOM (Golan and El-Yaniv, NeurIPS 2018), with networks that a processor can train.</summary>
internal sealed class OneVersusRestImages : Experiment
{
    private const int QuickTraining = 200, QuickTestStep = 20, QuickPasses = 20, Epochs = 20, QuickEpochs = 2;

    private const string Geometric = "geometric-transformations", Plain = "autoencoder", Small = "small", Medium = "medium";

    private static readonly PublishedFigures Figures = PublishedFigures.Read("geom");

    // The set, its training and test files, and passes over the training pictures: CIFAR-10 has fewer of these here than Fashion-MNIST.
    private static readonly (string Name, PictureSet Training, PictureSet Test, int SmallPasses, int MediumPasses)[] Sets =
    [
        ("f-mnist", PictureSet.FashionMnistTraining, PictureSet.FashionMnistTest, 60, 60),
        ("cifar10", PictureSet.Cifar10Training, PictureSet.Cifar10Test, 200, 60),
    ];

    private static readonly string[] PublishedMethods = ["raw-oc-svm", "cae-oc-svm", "e2e-oc-svm", "dagmm", "dsebm", "adgan", Geometric];

    public override string Name => "one-vs-rest-images";

    public override string Title => "Geometric transformations on Fashion-MNIST and CIFAR-10, each class normal in turn";

    public override IReadOnlyList<PublishedFigures> Published => [Figures];

    public override string Protocol(bool quick) =>
        $"One against the rest: {(quick ? $"{QuickTraining}" : "all")} pictures of one class of the training files train; "
        + $"{(quick ? $"every {QuickTestStep}th picture" : "all")} of the test file are scored, those of the class being normal, all others "
        + "abnormal.";

    public override IReadOnlyList<string> Differences(bool quick) =>
    [
        "Networks with some 23,000 (small) and 369,000 (medium, the default) weights in their convolutions in place of WRN-10-4, 20 transformations (four "
        + "rotations of the picture in its place, and moved to each side, up and down) in place of 72, and passes over the pictures in place of 216: "
        + (quick ? $"{QuickPasses}" : string.Join("; ", Sets.Select(set => $"{set.Name} {set.SmallPasses} (small), {set.MediumPasses} (medium)")))
        + ": what a processor does in minutes.",
        "The Dirichlet distributions are fitted to 1,000 training pictures, not to all.",
        $"The autoencoder is convolutional and learns for {(quick ? QuickEpochs : Epochs)} epochs; it is not in the published table.",
        "CIFAR-10: training pictures come from the files that are there, which may be fewer than the five of the whole set.",
        "Seconds are by the clock, and in the run of November 2026 the processor had other work at times: undisturbed, a class of Fashion-MNIST takes the "
            + "autoencoder and the small network some 45 seconds each.",
        "The published OC-SVM figures are of settings chosen by their test figure: an upper bound. 'e2e-oc-svm' is Deep SVDD, as that table names it.",
    ];

    public override int DefaultSeeds(bool quick) => 1;

    public override IReadOnlyList<Cell> Cells(bool quick, int seeds) =>
    [
        // The dearest network comes last.
        .. from network in quick ? [Small] : (string[])[Small, Medium]
           from set in quick ? Sets[..1] : network == Small ? Sets : Sets.Reverse()
           from seed in Enumerable.Range(0, seeds)
           from normal in Enumerable.Range(0, quick ? 1 : 10)
           from method in network == Small ? (Method[])[Autoencoder(quick), Transformations(network, quick ? QuickPasses : set.SmallPasses)]
               : [Transformations(network, set.MediumPasses)]
           select new Cell
           {
               Case = new Dictionary<string, string> { ["set"] = set.Name, ["class"] = $"{normal}" },
               Method = method,
               Seed = seed,
               Setup = quick ? $"one against the rest, {QuickTraining} train, every {QuickTestStep}th tests" : "one against the rest, all pictures",
               Files = [.. set.Training.Required, .. set.Test.Required],
               Prepare = (data, cancellation) =>
               {
                   ClassifiedPictures training = set.Training.Read(data, cancellation), test = set.Test.Read(data, cancellation);
                   Samples train = training.Pictures.Select(
                       OneVersusRest.Train(training.Classes, (byte)normal, seed, quick ? QuickTraining : null));
                   Samples tested = test.Pictures.WithLabels(OneVersusRest.Labels(test.Classes, (byte)normal));
                   int[] rows = [.. Enumerable.Range(0, tested.Count).Where(row => !quick || row % QuickTestStep == 0)];
                   return new Trial(train, tested.Select(rows));
               },
           },
    ];

    public override IReadOnlyList<ResultTable> Tables(ExperimentResults results) =>
        [.. results.Measured.GroupBy(cell => cell.Case["set"]).Select(set => Table(set.Key, [.. set]))];

    private static ResultTable Table(string set, IReadOnlyList<CellResult> cells)
    {
        string[] published = [.. PublishedMethods.Where(method => Figures.Find(set, "0", method, "rocAuc") is not null)];
        string[] ours = [.. cells.Select(cell => cell.Method).Distinct()];
        List<string[]> rows = [.. cells.GroupBy(cell => cell.Case["class"]).Select(normal => Row(normal.Key, normal))];
        rows.Add(Row("avg", cells));
        return new ResultTable(
            $"{set}: ROC AUC times 100 of each normal class, mean over the seeds; in the last row the mean over the classes that were run (of the "
            + "published figures: over all). Seconds of training and of scoring the test pictures, on one thread.",
            ["class", .. ours, .. published.Select(method => $"published {method}"), .. ours.Select(method => $"{method}: training + scoring s")],
            rows);

        string[] Row(string normal, IEnumerable<CellResult> of) =>
        [
            normal == "avg" ? "mean" : normal,
            .. ours.Select(method => Spread.Number(100 * Spread.Of(of.Where(cell => cell.Method == method), "rocAuc")?.Mean, "0.0")),
            .. published.Select(method => Spread.Number(Figures.Find(set, normal, method, "rocAuc"), "0.0")),
            .. ours.Select(method => Seconds([.. of.Where(cell => cell.Method == method)])),
        ];

        static string Seconds(IReadOnlyList<CellResult> of) => of.Count == 0
            ? "–"
            : $"{Spread.Number(of.Average(cell => cell.TrainSeconds), "0")} + {Spread.Number(of.Average(cell => cell.ScoreSeconds), "0")}";
    }

    private static Method Autoencoder(bool quick) => new(Plain, Plain, $"epochs={(quick ? QuickEpochs : Epochs)}") { Scaling = FeatureScaling.None };

    private static Method Transformations(string network, int passes) => new(
        $"{Geometric}, {network}", Geometric, $"network={network}", "transformations=shiftsAndRotations", $"epochs={passes}");
}
