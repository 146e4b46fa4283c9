using AnomalySharp.Data.Protocols;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>The table of E³Outlier (Wang et al., NeurIPS 2019).</summary>
internal sealed class ContaminatedImages : Experiment
{
    private const int Inliers = 1000, QuickInliers = 300, Epochs = 20, QuickEpochs = 4, Rounds = 4;

    // Passes over the pictures, each under one transformation: one epoch of the paper is K = 111 of them.
    private const int Passes = 111, QuickPasses = 8, Shifts = 100, QuickShifts = 20;

    private const string NormRatio = "ratioOfGradients", EarlyRatio = "earlyRatioOfGradients", LeastRatio = "leastRatioOfGradients", StepShare = "shareOfStep";

    private static readonly PublishedFigures Figures = PublishedFigures.Read("e3outlier");

    private static readonly double[] Ratios = [0.1, 0.2];

    // Ours, and what the published table calls them.
    private static readonly string[] Ours = ["rocAuc", "auprIn", "averagePrecision"], Theirs = ["rocAuc", "auprIn", "auprOut"];

    private static readonly string[] Network =
        ["hidden=16,32,64", "latent=64", "batchNormalization=true", "codeActivation=tanh", "outputActivation=sigmoid", "validationFraction=0"];

    private static readonly PictureSet[] Sets = [PictureSet.Mnist, PictureSet.FashionMnist, PictureSet.Cifar10];

    public override string Name => "contaminated-images";

    public override string Title => "E³Outlier and its baselines on contaminated pictures of one class";

    public override IReadOnlyList<PublishedFigures> Published => [Figures];

    public override string Protocol(bool quick) =>
        "Transductive: the pictures of one class (drawn from the training and the test files together) and pictures of the other nine classes, drawn so "
        + "that they are a given share of the set; the whole set trains, without labels, and is scored. Each class in turn is the normal one. Pixels are in "
        + "0…1.";

    public override IReadOnlyList<string> Differences(bool quick) =>
    [
        $"At most {(quick ? QuickInliers : Inliers):N0} normal pictures of a class, drawn for each seed; the paper has all, up to 12,000.",
        $"{(quick ? QuickEpochs : Epochs)} epochs; the paper trains its CAE for 250 and, in its code, its RDAE for 20.",
        $"The RDAE does {Rounds} rounds of {(quick ? QuickEpochs : Epochs) / Rounds} epochs; its threshold is automatic and knows nothing of the share of outliers.",
        "Seconds depend on what else the processors do: in the run of November 2026 they were shared with other work, MNIST's most of all, and rows do not "
        + "compare by them.",
        "Stages of 16, 32 and 64 channels and a code of 64 (batch-normalised, ReLU, code tanh, output sigmoid); the paper's have 64, 128, 256 and 256, and "
        + "its output is tanh on pixels in −1…1.",
        "AUPR is average precision; the paper's is the trapezoid under the curve, which is a little more.",
        "The RDAE of the paper's code is defective (its shrinkage leaves S = 0), so its column is that of an autoencoder trained for 20 epochs; ours is "
        + "the method of Zhou and Paffenroth.",
        $"e3-outlier and ssd-if have a small network (16, 32 and 64 channels) in place of WRN-10-4, and {(quick ? "the 8 flips and rotations, once" : "one epoch over the 111 operations")}, "
        + $"by Adam; the paper has 111 operations, three epochs, and SGD on MNIST and Fashion-MNIST. 'shifts' has 20 shifted and turned copies and "
        + $"{(quick ? QuickShifts : Shifts)} passes instead.",
        "dagmm learns from the pixels with the dense networks of its defaults, not with a convolutional encoder.",
        "Inlier priority is measured in each pass of e3-outlier and ssd-if: their seconds of training are with it.",
        "drae, dagmm, ssd-if, cae-if and e3-outlier: on MNIST and Fashion-MNIST only.",
        "CIFAR-10: pictures come from the files that are there, which may be fewer than the six of the whole set.",
    ];

    public override int DefaultSeeds(bool quick) => 1;

    public override IReadOnlyList<Cell> Cells(bool quick, int seeds) =>
    [
        .. from set in quick ? Sets[..1] : Sets
           from ratio in quick ? Ratios[..1] : Ratios
           from seed in Enumerable.Range(0, seeds)
           from normal in Enumerable.Range(0, quick ? 2 : 10)
           from method in Methods(quick, all: set != PictureSet.Cifar10)
           select new Cell
           {
               Case = new Dictionary<string, string> { ["set"] = set.Name, ["ratio"] = $"{100 * ratio:0}%", ["class"] = $"{normal}" },
               Method = method,
               Seed = seed,
               Setup = $"contaminated class, at most {(quick ? QuickInliers : Inliers)} inliers",
               Files = set.Required,
               Measure = (model, _, _) => Gradients(model),
               Prepare = (data, cancellation) =>
               {
                   ClassifiedPictures all = set.Read(data, cancellation);
                   Samples chosen = ContaminatedClass.Select(all.Classes, (byte)normal, ratio, seed, quick ? QuickInliers : Inliers).Of(all.Pictures);
                   return new Trial(chosen, chosen);
               },
           },
    ];

