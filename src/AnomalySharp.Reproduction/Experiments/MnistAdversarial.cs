using AnomalySharp.Data.Protocols;
using AnomalySharp.Evaluation;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>Each digit normal in turn: do the adversarial methods come in the order of f-AnoGAN's table?</summary>
internal sealed class MnistAdversarial : Experiment
{
    private const int TrainPictures = 1000, NormalTest = 350, AbnormalTest = 150, Epochs = 40, SearchSteps = 100;

    private const int QuickTrainPictures = 200, QuickNormalTest = 70, QuickAbnormalTest = 30, QuickEpochs = 3, QuickSearchSteps = 5;

    private const int Purpose = 0x3D16;

    private const string Plain = "autoencoder";

    private static readonly string[] AtYouden = ["precision", "sensitivity", "specificity", "f1", "rocAuc"];

    private static readonly PublishedFigures Figures = PublishedFigures.Read("f-anogan");

    // Ours, and the row of the published table that is the same method on other pictures.
    private static readonly Dictionary<string, string> Rows = new()
    {
        ["f-anogan izi_f"] = "f-anogan",
        ["f-anogan iterative"] = "anogan-iterative",
        ["autoencoder"] = "autoencoder",
        ["adversarial-autoencoder"] = "adversarial-autoencoder",
        ["bigan (ALI)"] = "ali",
        ["wgan-gp"] = "discriminator-score",
    };

    public override string Name => "mnist-adversarial";

    public override string Title => "Adversarial methods on MNIST, each digit normal in turn";

    public override IReadOnlyList<PublishedFigures> Published => [Figures];

    public override string Protocol(bool quick) =>
        $"One against the rest: {(quick ? QuickTrainPictures : TrainPictures):N0} pictures of one digit of MNIST's training files, drawn with the seed, "
        + $"train; of the test files {(quick ? QuickNormalTest : NormalTest)} other pictures of the digit and "
        + $"{(quick ? QuickAbnormalTest : AbnormalTest)} of the nine others are scored: 30 % anomalies, as in f-AnoGAN's table. Figures at a threshold "
        + "are at Youden's, which is chosen with the labels of the test, as in that table.";

    public override IReadOnlyList<string> Differences(bool quick) =>
    [
        "Other pictures than the published table's (retinal tomography, 64 × 64, a million patches): only the order of the methods can be compared.",
        $"Dense networks of two layers of 128 units and a code of 32, {(quick ? QuickEpochs : Epochs)} epochs of batches of 64: some "
        + $"{(quick ? 9 : 600)} steps of a discriminator for each method, a budget of seconds; a fifth as many of a generator in f-anogan and wgan, "
        + "which give their critic five steps for each.",
        $"Searches take {(quick ? QuickSearchSteps : SearchSteps)} steps; AnoGAN's paper has 500..",
        "Methods without a figure in parentheses have no counterpart in the published table; the discriminator's score there is that of f-AnoGAN's "
        + "critic, here wgan-gp.",
    ];

    public override int DefaultSeeds(bool quick) => quick ? 1 : 3;

    public override IReadOnlyList<Cell> Cells(bool quick, int seeds) =>
    [
        .. from seed in Enumerable.Range(0, seeds)
           from normal in Enumerable.Range(0, quick ? 1 : 10)
           from method in Methods(quick)
           select new Cell
           {
               Case = new Dictionary<string, string> { ["digit"] = $"{normal}" },
               Method = method,
               Seed = seed,
               Setup = $"one against the rest, {(quick ? QuickTrainPictures : TrainPictures)} train, {(quick ? QuickNormalTest : NormalTest)} + "
                   + $"{(quick ? QuickAbnormalTest : AbnormalTest)} test",
               Files = [.. PictureSet.MnistTraining.Required, .. PictureSet.MnistTest.Required],
               Prepare = (data, cancellation) => Prepare(data, (byte)normal, seed, quick, method.Detector == Plain, cancellation),
               Measure = (_, scores, labels) => Youden(scores, labels),
           },
    ];

    public override IReadOnlyList<ResultTable> Tables(ExperimentResults results) => [Overview(results), ByDigit(results)];

    private static ResultTable Overview(ExperimentResults results) => new(
        "Mean over the digits ± standard deviation of that mean over the seeds, by ROC AUC; in parentheses the published figure of the same method on "
        + "its own pictures. Milliseconds are of scoring one picture.",
        ["method", "precision", "sensitivity", "specificity", "F1", "ROC AUC", "training seconds", "ms per picture"],
        [
            .. from cell in results.Measured
               group cell by cell.Method into cells
               orderby cells.Average(cell => cell.Figures["rocAuc"]) descending
               select (string[])
               [
                   cells.Key,
                   .. AtYouden.Select(figure => OverSeeds(cells, figure) + PublishedText(cells.Key, figure)),
                   Spread.Number(cells.Average(cell => cell.TrainSeconds), "0.0"),
                   Spread.Number(cells.Average(cell => 1000 * cell.ScoreSeconds / cell.TestRows), "0.00"),
               ],
        ]);

