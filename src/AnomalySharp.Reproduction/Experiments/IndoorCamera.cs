using AnomalySharp.Data;
using AnomalySharp.Evaluation;
using AnomalySharp.Explanation;
using AnomalySharp.Preprocessing;
using AnomalySharp.Reports;
using AnomalySharp.Sequences;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>A fixed indoor camera: which frames of an hour are abnormal, learnt from hours without labels.</summary>
internal sealed class IndoorCamera : Experiment
{
    private const string Folder = "video", Ending = ".gray64x32.1fps.u8.gz", Tested = "00", Labels = $"{Folder}/00.labels.1fps.csv";

    // The paper's four frames, and the one that they forecast.
    private const int Window = 5;

    private const int Width = 64, Height = 32, StripWidth = 792, StripHeight = 48, Shown = 12, QuickEpochs = 1, QuickFrames = 400, Epochs = 4, Stride = 8;

    private const string Prediction = "frame-prediction", Autoencoder = "frame-autoencoder";

    private static readonly string[] Hours = ["05-19", "06-20"];

    private static readonly (ScoreNormalization Normalization, string Name)[] Normalizations =
        [(ScoreNormalization.Causal, "causal"), (ScoreNormalization.Video, "video")];

    public override string Name => "video";

    public override string Title => "An indoor camera: forecast frames, reconstructed clips and the naive forecast";

    public override string Protocol(bool quick) =>
        $"Frames of a fixed camera, {Width}×{Height}, grey, one per second. {(quick ? "The beginning of one normal hour" : $"{Hours.Length} normal hours")} without labels "
        + $"({string.Join(", ", Hours[..(quick ? 1 : Hours.Length)])}: day and hour) train; an hour of staged anomalies is tested, frame by frame against its labels, which reach no "
        + $"training. Clips have {Window} frames and do not go over the border of two hours. ROC AUC and average precision are over all frames of the hour (micro, of "
        + "one video). Scores are the methods' own, and normalised: causally, (s − min)/(max − min) over the training and the frames so far, which is the default of "
        + "clips; by video, over the whole tested hour, which is the paper's and, of one video, changes no order. The first frames, which have no forecast, get the median of training.";

    public override IReadOnlyList<string> Differences(bool quick) =>
    [
        "There are no published figures on this video: the columns are ours only. On Ped2 the papers report frame-level ROC AUC of 0.954 (frame prediction with optical "
        + "flow and adversary, the best checkpoint on the test set), at ten frames per second or more; here a second lies between two frames.",
        $"Networks are 16 channels wide at their first level (the paper: 64), without optical flow (λ_op = 0), which needs a pre-trained network, and learn for at most "
        + $"{(quick ? QuickEpochs : Epochs)} epochs, with early stopping on a tenth of the clips that lie together; training clips start every {Stride} frames.",
        "Beside methods on clips is one on single frames, which knows nothing of movement.",
        "A frame that is far beyond the training, such as one in a flash of light, widens the causal range, and all frames after it get lower scores: whether this "
        + "raises or lowers a figure depends on where in the hour anomalies are, and says nothing of a method.",
        "Settings were chosen for what two busy cores can do, before networks were looked at, and not changed after; seconds are of a machine with other work.",
    ];

    public override int DefaultSeeds(bool quick) => 1;

    public override IReadOnlyList<Cell> Cells(bool quick, int seeds) =>
    [
        .. from seed in Enumerable.Range(0, seeds)
           from method in Methods(quick)
           select CellOf(method, quick, seed),
    ];

    public override IReadOnlyList<ResultTable> Tables(ExperimentResults results) =>
    [
        new ResultTable(
            "Frames of the tested hour: ROC AUC and average precision (micro), of the scores as they are and normalised. By chance ROC AUC is 0.5 and average precision "
            + $"{Spread.Number(results.Measured.Select(cell => (double)cell.Anomalies / cell.TestRows).FirstOrDefault(), "0.000")}. Seconds are of training and of scoring.",
            ["method", "ROC AUC", "causal", "by video", "average precision", "causal", "by video", "training", "scoring", "frames/s"],
            [
                .. results.Measured.GroupBy(cell => cell.Method).Select(group => (string[])
                [
                    group.Key,
                    Text(group, "rocAuc"), Text(group, "rocAuc causal"), Text(group, "rocAuc video"),
                    Text(group, "averagePrecision"), Text(group, "averagePrecision causal"), Text(group, "averagePrecision video"),
                    Spread.Number(group.Average(cell => cell.TrainSeconds), "0.0"),
                    Spread.Number(group.Average(cell => cell.ScoreSeconds), "0.0"),
                    Spread.Number(group.Sum(cell => cell.TestRows) / group.Sum(cell => cell.ScoreSeconds), "0"),
                ]),
            ]),
    ];

