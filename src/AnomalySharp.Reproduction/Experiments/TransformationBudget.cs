using AnomalySharp.Data.Protocols;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>What a processor's minutes buy: GEOM with networks and sets of transformations of several sizes, up to the paper's.</summary>
internal sealed class TransformationBudget : Experiment
{
    private const int TestStep = 10, QuickTraining = 200, Fitted = 250;

    private const string Geometric = "geometric-transformations";

    private static readonly byte[] Classes = [1, 5];

    // Dear ones last.
    private static readonly Setting[] Settings =
    [
        new("small", "shiftsAndRotations", 20),
        new("small", "shiftsAndRotations", 60),
        new("small", "shiftsAndRotations", 200),
        new("medium", "shiftsAndRotations", 20),
        new("medium", "shiftsAndRotations", 60),
        new("medium", "shiftsAndRotations", 60, Bfloat16: true),
        new("medium", "shiftsAndRotations", 60, Halved: true),
        new("medium", "shiftsAndRotations", 200),
        new("medium", "shiftsAndRotations", 200, Halved: true),
        new("medium", "flipsAndRotations", 64),
        new("medium", "regularAffine", 72),
        new("wrn10x4", "shiftsAndRotations", 20, Bfloat16: true),
        new("wrn10x4", "regularAffine", 216, Bfloat16: true),
    ];

    public override string Name => "transformation-budget";

    public override string Title => "Geometric transformations: what minutes of one processor buy";

    public override string Protocol(bool quick) =>
        $"One against the rest on CIFAR-10, the classes {string.Join(" and ", Classes)} (automobiles and dogs) normal in turn: "
        + $"{(quick ? $"{QuickTraining}" : "all")} pictures of the class in the training files train; every {TestStep}th picture of the test file is scored. "
        + "Everything on one thread.";

    public override IReadOnlyList<string> Differences(bool quick) =>
    [
        "wrn10x4 is the paper's network, and its row with regularAffine has the paper's 72 transformations and passes (three epochs of 72 copies of each picture). "
            + "It learns in bfloat16, as does what is marked so, which the processor of this run has instructions for (AMX); scores are computed in 32 bits. In "
            + "the run of November 2026 other work ran beside wrn10x4, so that class 1 with 216 passes had about half a processor (2,340 s of training), class 5 a whole one (1,077 s).",
        "16×16: every four pixels are one, their mean.",
        "A pass shows every picture under one of the transformations.",
        "Training seconds are those of a model: with the Dirichlet fits and the scores of the training pictures, which the threshold goes by.",
        "Training pictures come from the files that are there, which may be fewer than the five of the whole set.",
        $"The Dirichlet distributions are fitted to {Fitted} training pictures, a quarter of what is usual here; the paper has all.",
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
               Method = setting.Method,
               Seed = seed,
               Setup = $"one against the rest, {(quick ? $"{QuickTraining}" : "all")} pictures, every {TestStep}th tests{(setting.Halved ? ", halved" : "")}",
               Files = [.. PictureSet.Cifar10Training.Required, .. PictureSet.Cifar10Test.Required],
               Prepare = (data, cancellation) =>
               {
                   ClassifiedPictures training = PictureSet.Cifar10Training.Read(data, cancellation), test = PictureSet.Cifar10Test.Read(data, cancellation);
                   int[] train = OneVersusRest.Train(training.Classes, normal, seed, quick ? QuickTraining : null);
                   Samples tested = test.Pictures.WithLabels(OneVersusRest.Labels(test.Classes, normal));
                   int[] rows = [.. Enumerable.Range(0, tested.Count).Where(row => row % TestStep == 0)];
                   Samples trained = training.Pictures.Select(train), chosen = tested.Select(rows);
                   return setting.Halved ? new Trial(Halved(trained), Halved(chosen)) : new Trial(trained, chosen);
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
            double? mean = classes.All(one => one is not null) ? classes.Average() : null;
            bool ahead = mean > best;
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

    /// <summary>Each pixel the mean of four.</summary>
    private static Samples Halved(Samples pictures)
    {
        int channels = pictures.Shape[0], height = pictures.Shape[1] / 2, width = pictures.Shape[2] / 2;
        float[] values = new float[pictures.Count * channels * height * width];
        ReadOnlySpan<float> from = pictures.Values.Span;
        // Pictures and their channels, one after the other.
        for (int plane = 0, to = 0; plane < pictures.Count * channels; plane++)
        {
            ReadOnlySpan<float> rows = from.Slice(plane * 4 * height * width, 4 * height * width);
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++, to++)
                {
                    int above = (4 * y * width) + (2 * x), below = above + (2 * width);
                    values[to] = (rows[above] + rows[above + 1] + rows[below] + rows[below + 1]) / 4;
                }
            }
        }
        return new Samples(values, new SampleShape(channels, height, width), pictures.Labels);
    }

    private sealed record Setting(string Network, string Transformations, int Passes, bool Bfloat16 = false, bool Halved = false)
    {
        public Method Method => new(
            $"{Network}, {Transformations}, {Passes}{(Bfloat16 ? ", bfloat16" : "")}{(Halved ? ", 16×16" : "")}",
            Geometric,
            [
                $"network={Network}", $"transformations={Transformations}", $"epochs={Passes}", $"fitted={Fitted}",
                .. Bfloat16 ? (string[])["precision=bfloat16"] : [],
            ])
        {
            Scaling = FeatureScaling.None,
        };
    }
}
