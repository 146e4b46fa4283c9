using ScottPlot;
using ScottPlot.TickGenerators;

namespace AnomalySharp.Reports.Charts;

/// <summary>How many samples have which score, those above the threshold in another colour.</summary>
internal sealed class ScoreHistogram
{
    private const int FewestBins = 12, MostBins = 60;
    private readonly int[] _counts;
    private readonly double _low, _width;
    private readonly float _threshold;

    /// <summary>Samples whose score lies beyond the last bar and is counted in it.</summary>
    public int Beyond { get; }

    /// <summary>Where the last bar ends.</summary>
    public double High { get; }

    /// <summary>Where the first bar begins.</summary>
    public double Low => _low;

    /// <summary>Whether counts are drawn by their logarithm, so that a few anomalies stay visible beside many normal samples.</summary>
    public bool IsLogarithmic { get; }

    public ScoreHistogram(ReadOnlySpan<float> scores, float threshold)
    {
        float[] sorted = scores.ToArray();
        Array.Sort(sorted);
        _threshold = threshold;
        double median = sorted[sorted.Length / 2], tail = Math.Max(threshold, sorted[(int)(0.99 * (sorted.Length - 1))]);
        // One score a thousand times the others would leave one bar for all the rest.
        High = Math.Min(Math.Max(sorted[^1], threshold), median + (4 * (tail - median)));
        _low = Math.Min(sorted[0], threshold);
        double floor = median - (4 * (median - sorted[(int)(0.01 * (sorted.Length - 1))]));
        if (floor < median && _low < floor) _low = Math.Min(floor, threshold);
        // Nearly all scores equal: the few others decide the range. All of them equal: one bar in the middle of nothing.
        if (!(High > _low)) High = sorted[^1];
        if (!(High > _low)) High = _low + Math.Max(1e-6, Math.Abs(_low) * 1e-3);
        int bins = Math.Clamp((int)(2 * Math.Sqrt(sorted.Length)), FewestBins, MostBins);
        _width = (High - _low) / bins;
        // An edge lies on the threshold, and bars include their upper edge: no bar mixes the two verdicts.
        int below = Math.Max(1, (int)Math.Ceiling((threshold - _low) / _width)), above = Math.Max(1, (int)Math.Ceiling((High - threshold) / _width));
        _counts = new int[below + above];
        _low = threshold - (below * _width);
        foreach (float score in sorted)
        {
            _counts[(int)Math.Clamp(Math.Ceiling(((double)score - threshold) / _width) - 1 + below, 0, _counts.Length - 1)]++;
            if (score > High) Beyond++;
        }
        IsLogarithmic = _counts.Max() > 100;
    }

    /// <summary>The bars: the middle of each and the number of samples in it.</summary>
    public IEnumerable<(double Middle, int Count)> Bars => _counts.Select((count, i) => (_low + ((i + 0.5) * _width), count));

    public Html Render(string noun)
    {
        Chart chart = new("scores", 1000, 300);
        double highest = 0;
        List<Bar> bars = [];
        foreach ((double middle, int count) in Bars)
        {
            if (count == 0) continue;
            // A bar for one sample needs a height on a logarithmic axis too: it starts at a half.
            double height = IsLogarithmic ? Math.Log10(count) - Floor : count;
            highest = Math.Max(highest, height);
            bars.Add(new Bar
            {
                Position = middle,
                Value = height + Baseline,
                ValueBase = Baseline,
                Size = _width * 0.86,
                FillColor = middle > _threshold ? Paint.Alert : Paint.Accent,
                LineWidth = 0,
            });
        }
        chart.Plot.Add.Bars(bars);
        chart.Plot.Add.VerticalLine(_threshold, 1.6f, Paint.Alert, LinePattern.Dashed);
        chart.MarkAt(_threshold, $"threshold {Numbers.Short(_threshold)}");
        // Room above the highest bar for the words beside the threshold.
        chart.Plot.Axes.SetLimits(_low - _width, _low + ((_counts.Length + 1) * _width), Baseline, Baseline + (highest * 1.18));
        if (IsLogarithmic) chart.Plot.Axes.Left.TickGenerator = Chart.DecadeTicks(0, Baseline + (highest * 1.18));
        else chart.Plot.Axes.Left.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true };
        string counted = $"{noun}s{(IsLogarithmic ? " (logarithmic)" : "")}";
        return chart.Render($"Histogram of the scores with the threshold {Numbers.Short(_threshold)}", "score", counted);
    }

    private static double Floor => Math.Log10(0.5);

    private double Baseline => IsLogarithmic ? Floor : 0;
}
