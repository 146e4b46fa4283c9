namespace AnomalySharp.Reproduction.Experiments;

/// <summary>The tables of experiments on <see cref="DefectTrial"/>.</summary>
internal static class DefectTables
{
    /// <summary>Figures of each method, and what chance gives.</summary>
    /// <param name="results">The cells.</param>
    /// <param name="speed">Whether pictures per second of scoring are a column.</param>
    public static IReadOnlyList<ResultTable> Of(ExperimentResults results, bool speed = false) =>
    [
        new ResultTable(
            "Means over the seeds ± standard deviation. Pictures: ROC AUC of the scores. Pixels: ROC AUC and average precision of the heat maps, and "
            + "Dice; best Dice is over all thresholds, chosen by the masks it is measured on. Seconds are of training and of scoring.",
            [
                "method", "pictures, ROC AUC", "pixels, ROC AUC", "not smoothed", "pixels, average precision", "Dice", "best Dice", "training", "scoring",
                .. speed ? (string[])["pictures/s"] : [],
            ],
            [
                .. results.Measured.GroupBy(cell => cell.Method).Select(group => (string[])
                [
                    group.Key,
                    Text(group, "rocAuc"),
                    Text(group, "pixelRocAuc"),
                    Text(group, "pixelRocAucNotSmoothed"),
                    Text(group, "pixelAveragePrecision"),
                    Text(group, "dice"),
                    Text(group, "bestDice"),
                    Spread.Number(group.Average(cell => cell.TrainSeconds), "0.0"),
                    Spread.Number(group.Average(cell => cell.ScoreSeconds), "0.0"),
                    .. speed ? (string[])[Spread.Number(group.Sum(cell => cell.TestRows) / group.Sum(cell => cell.ScoreSeconds), "0")] : [],
                ]),
            ]),
        new ResultTable(
            "What chance gives: ROC AUC 0.5; as average precision of pixels the share of defective ones.",
            ["tested pictures", "with a defect", "trained on", "share of defective pixels"],
            [
                .. results.Measured.Where(cell => cell.Figures.ContainsKey("defectivePixels")).Take(1).Select(cell => (string[])
                    [$"{cell.TestRows}", $"{cell.Anomalies}", $"{cell.TrainRows}", Spread.Number(cell.Figures["defectivePixels"], "0.0000")]),
            ]),
    ];

    private static string Text(IEnumerable<CellResult> cells, string figure) => Spread.Of(cells, figure)?.Text("0.000") ?? "–";
}
