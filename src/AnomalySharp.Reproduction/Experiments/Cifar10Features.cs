using AnomalySharp.Data.Protocols;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>CIFAR-10 one-vs-rest by nearest neighbours among pre-trained features (DN2), beside the table of Golan and El-Yaniv (NeurIPS 2018).</summary>
internal sealed class Cifar10Features : Experiment
{
    private const string Network = "models/mobilenet-v2-224.onnx", Deep = "knn, MobileNetV2", Plain = "knn, pixels", Average = "average";

    private const int QuickTrained = 40, QuickTested = 80;

    private static readonly PublishedFigures Geom = PublishedFigures.Read("geom"), Dn2 = PublishedFigures.Read("dn2");

    private static readonly string[] Theirs = ["raw-oc-svm", "cae-oc-svm", "e2e-oc-svm", "dagmm", "dsebm", "adgan", "geometric-transformations"];

    private static readonly string[] Classes = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    // What there is of the training split: the first of its five files at least.
    private static readonly PictureSet Training = new(
        "cifar10-training", ["cifar10/data_batch_1.bin.gz"], [.. Enumerable.Range(1, 5).Select(i => $"cifar10/data_batch_{i}.bin.gz")]);

    private static readonly PictureSet Test = new("cifar10-test", ["cifar10/test_batch.bin.gz"], ["cifar10/test_batch.bin.gz"]);

    private static readonly Method[] Methods =
    [
        new(Deep, "knn", "k=2", "method=mean") { Scaling = FeatureScaling.None, Features = $"onnx:{{{Network}}}:pool_1280[mean=128;deviation=128]" },
        new(Plain, "knn", "k=2", "method=mean") { Scaling = FeatureScaling.None },
    ];

    public override string Name => "cifar10-features";

    public override string Title => "CIFAR-10 one-vs-rest: nearest neighbours among pre-trained features";

    public override IReadOnlyList<PublishedFigures> Published => [Geom, Dn2];

    public override string Protocol(bool quick) =>
        "One-vs-rest: the pictures of one class of the training split train, and the whole test split is scored, that class normal and the others abnormal; each "
        + "class in turn. The score is the mean distance to the 2 nearest training pictures, of the mean of the last layer of a MobileNetV2 trained on ImageNet "
        + "(1,280 values; pictures resized from 32×32 to 224×224), not scaled; and, beside it, of the pixels.";

    public override IReadOnlyList<string> Differences(bool quick) =>
    [
        "DN2's figure is of a ResNet of 152 layers, some forty times the arithmetic of this MobileNetV2.",
        "DN2 has no training and no seeds; one run is all there is. Its network, like ours, was trained on ImageNet with labels, whose classes include most of "
        + "CIFAR-10's, so it is not comparable with methods that see only CIFAR-10: it shows what pre-training is worth.",
        "Training pictures come from the files that are there, which may be fewer than the five of the whole split; the table says how many trained.",
        .. quick ? (string[])[$"{QuickTrained} training pictures of two classes, {QuickTested} test pictures."] : [],
    ];

    public override int DefaultSeeds(bool quick) => 1;

    public override IReadOnlyList<Cell> Cells(bool quick, int seeds) =>
    [
        .. from seed in Enumerable.Range(0, seeds)
           from normal in Enumerable.Range(0, quick ? 2 : Classes.Length)
           from method in Methods
           select new Cell
           {
               Case = new Dictionary<string, string> { ["class"] = $"{normal}" },
               Method = method,
               Seed = seed,
               Setup = $"one-vs-rest{(quick ? $", {QuickTrained} and {QuickTested} pictures" : "")}",
               Files = method.Features is null ? [.. Training.Required, .. Test.Required] : [.. Training.Required, .. Test.Required, Network],
               Prepare = (data, cancellation) => Read(data, quick, normal, seed, cancellation),
           },
    ];

    public override IReadOnlyList<ResultTable> Tables(ExperimentResults results)
    {
        CellResult[] cells = [.. results.Measured];
        if (cells.Length == 0) return [];
        List<string[]> rows =
        [
            .. Classes.Select((name, k) => (Name: name, Number: $"{k}")).Where(one => cells.Any(cell => cell.Case["class"] == one.Number)).Select(one => (string[])
            [
                one.Name,
                .. Theirs.Select(method => Spread.Number(Geom.Find("cifar10", one.Number, method, "rocAuc"), "0.0")),
                .. Methods.Select(method => Text(cells, method.Label, one.Number)),
            ]),
            [
                Average,
                .. Theirs.Select(method => Spread.Number(Enumerable.Range(0, Classes.Length).Average(k => Geom.Find("cifar10", $"{k}", method, "rocAuc")), "0.0")),
                .. Methods.Select(method => Text(cells, method.Label, null)),
            ],
        ];
        return
        [
            new ResultTable(
                "ROC AUC, times 100. Published: the first seven columns (their average is over all ten classes). Of DN2 the average over the ten classes is "
                + $"published: {Spread.Number(Dn2.Find("cifar10", Average, "knn", "rocAuc"), "0.0")}.",
                ["normal class", .. Theirs, .. Methods.Select(method => $"ours: {method.Label}")],
                rows),
            new ResultTable(
                "Pictures that trained and were tested with a class, on average, and seconds a class. Features of pictures that an earlier class had "
                + "extracted already come from the cache.",
                ["method", "trained on", "tested", "training", "scoring"],
                [
                    .. cells.GroupBy(cell => cell.Method).Select(group => (string[])
                    [
                        group.Key,
                        Spread.Number(group.Average(cell => cell.TrainRows), "0"),
                        Spread.Number(group.Average(cell => cell.TestRows), "0"),
                        Spread.Number(group.Average(cell => cell.TrainSeconds), "0.0"),
                        Spread.Number(group.Average(cell => cell.ScoreSeconds), "0.0"),
                    ]),
                ]),
        ];
    }

    private static Trial Read(DataStore data, bool quick, int normal, int seed, CancellationToken cancellation)
    {
        ClassifiedPictures training = Training.Read(data, cancellation), test = Test.Read(data, cancellation);
        int[] learnt = OneVersusRest.Train(training.Classes, (byte)normal, seed, quick ? QuickTrained : null);
        Samples tested = test.Pictures.WithLabels(OneVersusRest.Labels(test.Classes, (byte)normal));
        return new Trial(training.Pictures.Select(learnt), quick ? tested.Slice(0, QuickTested) : tested);
    }

    private static string Text(CellResult[] cells, string method, string? number) =>
        Spread.Of(cells.Where(cell => cell.Method == method && (number is null || cell.Case["class"] == number)), "rocAuc") is { } spread
            ? Spread.Number(100 * spread.Mean, "0.0")
            : "";
}