    private static ResultTable ByDigit(ExperimentResults results)
    {
        string[] digits = [.. results.Measured.Select(cell => cell.Case["digit"]).Distinct().Order()];
        return new ResultTable(
            "ROC AUC of each normal digit, mean over the seeds.",
            ["method", .. digits],
            [
                .. results.Measured.GroupBy(cell => cell.Method).Select(group => (string[])
                [
                    group.Key,
                    .. digits.Select(digit => Spread.Number(Spread.Of(group.Where(cell => cell.Case["digit"] == digit), "rocAuc")?.Mean, "0.000")),
                ]),
            ]);
    }

    private static string OverSeeds(IEnumerable<CellResult> cells, string figure) =>
        Spread.Of([.. cells.GroupBy(cell => cell.Seed).Select(seed => seed.Average(cell => cell.Figures[figure]))])?.Text("0.000") ?? "";

    private static string PublishedText(string method, string figure) =>
        Rows.TryGetValue(method, out string? row) && Figures.Find("oct", row, figure) is double published
            ? $" ({Spread.Number(published, "0.000")})"
            : "";

    private static Method[] Methods(bool quick)
    {
        string epochs = $"epochs={(quick ? QuickEpochs : Epochs)}", search = $"searchSteps={(quick ? QuickSearchSteps : SearchSteps)}";
        string[] common = [epochs, "networks=dense", "width=128", "latent=32"];
        return
        [
            Adversarial("gan", "gan"),
            Adversarial("wgan", "wgan"),
            Adversarial("wgan-gp", "wgan", "penalty=gradient", "optimizer=adam", "beta1=0"),
            Adversarial("anogan", "anogan", search),
            Adversarial("f-anogan izi", "f-anogan", "encoder=izi"),
            Adversarial("f-anogan ziz", "f-anogan", "encoder=ziz"),
            Adversarial("f-anogan izi_f", "f-anogan", "encoder=iziF"),
            Adversarial("f-anogan iterative", "f-anogan", "encoder=iterative", search),
            Adversarial("bigan", "bigan", "learningRate=5e-4"),
            Adversarial("bigan (ALI)", "bigan", "learningRate=5e-4", "encoder=stochastic"),
            Adversarial("ganomaly", "ganomaly", "learningRate=5e-4"),
            Adversarial("adversarial-autoencoder", "adversarial-autoencoder", "learningRate=5e-4"),
            Adversarial("alocc", "alocc"),
            Adversarial("alocc, D(R(x))", "alocc", "score=refined"),
            Adversarial("fence-gan", "fence-gan", "learningRate=5e-4"),
            new Method(Plain, Plain, epochs, "hidden=128,128", "latent=32", "batchSize=64") { Scaling = FeatureScaling.None },
        ];

        Method Adversarial(string label, string detector, params string[] settings) =>
            new(label, detector, [.. common, .. settings]) { Scaling = FeatureScaling.None };
    }

    /// <param name="data">Where pictures are.</param>
    /// <param name="normal">The normal digit.</param>
    /// <param name="seed">Decides which pictures.</param>
    /// <param name="quick">Whether few are enough.</param>
    /// <param name="flat">Whether pictures become rows, for which the autoencoder has dense layers.</param>
    /// <param name="cancellation">Stops it.</param>
    private static Trial Prepare(DataStore data, byte normal, int seed, bool quick, bool flat, CancellationToken cancellation)
    {
        ClassifiedPictures training = PictureSet.MnistTraining.Read(data, cancellation), test = PictureSet.MnistTest.Read(data, cancellation);
        int[] train = OneVersusRest.Train(training.Classes, normal, seed, quick ? QuickTrainPictures : TrainPictures);
        Random random = new FitContext { Seed = seed }.CreateRandom(Purpose);
        byte[] labels = OneVersusRest.Labels(test.Classes, normal);
        int[] order = [.. Enumerable.Range(0, labels.Length)];
        random.Shuffle(order);
        int[] rows =
        [
            .. order.Where(row => labels[row] == 0).Take(quick ? QuickNormalTest : NormalTest),
            .. order.Where(row => labels[row] == 1).Take(quick ? QuickAbnormalTest : AbnormalTest),
        ];
        Array.Sort(rows);
        Samples trained = training.Pictures.Select(train), tested = test.Pictures.Select(rows).WithLabels([.. rows.Select(row => labels[row])]);
        return flat ? new Trial(Flat(trained), Flat(tested)) : new Trial(trained, tested);

        static Samples Flat(Samples pictures) => new(pictures.Values, new SampleShape(pictures.Shape.Length), pictures.Labels);
    }

    private static IEnumerable<(string Name, double Value)> Youden(ReadOnlyMemory<float> scores, IReadOnlyList<byte> labels)
    {
        DetectionMetrics metrics = DetectionMetrics.Compute(scores.Span, labels, DetectionMetrics.YoudenThreshold(scores.Span, labels));
        return [("precision", metrics.Precision), ("sensitivity", metrics.Recall), ("specificity", metrics.Specificity), ("f1", metrics.F1)];
    }
}
