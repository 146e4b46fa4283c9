using AnomalySharp.Evaluation;
using ScottPlot;
using ScottPlot.Plottables;

namespace AnomalySharp.Reports.Charts;

/// <summary>The curves of a report: training, ROC, precision against recall.</summary>
internal static class LineCharts
{
    private const int MostPoints = 400;

    /// <summary>Loss over epochs; logarithmic where it falls by more than a factor of 20.</summary>
    /// <param name="history">The epochs of one phase.</param>
    /// <param name="name">Name of the figure, another for each on a page.</param>
    public static Html Training(IReadOnlyList<FitProgress> history, string name = "training")
    {
        Chart chart = new(name, 1000, 280);
        FitProgress[] shown = [.. Every(history, MostPoints)];
        double[] losses = [.. shown.SelectMany(step => new[] { step.Loss, step.ValidationLoss }).OfType<double>().Where(double.IsFinite)];
        bool logarithmic = losses.Min() > 0 && losses.Max() / losses.Min() > 20;
        Coordinates[] Points(Func<FitProgress, double?> loss) =>
        [
            .. shown.Where(step => loss(step) is { } value && double.IsFinite(value))
                .Select(step => new Coordinates(step.Done, logarithmic ? Math.Log10(loss(step)!.Value) : loss(step)!.Value)),
        ];
        Line(chart, Points(step => step.Loss), Paint.Accent);
        Line(chart, Points(step => step.ValidationLoss), Paint.Second);
        double low = logarithmic ? Math.Log10(losses.Min()) : losses.Min(), high = logarithmic ? Math.Log10(losses.Max()) : losses.Max();
        double margin = Math.Max((high - low) * 0.06, 1e-9);
        chart.Plot.Axes.SetLimits(shown[0].Done, Math.Max(shown[^1].Done, shown[0].Done + 1), low - margin, high + margin);
        if (logarithmic) chart.Plot.Axes.Left.TickGenerator = Chart.DecadeTicks(low - margin, high + margin);
        return chart.Render("Loss during training", "epoch", logarithmic ? "loss (logarithmic)" : "loss");
    }

    /// <summary>Measures of a phase over its epochs, in a small figure with one axis.</summary>
    /// <param name="history">The epochs.</param>
    /// <param name="measures">The measures, one or two.</param>
    /// <param name="title">What they are together.</param>
    /// <param name="name">Name of the figure, another for each on a page.</param>
    public static Html Measures(IReadOnlyList<FitProgress> history, IReadOnlyList<string> measures, string title, string name)
    {
        Chart chart = new(name, 480, 200);
        Coordinates[][] lines =
        [
            .. measures.Select(measure => (Coordinates[])
            [
                .. Every([.. history.Where(step => step.Measures?.TryGetValue(measure, out double value) == true && double.IsFinite(value))], MostPoints)
                    .Select(step => new Coordinates(step.Done, step.Measures![measure])),
            ]),
        ];
        for (int i = 0; i < lines.Length; i++) Line(chart, lines[i], i == 0 ? Paint.Accent : Paint.Second);
        Coordinates[] points = [.. lines.SelectMany(line => line)];
        if (points.Length == 0) return Html.Empty;
        double low = points.Min(point => point.Y), high = points.Max(point => point.Y), margin = Math.Max((high - low) * 0.06, 1e-9);
        double first = points.Min(point => point.X);
        chart.Plot.Axes.SetLimits(first, Math.Max(points.Max(point => point.X), first + 1), low - margin, high + margin);
        return chart.Render($"{title} during training", "epoch", title);
    }

    /// <summary>The ROC curve with the point at the threshold.</summary>
    public static Html Roc(IReadOnlyList<CurvePoint> points, DetectionMetrics metrics)
    {
        Chart chart = new("roc", 480, 360);
        Guide(chart, new(0, 0), new(1, 1));
        Line(chart, [.. Thinned(points)], Paint.Accent);
        Point(chart, new(1 - metrics.Specificity, metrics.Recall));
        UnitSquare(chart);
        return chart.Render($"ROC curve, area {Numbers.Short(metrics.RocAuc)}", "false positive rate", "true positive rate (recall)");
    }

    /// <summary>Precision against recall, in steps as average precision counts them, with the point at the threshold.</summary>
    /// <param name="points">The curve.</param>
    /// <param name="metrics">The figures at the threshold.</param>
    /// <param name="share">Share of anomalies: the precision of flagging at random.</param>
    public static Html PrecisionRecall(IReadOnlyList<CurvePoint> points, DetectionMetrics metrics, double share)
    {
        Chart chart = new("pr", 480, 360);
        Guide(chart, new(0, share), new(1, share));
        List<Coordinates> steps = [];
        foreach (Coordinates point in Thinned(points))
        {
            steps.Add(new(steps.Count == 0 ? 0 : steps[^1].X, point.Y));
            steps.Add(point);
        }
        Line(chart, [.. steps], Paint.Accent);
        Point(chart, new(metrics.Recall, metrics.Precision));
        UnitSquare(chart);
        return chart.Render($"Precision-recall curve, average precision {Numbers.Short(metrics.AveragePrecision)}", "recall", "precision");
    }

    private static void Line(Chart chart, Coordinates[] points, Color color)
    {
        if (points.Length == 0) return;
        Scatter line = chart.Plot.Add.ScatterLine(points, color);
        line.LineWidth = 2;
        // A training of one epoch is a point, which a line would not show.
        if (points.Length == 1) line.MarkerSize = 7;
    }

    private static void Guide(Chart chart, Coordinates from, Coordinates to)
    {
        LinePlot line = chart.Plot.Add.Line(from, to);
        line.LineColor = Paint.Muted;
        line.LineWidth = 1;
        line.LinePattern = LinePattern.Dotted;
    }

    private static void Point(Chart chart, Coordinates at)
    {
        Marker marker = chart.Plot.Add.Marker(at.X, at.Y, MarkerShape.FilledCircle, 10, Paint.Alert);
        marker.MarkerLineColor = Paint.Card;
        marker.MarkerLineWidth = 1.5f;
    }

    private static void UnitSquare(Chart chart) => chart.Plot.Axes.SetLimits(-0.015, 1.015, -0.015, 1.03);

    private static IEnumerable<FitProgress> Every(IReadOnlyList<FitProgress> history, int most)
    {
        if (history.Count == 0) yield break;
        int step = (history.Count + most - 1) / most;
        for (int i = 0; i < history.Count; i += step) yield return history[i];
        if ((history.Count - 1) % step != 0) yield return history[^1];
    }

    /// <summary>The first point, the last, and those that are visibly apart: millions of scores make no larger a page.</summary>
    private static IEnumerable<Coordinates> Thinned(IReadOnlyList<CurvePoint> points)
    {
        CurvePoint last = points[0];
        yield return new(last.X, last.Y);
        for (int i = 1; i < points.Count; i++)
        {
            if (i < points.Count - 1 && Math.Abs(points[i].X - last.X) + Math.Abs(points[i].Y - last.Y) < 1.0 / MostPoints) continue;
            last = points[i];
            yield return new(last.X, last.Y);
        }
    }
}