    public override IReadOnlyList<ResultTable> Tables(ExperimentResults results) =>
    [
        new ResultTable(
            "ROC AUC / AUPR-in / AUPR-out, times 100: mean over the normal classes and seeds; ± is the standard deviation of ROC AUC over them. Seconds "
            + "of training are the mean of a set.",
            ["pictures", "outliers", "method", "published", "ours", "± of ROC AUC", "classes", "seconds"],
            [
                .. results.Measured.GroupBy(cell => (Set: cell.Case["set"], Ratio: cell.Case["ratio"], cell.Method))
                    .Select(group => (string[])
                    [
                        group.Key.Set,
                        group.Key.Ratio,
                        group.Key.Method,
                        PublishedText(group.Key.Set, group.Key.Ratio, group.Key.Method),
                        string.Join(" / ", Ours.Select(figure => Spread.Number(100 * Spread.Of(group, figure)?.Mean, "0.0"))),
                        Spread.Number(100 * Spread.Of(group, "rocAuc")?.Deviation, "0.0"),
                        $"{group.Select(cell => cell.Case["class"]).Distinct().Count()}",
                        Spread.Number(group.Average(cell => cell.TrainSeconds), "0.0"),
                    ]),
            ]),
        Priority(results),
    ];

    /// <summary>Whose gradients are larger while it learns, from the labels, which only measure it.</summary>
    private static ResultTable Priority(ExperimentResults results) => new(
        "Inlier priority: the norm of the gradient that normal pictures have in a step beside that of outliers, and how far each goes along the direction of both "
        + "together: means over a training, once in each pass, and over the normal classes and seeds. Their numbers alone would give ratios of norms between "
        + "their root (directions at random) and themselves (all alike). It is a matter of the first passes: once normal pictures are recognised their gradient "
        + "vanishes, that of outliers does not, and the ratio falls, most for the classes with the best ROC AUC. The first passes of 'shifts' were not measured by "
        + "themselves; ssd-if has no rows: it learns the same network by the same steps.",
        [
            "pictures", "outliers", "method", "ratio of norms in the first tenth of passes", "in all passes", "ratio of numbers", "least in a pass, of all classes",
            "share of the step that normal pictures make",
        ],
        [
            .. results.Measured.Where(cell => cell.Detector == "e3-outlier" && cell.Figures.ContainsKey(NormRatio))
                .GroupBy(cell => (Set: cell.Case["set"], Ratio: cell.Case["ratio"], cell.Method))
                .Select(group => (string[])
                [
                    group.Key.Set,
                    group.Key.Ratio,
                    group.Key.Method,
                    Spread.Of(group, EarlyRatio)?.Text("0.0") ?? "",
                    Spread.Of(group, NormRatio)?.Text("0.0") ?? "",
                    Spread.Number(group.Average(Numbers), "0.0"),
                    Spread.Number(group.Min(cell => cell.Figures[LeastRatio]), "0.0"),
                    Spread.Of(group, StepShare)?.Text("0.000") ?? "",
                ]),
        ]);

    private static double Numbers(CellResult cell) => (cell.TestRows - cell.Anomalies) / (double)cell.Anomalies;

    private static IEnumerable<(string Name, double Value)> Gradients(AnomalyModel model)
    {
        IReadOnlyDictionary<string, double>[] measured =
            [.. model.Summary.History.Select(step => step.Measures).OfType<IReadOnlyDictionary<string, double>>().Where(one => one.ContainsKey("gradient of anomalies"))];
        if (measured.Length == 0) return [];
        double along = measured.Average(one => one["normal samples along the step"]), other = measured.Average(one => one["anomalies along the step"]);
        // Whole passes, at least one.
        IReadOnlyDictionary<string, double>[] early = measured[..((measured.Length + 9) / 10)];
        return
        [
            (EarlyRatio, early.Average(one => one["gradient of normal samples"]) / early.Average(one => one["gradient of anomalies"])),
            (LeastRatio, measured.Min(one => one["gradient of normal samples"] / one["gradient of anomalies"])),
            (NormRatio, measured.Average(one => one["gradient of normal samples"]) / measured.Average(one => one["gradient of anomalies"])),
            (StepShare, along / (along + other)),
        ];
    }

    private static string PublishedText(string set, string ratio, string method) => string.Join(
        " / ", Theirs.Select(figure => Spread.Number(Figures.Find(set, ratio, method, figure), "0.0")));

    private static Method[] Methods(bool quick, bool all)
    {
        int epochs = quick ? QuickEpochs : Epochs;
        string[] autoencoder = [.. Network, "patience=0", $"epochs={epochs}"];
        string[] surrogate = quick
            ? ["network=small", "transformations=flipsAndRotations", $"epochs={QuickPasses}"]
            : ["network=small", "transformations=patchRearranging", $"epochs={Passes}"];
        string[] shifts = ["network=small", "transformations=shiftsAndRotations", $"epochs={(quick ? QuickShifts : Shifts)}"];
        Method[] reconstructing =
        [
            new Method("cae", "autoencoder", autoencoder) { Scaling = FeatureScaling.None },
            // Its epochs are per round: as many in all. Its threshold is automatic: median + 3 MAD of the rows' sizes in each round.
            new Method("rdae", "robust-autoencoder", [.. Network, "penalty=l21Rows", $"rounds={Rounds}", $"epochs={epochs / Rounds}"]) { Scaling = FeatureScaling.None },
        ];
        return !all ? reconstructing :
        [
            .. reconstructing,
            new Method("cae-if", "cae-if", autoencoder) { Scaling = FeatureScaling.None },
            new Method("drae", "drae", autoencoder) { Scaling = FeatureScaling.None },
            new Method("dagmm", "dagmm", "validationFraction=0", "patience=0", $"epochs={epochs}") { Scaling = FeatureScaling.None },
            new Method("ssd-if", "ssd-if", surrogate),
            new Method("e3-outlier", "e3-outlier", surrogate),
            new Method("e3-outlier, shifts", "e3-outlier", shifts),
        ];
    }
}
