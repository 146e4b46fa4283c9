using ScottPlot;

namespace AnomalySharp.Reports.Charts;

/// <summary>
/// Colours that a chart is drawn in and that stand for variables of the page: ScottPlot knows numbers only, and a chart must follow the reader into
/// dark mode. None of them occurs in a chart otherwise.
/// </summary>
internal static class Paint
{
    public static readonly Color Muted = Color.FromHex("#A10B01"), Grid = Color.FromHex("#A10B02"), Accent = Color.FromHex("#A10B03");
    public static readonly Color Alert = Color.FromHex("#A10B04"), Second = Color.FromHex("#A10B05"), Card = Color.FromHex("#A10B06");

    private static readonly (string Hex, string Variable)[] Variables =
    [
        ("#A10B01", "var(--muted)"), ("#A10B02", "var(--grid)"), ("#A10B03", "var(--accent)"),
        ("#A10B04", "var(--alert)"), ("#A10B05", "var(--second)"), ("#A10B06", "var(--card)"),
    ];

    public static string Resolve(string svg)
    {
        foreach ((string hex, string variable) in Variables) svg = svg.Replace(hex, variable, StringComparison.OrdinalIgnoreCase);
        return svg;
    }
}
