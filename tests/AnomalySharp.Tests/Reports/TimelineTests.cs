using System.Text.RegularExpressions;
using AnomalySharp.Reports;
using AnomalySharp.Reports.Charts;

namespace AnomalySharp.Tests.Reports;

public sealed partial class TimelineTests
{
    [Fact]
    public void Series_are_drawn_in_order_with_the_threshold_and_what_is_labelled()
    {
        Timeline left = new("left", [Rows(0, 900)]), right = new("right", [Rows(900, 500), Rows(1500, 500)]);
        ReportView view = SampleReports.Payments() with { Timelines = [left, right] };
        string page = Page.Render(view).Markup;
        string[] parts =
        [
            "Scores in order", "<h3>left</h3>", "<h3>right</h3>", "Shaded is what is labelled", "Scores of right in order, with the threshold 1.32", "fill-opacity",
        ];
        Assert.All(parts, part => Assert.Contains(part, page, StringComparison.Ordinal));
        Assert.DoesNotContain("#A10B", page, StringComparison.OrdinalIgnoreCase);
        string[] identifiers = [.. Identifier().Matches(page).Select(match => match.Groups[1].Value)];
        Assert.Equal(identifiers.Length, identifiers.Distinct().Count());
    }

    [Fact]
    public void Of_many_series_those_with_the_highest_scores_are_drawn_and_without_order_there_are_none()
    {
        ReportView plain = SampleReports.Payments();
        Assert.DoesNotContain("Scores in order", Page.Render(plain).Markup, StringComparison.Ordinal);
        ReportView view = plain with { Timelines = [.. Enumerable.Range(0, 20).Select(k => new Timeline($"series-{k}!", [Rows(100 * k, 100)]))] };
        string page = Page.Render(view).Markup;
        Assert.Contains("6 of 20 series", page, StringComparison.Ordinal);
        int highest = plain.Scored.MostAnomalous(1)[0] / 100;
        Assert.Contains($"<h3>series-{highest}!</h3>", page, StringComparison.Ordinal);
        Assert.Equal(6, Regex.Count(page, "<h3>series-"));
    }

    [Fact]
    public void Key_frames_are_apart_and_in_falling_order_of_score()
    {
        float[] scores = new float[60];
        (scores[20], scores[21], scores[29], scores[30], scores[31]) = (9, 8, 7, 6, 5);
        // The second series begins at 30.
        Assert.Equal([20, 30, 0], KeyFrames.Of(scores, [Rows(0, 30), Rows(30, 30)], 3));
    }

    private static int[] Rows(int first, int count) => [.. Enumerable.Range(first, count)];

    [GeneratedRegex("id=\"([^\"]+)\"")]
    private static partial Regex Identifier();
}
