using AnomalySharp.Evaluation;
using AnomalySharp.Thresholding;
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

    public static Table CreateTable(RunResult run, DetectionMetrics metrics)
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
        return table;
    }
}

/// <summary>Threshold rules for people.</summary>
internal static class RuleText
{
    public static string Of(ThresholdRule rule)
    {
        string parameter = rule.Parameter is double value ? $" {Terminal.Number(value)}" : "";
        return rule.Kind switch
        {
            ThresholdKind.Contamination => "from the contamination",
            ThresholdKind.Quantile => $"quantile{parameter} of the training scores",
            ThresholdKind.MeanSigma => $"mean plus{parameter} standard deviations of the training scores",
            ThresholdKind.MedianMad => $"median plus{parameter} median absolute deviations of the training scores",
            ThresholdKind.Youden => "the greatest Youden's J on the labels",
            _ => "the greatest F1 on the labels",
        };
    }
}
