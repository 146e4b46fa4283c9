using AnomalySharp.Evaluation;
using AnomalySharp.Thresholding;
using Spectre.Console;

namespace AnomalySharp.Cli.Output;

/// <summary>Figures for people.</summary>
internal static class FiguresText
{
    public static string Of(Figures figures) =>
        $"Against the labels: ROC AUC {Terminal.Number(figures.RocAuc)}, average precision {Terminal.Number(figures.AveragePrecision)}, "
        + $"precision {Terminal.Number(figures.Precision)}, recall {Terminal.Number(figures.Recall)}, F1 {Terminal.Number(figures.F1)}.";

    public static Table CreateTable(Figures figures, DetectionMetrics metrics)
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
            ("threshold", figures.Threshold),
            ("contamination", figures.Contamination),
            ("rows", figures.Rows),
            ("seconds of scoring", figures.ScoreSeconds),
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
