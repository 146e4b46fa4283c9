using ScottPlot;
using ScottPlot.TickGenerators;

namespace AnomalySharp.Reports.Charts;

/// <summary>
/// A ScottPlot figure as inline SVG. ScottPlot draws the shapes; texts are written here at the places that its axes give, in the page's own type: it
/// would otherwise measure and name whatever font the machine happens to have.
/// </summary>
internal sealed class Chart(string name, int width, int height)
{
    private const int Left = 58, Right = 14, Bottom = 46, Top = 14;
    private readonly List<(Coordinates At, string Text)> _marks = [], _levels = [];

    /// <summary>The figure to draw into.</summary>
    public Plot Plot { get; } = NewPlot();

    /// <summary>Writes <paramref name="text"/> at the top of the figure, beside the vertical line at <paramref name="x"/>.</summary>
    public void MarkAt(double x, string text) => _marks.Add((new(x, 0), text));

    /// <summary>Writes <paramref name="text"/> at the left of the figure, above the horizontal line at <paramref name="y"/>.</summary>
    public void MarkLevel(double y, string text) => _levels.Add((new(0, y), text));

    /// <summary>Ticks of an axis that shows powers of ten: the axis holds logarithms, the labels say the numbers.</summary>
    public static NumericManual DecadeTicks(double low, double high)
    {
        NumericManual ticks = new();
        int[] steps = high - low > 2 ? [1] : [1, 2, 5];
        for (int decade = (int)Math.Floor(low); decade <= high; decade++)
        {
            foreach (int step in steps)
            {
                double position = decade + Math.Log10(step);
                if (position >= low - 1e-9 && position <= high + 1e-9) ticks.AddMajor(position, Numbers.Short(step * Math.Pow(10, decade)));
            }
        }
        return ticks;
    }

    /// <summary>The finished figure.</summary>
    /// <param name="description">What it shows, for those who cannot see it.</param>
    /// <param name="xLabel">Label of the horizontal axis.</param>
    /// <param name="yLabel">Label of the vertical axis.</param>
    public Html Render(string description, string xLabel, string yLabel)
    {
        string svg = Plot.GetSvgXml(width, height);
        svg = svg[svg.IndexOf("<svg", StringComparison.Ordinal)..].Replace("\t", "", StringComparison.Ordinal);
        int body = svg.IndexOf('>', StringComparison.Ordinal) + 1;
        // Clip paths are numbered from 1 in every figure, and one page holds several figures.
        string shapes = svg[body..].Replace("</svg>", "", StringComparison.Ordinal).Replace("cl_", $"{name}-", StringComparison.Ordinal);
        Html[] ticks = [.. Labels(xLabel, yLabel)];
        return Html.Of($"""
            <figure><svg viewBox="0 0 {width} {height}" role="img" aria-label="{description}">{new Html(Paint.Resolve(shapes.Trim()))}
            {ticks}</svg></figure>
            """);
    }

    private IEnumerable<Html> Labels(string xLabel, string yLabel)
    {
        double bottom = height - Bottom, middle = Top + ((bottom - Top) / 2);
        foreach (Tick tick in Plot.Axes.Bottom.TickGenerator.Ticks.Where(tick => tick.IsMajor))
        {
            double x = Plot.GetPixel(new Coordinates(tick.Position, 0)).X;
            if (x >= Left - 1 && x <= width - Right + 1) yield return Text(x, bottom + 18, "middle", tick.Label);
        }
        foreach (Tick tick in Plot.Axes.Left.TickGenerator.Ticks.Where(tick => tick.IsMajor))
        {
            double y = Plot.GetPixel(new Coordinates(0, tick.Position)).Y;
            if (y >= Top - 1 && y <= bottom + 1) yield return Text(Left - 8, y + 4, "end", tick.Label);
        }
        foreach ((Coordinates at, string text) in _marks)
        {
            double x = Plot.GetPixel(at).X;
            yield return x > width * 0.7 ? Text(x - 6, Top + 12, "end", text, "mark") : Text(x + 6, Top + 12, "start", text, "mark");
        }
        foreach ((Coordinates at, string text) in _levels) yield return Text(Left + 6, Plot.GetPixel(at).Y - 5, "start", text, "mark");
        yield return Text(Left + ((width - Left - Right) / 2), height - 8, "middle", xLabel);
        yield return Html.Of($"""<text x="14" y="{middle:0.#}" text-anchor="middle" transform="rotate(-90 14 {middle:0.#})">{yLabel}</text>""");
    }

    private static Html Text(double x, double y, string anchor, string text, string kind = "label") =>
        Html.Of($"""<text class="{kind}" x="{x:0.#}" y="{y:0.#}" text-anchor="{anchor}">{text}</text>""");

    private static Plot NewPlot()
    {
        Plot plot = new();
        plot.FigureBackground.Color = Colors.Transparent;
        plot.DataBackground.Color = Colors.Transparent;
        plot.Axes.Color(Paint.Muted);
        plot.Grid.MajorLineColor = Paint.Grid;
        plot.Layout.Fixed(new PixelPadding(Left, Right, Bottom, Top));
        plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Axes.Left.FrameLineStyle.Width = 0;
        foreach (IAxis axis in plot.Axes.GetAxes())
        {
            axis.TickLabelStyle.IsVisible = false;
            axis.MinorTickStyle.Length = 0;
            axis.MinorTickStyle.Width = 0;
            axis.MajorTickStyle.Length = 0;
            axis.MajorTickStyle.Width = 0;
        }
        return plot;
    }
}
