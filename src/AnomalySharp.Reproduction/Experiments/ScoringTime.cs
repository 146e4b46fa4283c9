using AnomalySharp.Data.Protocols;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>What f-AnoGAN was made for: an encoder in place of AnoGAN's search.</summary>
internal sealed class ScoringTime : Experiment
{
    private const int Digit = 1, TrainPictures = 1000, TestPictures = 128, SearchSteps = 500, Epochs = 10;

    private const int Width = 16;

    private const int QuickTestPictures = 32, QuickSearchSteps = 50, QuickEpochs = 1;

    private const string Slowest = "anogan";

    public override string Name => "scoring-time";

    public override string Title => "Scoring time: f-AnoGAN's encoder and AnoGAN's search";

    public override string Protocol(bool quick) =>
        $"{TrainPictures:N0} pictures of the digit {Digit} of MNIST's training files train; "
        + $"the first {(quick ? QuickTestPictures : TestPictures)} pictures of the "
        + "test files, of all digits, are scored, on one thread. Seconds are of scoring alone, by the clock, start-up of the code included.";

    public override IReadOnlyList<string> Differences(bool quick) =>
    [
        $"The networks are DCGAN's, {Width} channels after the first stage, the same for all; {(quick ? QuickEpochs : Epochs)} epochs, "
        + "since the time of scoring does not "
        + "depend on how long was trained. ROC AUC, for which that is too short, is there to show that models were trained at all.",
        $"AnoGAN searches in {(quick ? QuickSearchSteps : SearchSteps)} steps from one "
        + $"start{(quick ? "" : ", as in its paper")}; all pictures of a block of 16 at once.",
    ];

    public override int DefaultSeeds(bool quick) => 1;

    public override IReadOnlyList<Cell> Cells(bool quick, int seeds) =>
    [
        .. from seed in Enumerable.Range(0, seeds)
           from method in Methods(quick)
           select new Cell
           {
               Case = new Dictionary<string, string> { ["set"] = "mnist" },
               Method = method,
               Seed = seed,
               Setup = $"digit {Digit}, {TrainPictures} train, {(quick ? QuickTestPictures : TestPictures)} test",
               Files = [.. PictureSet.MnistTraining.Required, .. PictureSet.MnistTest.Required],
               Prepare = (data, cancellation) => Prepare(data, seed, quick, cancellation),
           },
    ];

    public override IReadOnlyList<ResultTable> Tables(ExperimentResults results)
    {
        double slowest = results.Measured.Where(cell => cell.Method == Slowest).Select(Milliseconds).DefaultIfEmpty(double.NaN).Average();
        return
        [
            new ResultTable(
                "Means over the seeds.",
                ["method", "ms per picture", $"times as fast as {Slowest}", "ROC AUC"],
                [
                    .. from cell in results.Measured
                       group cell by cell.Method into cells
                       let milliseconds = cells.Average(Milliseconds)
                       select (string[])
                       [
                           cells.Key,
                           Spread.Number(milliseconds, "0.000"),
                           double.IsNaN(slowest) ? "–" : Spread.Number(slowest / milliseconds, slowest > 10 * milliseconds ? "0" : "0.0"),
                           Spread.Number(cells.Average(cell => cell.Figures["rocAuc"]), "0.000"),
                       ],
                ]),
        ];
    }

    private static double Milliseconds(CellResult cell) => 1000 * cell.ScoreSeconds / cell.TestRows;

    private static Method[] Methods(bool quick)
    {
        string[] common = [$"epochs={(quick ? QuickEpochs : Epochs)}", $"width={Width}"];
        string[] search = [.. common, $"searchSteps={(quick ? QuickSearchSteps : SearchSteps)}"];
        Method[] all =
        [
            new Method(Slowest, "anogan", search) { Scaling = FeatureScaling.None },
            new Method("f-anogan iterative", "f-anogan", [.. search, "encoder=iterative"]) { Scaling = FeatureScaling.None },
            new Method("f-anogan izi_f", "f-anogan", [.. common, "encoder=iziF"]) { Scaling = FeatureScaling.None },
        ];
        return quick ? [all[0], all[^1]] : all;
    }

    private static Trial Prepare(DataStore data, int seed, bool quick, CancellationToken cancellation)
    {
        ClassifiedPictures training = PictureSet.MnistTraining.Read(data, cancellation), test = PictureSet.MnistTest.Read(data, cancellation);
        int[] train = OneVersusRest.Train(training.Classes, Digit, seed, TrainPictures);
        byte[] labels = OneVersusRest.Labels(test.Classes, Digit);
        int count = quick ? QuickTestPictures : TestPictures;
        return new Trial(training.Pictures.Select(train), test.Pictures.Slice(0, count).WithLabels(labels[..count]));
    }
}
