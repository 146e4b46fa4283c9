using AnomalySharp.Data.Protocols;
using AnomalySharp.Evaluation;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>Each digit normal in turn: do the adversarial methods come in the order of f-AnoGAN's table?</summary>
internal sealed class MnistAdversarial : Experiment
{
    private const int TrainPictures = 4000, NormalTest = 350, AbnormalTest = 150, SearchSteps = 100;

    private const int QuickTrainPictures = 200, QuickNormalTest = 70, QuickAbnormalTest = 30, QuickSearchSteps = 5;

    // Epochs of methods with as many steps of one player as of the other, and of those that give their critic five steps for each of the generator:
    // about as many steps of both players together.
    private const int Epochs = 15, WassersteinEpochs = 25, QuickEpochs = 3, QuickWassersteinEpochs = 5;

    private const int LongBudget = 4, LongDigit = 3;

    private const int Purpose = 0x3D16;

    private const string Plain = "autoencoder", Residual = "f-anogan izi, A_R alone";

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
        $"One against the rest: {(quick ? QuickTrainPictures : TrainPictures):N0} pictures of one digit of MNIST's training files, drawn with "
        + $"the seed, train; of the test files {(quick ? QuickNormalTest : NormalTest)} other pictures of the digit and "
        + $"{(quick ? QuickAbnormalTest : AbnormalTest)} of the nine others are scored: 30 % anomalies, as in f-AnoGAN's table. Figures at a "
        + "threshold are at Youden's, which is chosen with the labels of the test, as in that table.";

    public override IReadOnlyList<string> Differences(bool quick) =>
    [
        "Other pictures than the published table's (retinal tomography, 64 × 64, a million patches): only the order of the methods can be "
        + "compared.",
        "Dense networks of two layers of 128 units and a code of 32 in place of convolutions; batches of 64. One budget of steps for all: "
        + $"{(quick ? QuickEpochs : Epochs)} epochs of a discriminator and its adversary alike (alocc's adversary has two steps for each of the discriminator, adgan's critic two for each of the generator), or "
        + $"{(quick ? QuickWassersteinEpochs : WassersteinEpochs)} of f-anogan and wgan-gp, whose critic has five steps for each of the "
        + "generator: about as many steps of both together"
        + (quick ? ". " : ", some 1,700. ")
        + "f-AnoGAN's encoder, the autoencoder and the encoders of other methods have as many epochs as a discriminator. The best epoch on "
        + "held-out normal pictures stays.",
        $"Searches take {(quick ? QuickSearchSteps : SearchSteps)} steps; AnoGAN's paper has 500. adgan has 5 steps from each of 8 starts; its paper has 64 starts.",
        "Learning rates: 2e-4 of gan, anogan and alocc, as DCGAN has it; 5e-4 of bigan, ganomaly, adversarial-autoencoder, fence-gan and adgan; 1e-3 "
        + "of f-anogan, wgan-gp and autoencoder.",
        "'A_R alone' is the score of f-anogan without κ·A_D, the difference of the critic's features. This row was added, and the pictures and "
        + "networks chosen, after a look at tries with digit 3.",
        "Does the order agree? In most pairs (see the table of orders), and the exception is f-anogan itself: A_R alone comes next to the autoencoders, but κ·A_D, "
        + "which its paper adds, takes it below its own search. The critic's features are those of small dense layers that say little of digits, where the "
        + "paper's are of a residual network and a million patches. Four times the training (digit 3) gives f-anogan izi_f and ALI most of what they lack, and the "
        + "critic nothing: the epoch of it that stays is an early one either way.",
        "Methods without a figure in parentheses have no counterpart in the published table; the discriminator's score there is that of f-AnoGAN's "
        + "critic, here wgan-gp.",
    ];

    public override int DefaultSeeds(bool quick) => quick ? 1 : 3;

    public override IReadOnlyList<Cell> Cells(bool quick, int seeds) =>
    [
        .. from method in Methods(quick, LongBudget)
           where !quick && (Rows.ContainsKey(method.Label) || method.Label == Residual)
           select Create(LongDigit, method, 0, quick, LongBudget),
        .. from seed in Enumerable.Range(0, seeds)
           from normal in Enumerable.Range(0, quick ? 1 : 10)
           from method in Methods(quick, 1)
           select Create(normal, method, seed, quick, 1),
    ];

