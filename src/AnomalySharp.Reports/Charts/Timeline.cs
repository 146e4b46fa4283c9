using ScottPlot;
using ScottPlot.Plottables;

namespace AnomalySharp.Reports.Charts;

/// <summary>The scores of one series in its order, with the threshold, and with spans of what is labelled as an anomaly.</summary>
/// <param name="Name">What the series is called; null where there is only one.</param>
/// <param name="Runs">Positions of its rows, in order; where one list ends there is a gap, which the line does not cross.</param>
internal sealed record Timeline(string? Name, IReadOnlyList<IReadOnlyList<int>> Runs)
{
    // About as many as the figure has pixels.
    private const int MostBuckets = 900;

    private const byte SpanAlpha = 40;

    /// <summary>The highest score in it.</summary>
    public float Highest(ReadOnlySpan<float> scores)
    {
        float highest = float.NegativeInfinity;
        foreach (IReadOnlyList<int> run in Runs)
        {
            foreach (int row in run) highest = Math.Max(highest, scores[row]);
        }
        return highest;
    }

    /// <summary>The figure.</summary>
    /// <param name="scored">Scores, threshold, labels.</param>
    /// <param name="low">Lowest score that the axis shows; scores beyond are drawn at its end.</param>
    /// <param name="high">Highest score that the axis shows, likewise.</param>
    /// <param name="noun">What a row is called.</param>
    /// <param name="figure">Name of the figure, another for each on a page.</param>
    public Html Render(ScoredSamples scored, double low, double high, string noun, string figure)
    {
        Chart chart = new(figure, 1000, 220);
        foreach ((int first, int last) in Spans(scored.Labels))
        {
            HorizontalSpan span = chart.Plot.Add.HorizontalSpan(first - 0.5, last + 0.5, Paint.Alert.WithAlpha(SpanAlpha));
            span.LineStyle.Width = 0;
        }
        foreach (IReadOnlyList<int> run in Runs)
        {
            Scatter line = chart.Plot.Add.ScatterLine(Thinned(run, scored.Scores.Span, low, high), Paint.Accent);
            line.LineWidth = 1.4f;
            if (run.Count == 1) line.MarkerSize = 5;
        }
        HorizontalLine threshold = chart.Plot.Add.HorizontalLine(scored.Threshold, 1.6f, Paint.Alert, LinePattern.Dashed);
        threshold.LabelStyle.IsVisible = false;
        chart.MarkLevel(scored.Threshold, $"threshold {Numbers.Short(scored.Threshold)}");
        (int from, int to) = (Runs.Min(run => run.Min()), Runs.Max(run => run.Max()));
        double margin = Math.Max((high - low) * 0.06, 1e-9);
        chart.Plot.Axes.SetLimits(from, Math.Max(to, from + 1), low - margin, high + margin);
        return chart.Render($"Scores of {Name ?? "all"} in order, with the threshold {Numbers.Short(scored.Threshold)}", noun, "score");
    }

    /// <summary>First and last row of each stretch that is labelled 1.</summary>
    private IEnumerable<(int First, int Last)> Spans(IReadOnlyList<byte>? labels)
    {
        if (labels is null) yield break;
        foreach (IReadOnlyList<int> run in Runs)
        {
            int start = -1;
            for (int i = 0; i <= run.Count; i++)
            {
                bool anomaly = i < run.Count && labels[run[i]] == 1;
                if (anomaly && start < 0) start = i;
                if (anomaly || start < 0) continue;
                yield return (run[start], run[i - 1]);
                start = -1;
            }
        }
    }

    /// <summary>All rows, or of every so many the lowest and the highest score: a peak is never left out.</summary>
    private static Coordinates[] Thinned(IReadOnlyList<int> run, ReadOnlySpan<float> scores, double low, double high)
    {
        int step = Math.Max(1, (run.Count + MostBuckets - 1) / MostBuckets);
        List<Coordinates> points = [];
        for (int start = 0; start < run.Count; start += step)
        {
            (int lowest, int highest) = (start, start);
            for (int i = start; i < Math.Min(start + step, run.Count); i++)
            {
                if (scores[run[i]] < scores[run[lowest]]) lowest = i;
                if (scores[run[i]] > scores[run[highest]]) highest = i;
            }
            points.Add(At(Math.Min(lowest, highest), scores));
            if (lowest != highest) points.Add(At(Math.Max(lowest, highest), scores));
        }
        return [.. points];

        Coordinates At(int i, ReadOnlySpan<float> scores) => new(run[i], Math.Clamp(scores[run[i]], low, high));
    }
}
