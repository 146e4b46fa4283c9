namespace AnomalySharp.Reproduction.Experiments;

/// <summary>The tables of experiments on <see cref="DefectTrial"/>.</summary>
internal static class DefectTables
{
    /// <summary>Figures of each method.</summary>
    /// <param name="results">The cells.</param>
    /// <param name="remark">A sentence more for the caption.</param>
    /// <param name="than">A method whose ROC AUC of pixels is subtracted from the others' in a column of its own.</param>
    /// <param name="speed">Whether pictures per second of scoring are a column.</param>
    public static ResultTable Methods(ExperimentResults results, string remark = "", string? than = null, bool speed = false) => new(
        "Means over the seeds ± standard deviation. Pictures: ROC AUC of the scores. Pixels: ROC AUC and average precision of the heat maps, and "
        + $"Dice; best Dice is over all thresholds, chosen by the masks it is measured on. Seconds are of training and of scoring.{remark}",
        [
            "method", "pictures, ROC AUC", "pixels, ROC AUC", .. than is null ? (string[])[] : [$"less {than}'s"], "not smoothed",
            "pixels, average precision", "Dice", "best Dice", "training", "scoring", .. speed ? (string[])["pictures/s"] : [],
        ],
        [
            .. results.Measured.GroupBy(cell => cell.Method).Select(group => (string[])
            [
                group.Key,
                Text(group, "rocAuc"),
                Text(group, "pixelRocAuc"),
                .. than is null
                    ? (string[])[]
                    : [Spread.Number(PixelRocAuc(results, group.Key) - PixelRocAuc(results, than), "+0.000;-0.000;0.000")],
                Text(group, "pixelRocAucNotSmoothed"),
                Text(group, "pixelAveragePrecision"),
                Text(group, "dice"),
                Text(group, "bestDice"),
                Spread.Number(group.Average(cell => cell.TrainSeconds), "0.0"),
                Spread.Number(group.Average(cell => cell.ScoreSeconds), "0.0"),
                .. speed ? (string[])[Spread.Number(group.Sum(cell => cell.TestRows) / group.Sum(cell => cell.ScoreSeconds), "0")] : [],
            ]),
        ]);

    /// <summary>What chance gives.</summary>
    public static ResultTable Chance(ExperimentResults results) => new(
        "What chance gives: ROC AUC 0.5; as average precision of pixels the share of defective ones.",
        ["tested pictures", "with a defect", "trained on", "share of defective pixels"],
        [
            .. results.Measured.Where(cell => cell.Figures.ContainsKey("defectivePixels")).Take(1).Select(cell => (string[])
                [$"{cell.TestRows}", $"{cell.Anomalies}", $"{cell.TrainRows}", Spread.Number(cell.Figures["defectivePixels"], "0.0000")]),
        ]);

    /// <summary>A method's ROC AUC of pixels, mean over the seeds; null where it has none.</summary>
    public static double? PixelRocAuc(ExperimentResults results, string method) =>
        Spread.Of(results.Measured.Where(cell => cell.Method == method), "pixelRocAuc")?.Mean;

    /// <summary>A figure of some cells as tables show it.</summary>
    public static string Text(IEnumerable<CellResult> cells, string figure) => Spread.Of(cells, figure)?.Text("0.000") ?? "–";
}