    private static Cell Create(int normal, Method method, int seed, bool quick, int budget) => new()
    {
        Case = new Dictionary<string, string> { ["digit"] = $"{normal}", ["budget"] = Times(budget) },
        Method = method,
        Seed = seed,
        Setup = $"one against the rest, {(quick ? QuickTrainPictures : TrainPictures)} train, {(quick ? QuickNormalTest : NormalTest)} + "
            + $"{(quick ? QuickAbnormalTest : AbnormalTest)} test",
        Files = [.. PictureSet.MnistTraining.Required, .. PictureSet.MnistTest.Required],
        Prepare = (data, cancellation) => Prepare(data, (byte)normal, seed, quick, method.Detector == Plain, cancellation),
        Measure = (_, scores, labels) => Youden(scores, labels),
    };

    public override IReadOnlyList<ResultTable> Tables(ExperimentResults results) =>
        [Overview(OfBudget(results, 1)), Orders(results), ByDigit(OfBudget(results, 1)), Longer(results)];

    private static string Times(int budget) => $"budget ×{budget}";

    private static CellResult[] OfBudget(ExperimentResults results, int budget) =>
        [.. results.Measured.Where(cell => cell.Case["budget"] == Times(budget))];

    private static ResultTable Overview(CellResult[] measured) => new(
        "Mean over the digits ± standard deviation of that mean over the seeds, by ROC AUC; in parentheses the published figure of the same "
        + "method on its own pictures. Milliseconds are of scoring one picture.",
        ["method", "precision", "sensitivity", "specificity", "F1", "ROC AUC", "training seconds", "ms per picture"],
        [
            .. from cell in measured
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

    private static ResultTable ByDigit(CellResult[] measured)
    {
        string[] digits = [.. measured.Select(cell => cell.Case["digit"]).Distinct().Order()];
        return new ResultTable(
            "ROC AUC of each normal digit, mean over the seeds.",
            ["method", .. digits],
            [
                .. measured.GroupBy(cell => cell.Method).Select(group => (string[])
                [
                    group.Key,
                    .. digits.Select(digit => Spread.Number(Spread.Of(group.Where(cell => cell.Case["digit"] == digit), "rocAuc")?.Mean, "0.000")),
                ]),
            ]);
    }

    /// <summary>Do the methods of the published table come in its order?</summary>
    private static ResultTable Orders(ExperimentResults results)
    {
        CellResult[] usual = OfBudget(results, 1), longer = OfBudget(results, LongBudget);
        string[] published = [.. Rows.Keys.OrderByDescending(method => PublishedFigure(method, "rocAuc"))];
        return new ResultTable(
            "Methods of the published table by ROC AUC, and how many of their pairs come in the published order.",
            ["", "best first", "pairs in the published order"],
            [
                ["published", string.Join(" > ", published), ""],
                .. Order("mean over the digits", usual),
                .. Order($"digit {LongDigit}, seed 0", usual.Where(cell => cell.Case["digit"] == $"{LongDigit}" && cell.Seed == 0)),
                .. Order($"the same, {LongBudget} times as long", longer),
            ]);

        IReadOnlyList<string[]> Order(string name, IEnumerable<CellResult> cells)
        {
            ILookup<string, double> ours = cells.ToLookup(cell => cell.Method, cell => cell.Figures["rocAuc"]);
            string[] known = [.. published.Where(ours.Contains)];
            if (known.Length < 2) return [];
            bool[] agree =
            [
                .. from i in Enumerable.Range(0, known.Length)
                   from j in Enumerable.Range(0, i)
                   select ours[known[j]].Average() > ours[known[i]].Average(),
            ];
            string order = string.Join(" > ", known.OrderByDescending(method => ours[method].Average()));
            return [[name, order, $"{agree.Count(same => same)} of {agree.Length}"]];
        }
    }

    /// <summary>Does another order come with more training?</summary>
    private static ResultTable Longer(ExperimentResults results)
    {
        return new(
            $"Is it the budget? ROC AUC with digit {LongDigit} normal, one seed, as above and with {LongBudget} times as many epochs; "
            + "searches as above.",
            ["method", "published", "ROC AUC", $"ROC AUC, {LongBudget} times as long", "training seconds"],
            [
                .. from cell in OfBudget(results, LongBudget)
                   orderby cell.Figures["rocAuc"] descending
                   select (string[])
                   [
                       cell.Method,
                       Spread.Number(PublishedFigure(cell.Method, "rocAuc"), "0.000"),
                       Spread.Number(Shorter(cell)?.Figures["rocAuc"], "0.000"),
                       Spread.Number(cell.Figures["rocAuc"], "0.000"),
                       Spread.Number(cell.TrainSeconds, "0.0"),
                   ],
            ]);

        CellResult? Shorter(CellResult longer) => OfBudget(results, 1)
            .FirstOrDefault(cell => (cell.Method, cell.Case["digit"], cell.Seed) == (longer.Method, longer.Case["digit"], longer.Seed));
    }

    private static string OverSeeds(IEnumerable<CellResult> cells, string figure) =>
        Spread.Of([.. cells.GroupBy(cell => cell.Seed).Select(seed => seed.Average(cell => cell.Figures[figure]))])?.Text("0.000") ?? "";

    private static double? PublishedFigure(string method, string figure) =>
        Rows.TryGetValue(method, out string? row) ? Figures.Find("oct", row, figure) : null;

    private static string PublishedText(string method, string figure) =>
        PublishedFigure(method, figure) is double published ? $" ({Spread.Number(published, "0.000")})" : "";

    private static Method[] Methods(bool quick, int budget)
    {
        int epochs = budget * (quick ? QuickEpochs : Epochs), wasserstein = budget * (quick ? QuickWassersteinEpochs : WassersteinEpochs);
        string search = $"searchSteps={(quick ? QuickSearchSteps : SearchSteps)}";
        return
        [
            Adversarial("gan", "gan"),
            Wasserstein("wgan-gp", "wgan", "penalty=gradient", "optimizer=adam", "learningRate=1e-3", "beta1=0"),
            Adversarial("anogan", "anogan", search),
            Adversarial("adgan", "adgan"),
            Wasserstein("f-anogan izi", "f-anogan", "encoder=izi", $"encoderEpochs={epochs}"),
            Wasserstein(Residual, "f-anogan", "encoder=izi", $"encoderEpochs={epochs}", "kappa=0"),
            Wasserstein("f-anogan ziz", "f-anogan", "encoder=ziz", $"encoderEpochs={epochs}"),
            Wasserstein("f-anogan izi_f", "f-anogan", "encoder=iziF", $"encoderEpochs={epochs}"),
            Wasserstein("f-anogan iterative", "f-anogan", "encoder=iterative", search),
            Adversarial("bigan", "bigan", "learningRate=5e-4"),
            Adversarial("bigan (ALI)", "bigan", "learningRate=5e-4", "encoder=stochastic"),
            Adversarial("ganomaly", "ganomaly", "learningRate=5e-4"),
            Adversarial("adversarial-autoencoder", "adversarial-autoencoder", "learningRate=5e-4"),
            Adversarial("alocc", "alocc", "score=refined"),
            Adversarial("fence-gan", "fence-gan", "learningRate=5e-4"),
            new Method(Plain, Plain, $"epochs={epochs}", $"patience={epochs}", "hidden=128,128", "latent=32", "batchSize=64")
            {
                Scaling = FeatureScaling.None,
            },
        ];

        Method Adversarial(string label, string detector, params string[] settings) => Dense(label, detector, epochs, settings);

        Method Wasserstein(string label, string detector, params string[] settings) => Dense(label, detector, wasserstein, settings);

        // With as much patience as there are epochs, training never stops before its end, and the best epoch stays.
        static Method Dense(string label, string detector, int epochs, string[] settings) =>
            new(label, detector, [$"epochs={epochs}", $"patience={epochs}", "networks=dense", "width=128", "latent=32", .. settings])
            {
                Scaling = FeatureScaling.None,
            };
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
