using AnomalySharp.Evaluation;
using Spectre.Console;

namespace AnomalySharp.Cli.Output;

/// <summary>Figures for people.</summary>
internal static class FiguresText
{
    /// <summary>What a model did on <paramref name="rows"/> samples in <paramref name="scoreSeconds"/>.</summary>
    public static RunResult ResultOf(AnomalyModel model, int rows, double scoreSeconds, DetectionMetrics? metrics) => new()
    {
        Detector = model.Entry.Name,
        Seed = model.Summary.Seed,
        Metrics = metrics,
        Threshold = model.Threshold,
        Contamination = model.Contamination,
        Rows = rows,
        Features = model.Summary.Features,
        TrainSeconds = model.Summary.Seconds,
        ScoreSeconds = scoreSeconds,
        PeakMemoryMb = RunResult.PeakMemoryOfProcess(),
    };

    public static string Of(DetectionMetrics figures) =>
        $"Against the labels: ROC AUC {Terminal.Number(figures.RocAuc)}, average precision {Terminal.Number(figures.AveragePrecision)}, "
        + $"precision {Terminal.Number(figures.Precision)}, recall {Terminal.Number(figures.Recall)}, F1 {Terminal.Number(figures.F1)}.";

    public static Table CreateTable(RunResult run, DetectionMetrics metrics, PixelMetrics? pixels, SequenceMetrics? ranges = null)
    {
        Table table = Terminal.CreateTable("figure", "value");
        (string Name, double? Value)[] rows =
        [
            ("ROC AUC", metrics.RocAuc),
            ("average precision", metrics.AveragePrecision),
            ("average precision of the normal rows", metrics.AuprIn),
            ("precision", metrics.Precision),
            ("recall", metrics.Recall),
            ("specificity", metrics.Specificity),
            ("F1", metrics.F1),
            ("best F1", metrics.BestF1),
            ("Youden's J", metrics.YoudenJ),
            ("equal error rate", metrics.EqualErrorRate),
            ("precision among the n highest scores", metrics.PrecisionAtN),
            ("threshold", run.Threshold),
            ("contamination", run.Contamination),
            ("rows", run.Rows),
            ("seconds of scoring", run.ScoreSeconds),
        ];
        foreach ((string name, double? value) in rows) table.AddRow(Markup.Escape(name), Terminal.Number(value));
        if (ranges is not null)
        {
            (string Name, double Value)[] ofRanges =
            [
                ("range-based precision", ranges.RangePrecision),
                ("range-based recall", ranges.RangeRecall),
                ("range-based F1", ranges.RangeF1),
                ("point-adjusted F1 (high for random scores, too)", ranges.PointAdjustedF1),
                ("labelled ranges of rows", ranges.Ranges),
                ("flagged ranges of rows", ranges.FlaggedRanges),
            ];
            foreach ((string name, double value) in ofRanges) table.AddRow(Markup.Escape(name), Terminal.Number(value));
        }
        if (pixels is null) return table;
        (string Name, double Value)[] ofPixels =
        [
            ("ROC AUC of the pixels", pixels.RocAuc),
            ("average precision of the pixels", pixels.AveragePrecision),
            ("Dice at the Youden threshold of these pixels", pixels.Dice),
            ("best Dice over all thresholds", pixels.BestDice),
            ("Youden threshold of these pixels", pixels.Threshold),
            ("share of defective pixels", (double)pixels.DefectivePixels / pixels.Pixels),
        ];
        foreach ((string name, double value) in ofPixels) table.AddRow(Markup.Escape(name), Terminal.Number(value));
        return table;
    }
}