    private static Method[] Methods(bool quick) => quick
        ? [new("persistence", "persistence"), new(Prediction, Prediction, $"epochs={QuickEpochs}")]
        :
        [
            new("persistence", "persistence"),
            new("knn on frames", "knn") { Scaling = FeatureScaling.None },
            new(Prediction, Prediction, $"epochs={Epochs}"),
            new(Autoencoder, Autoencoder, $"epochs={Epochs}"),
        ];

    private static Cell CellOf(Method method, bool quick, int seed)
    {
        bool clips = method.Detector is Prediction or Autoencoder or "persistence";
        return new Cell
        {
            Case = new Dictionary<string, string> { ["video"] = "indoor camera" },
            Method = method,
            Seed = seed,
            Setup = $"hours {string.Join(' ', Hours)}{(quick ? $", {QuickFrames} frames" : "")}",
            Windows = clips ? new WindowSettings { Length = Window, Stride = Stride } : null,
            Normalization = clips ? ScoreNormalization.None : null,
            Files = [Labels, File(Tested), .. Hours.Select(File)],
            Prepare = (data, cancellation) => data.Get($"camera {quick}", () => Read(data, quick, cancellation)),
            Measure = clips ? Normalized : null,
            // One seed is enough to look at.
            Inspect = seed > 0 ? null : (model, trial, scores) => Inspect(model, trial, scores, method.Label),
        };
    }

    private static Trial Read(DataStore data, bool quick, CancellationToken cancellation)
    {
        Dataset[] hours = [.. Hours[..(quick ? 1 : Hours.Length)].Select(hour => DatasetReader.Read(data.Require(File(hour)), Raw, cancellation))];
        int each = quick ? QuickFrames : int.MaxValue;
        float[] values = [.. hours.SelectMany(hour => hour.Samples!.Slice(0, Math.Min(each, hour.Count)).Values.ToArray())];
        string[] series = [.. hours.SelectMany(hour => hour.Series!.Take(each))];
        Dataset train = new(new Samples(values, hours[0].Samples!.Shape)) { Source = "normal hours", Series = series };
        return new Trial(train, DatasetReader.Read(data.Require(File(Tested)), Raw with { LabelsFile = data.Require(Labels) }, cancellation));
    }

    private static ReadOptions Raw { get; } = new() { Frame = (Width, Height, 1) };

    private static IEnumerable<(string, double)> Normalized(AnomalyModel model, ReadOnlyMemory<float> scores, IReadOnlyList<byte> labels)
    {
        int[] all = [.. Enumerable.Range(0, labels.Count)];
        foreach ((ScoreNormalization normalization, string name) in Normalizations)
        {
            float[] normalized = (model.ScoreRange! with { Normalization = normalization }).Normalize(scores.Span, [all]);
            DetectionMetrics metrics = DetectionMetrics.Compute(normalized, labels, float.PositiveInfinity);
            yield return ($"rocAuc {name}", metrics.RocAuc);
            yield return ($"averagePrecision {name}", metrics.AveragePrecision);
        }
    }

    private static Inspection Inspect(AnomalyModel model, Trial trial, ReadOnlyMemory<float> scores, string method)
    {
        Dataset test = trial.Test.WithoutLabels();
        byte[] timeline = ScoreStrip.Of(scores.Span, trial.Test.Labels!, model.Threshold, StripWidth, StripHeight);
        List<ExhibitRow> rows = [new ExhibitRow($"scores of {method} over the hour, shaded where frames are labelled, with the threshold that training found", timeline)];
        if (method is Prediction or Autoencoder)
        {
            int[] keys = [.. KeyFrames.Of(scores, model.SeriesOf(test), Shown).Order()];
            rows.Add(new ExhibitRow($"key frames of {method}", PictureStrip.Of(test.Samples!.Select(keys))));
            Samples maps = HeatMaps.Of(model.Attribute(test, keys, threads: 1));
            rows.Add(new ExhibitRow($"errors of {method} in them, each on its own scale", PictureStrip.HeatMaps(test.Samples!.Select(keys), maps)));
        }
        return new Inspection(new Dictionary<string, double>(), rows);
    }

    private static string File(string hour) => $"{Folder}/{hour}{Ending}";

    private static string Text(IEnumerable<CellResult> cells, string figure) => Spread.Of(cells, figure)?.Text("0.000") ?? "–";
}
