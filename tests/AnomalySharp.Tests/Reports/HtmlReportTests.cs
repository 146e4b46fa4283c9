using System.Text.RegularExpressions;
using AnomalySharp.Reports;
using SkiaSharp;

namespace AnomalySharp.Tests.Reports;

public sealed partial class HtmlReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("report").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(ReportView view)
    {
        string path = Path.Combine(_folder, "report.html");
        HtmlReport.Write(path, view);
        Assert.Equal([path], Directory.GetFiles(_folder));
        return File.ReadAllText(path);
    }

    [Fact]
    public void A_report_says_what_was_found_why_and_how()
    {
        ReportView view = SampleReports.Payments();
        string page = Write(view);
        string[] parts =
        [
            "<h1>payments.csv</h1>",
            $"{view.Scored.AnomalyCount} of 2,000 rows", "threshold 1.32", view.Top[0].Row, "merchant category", "= missing", "usually",
            "What the anomalies have in common", "ROC curve, area", "Precision and recall", "missed", "false alarms", "64 epochs, stopped before 100",
            "epochs=64, hidden=64,32; all others at their defaults", "median absolute deviations of the training scores, k 3.5",
            "country: 3 cells", "age of account", "id",
            "anomaly detect payments.csv --label fraud", "Hinton and Salakhutdinov",
        ];
        Assert.All(parts, part => Assert.Contains(part, page, StringComparison.Ordinal));
        Assert.DoesNotContain("learningRate", page, StringComparison.Ordinal);
        Assert.Equal(4, Svg().Count(page));
    }

    [Fact]
    public void What_training_measured_of_normal_samples_and_of_anomalies_shares_a_figure()
    {
        ReportView view = SampleReports.Payments();
        FitProgress[] history =
        [
            .. view.Training.History.Select((step, i) => step with
            {
                Measures = new Dictionary<string, double>
                {
                    ["gradient of normal samples"] = 5.0 / (i + 1), ["gradient of anomalies"] = 1, ["recognised"] = 0.5, ["ratio"] = double.PositiveInfinity,
                },
            }),
        ];
        string page = Write(view with { Training = view.Training with { History = history } });
        // One figure for both, one for the measure that stands alone, none for what is never finite.
        Assert.Equal(4 + 2, Svg().Count(page));
        Assert.Contains("gradient of samples during training", page, StringComparison.Ordinal);
        Assert.Contains("recognised during training", page, StringComparison.Ordinal);
        Assert.Contains("</i>gradient of normal samples</span>", page, StringComparison.Ordinal);
        Assert.Contains("</i>gradient of anomalies</span>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("</i>recognised</span>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_needs_nothing_from_elsewhere_and_runs_no_script()
    {
        foreach (string page in new[] { Write(SampleReports.Payments()), Write(SampleReports.Pictures()) })
        {
            Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("http:", page, StringComparison.Ordinal);
            Assert.DoesNotContain("https:", page, StringComparison.Ordinal);
            Assert.All(Source().Matches(page), match => Assert.StartsWith("data:image/png;base64,", match.Groups[1].Value, StringComparison.Ordinal));
            Assert.InRange(page.Length, 10_000, 300_000);
        }
    }

    [Fact]
    public void Names_and_cells_are_text_and_never_markup()
    {
        const string hostile = "<script>alert('x')</script>\"><b onclick=\"y\">&amp;";
        string page = Write(SampleReports.Payments(300, hostile));
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<b onclick", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&gt;&lt;b onclick=&quot;y&quot;&gt;&amp;amp;", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Charts_take_their_colours_from_the_page_and_share_no_identifiers()
    {
        string page = Write(SampleReports.Payments());
        Assert.DoesNotContain("#A10B", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("stroke=\"var(--accent)\"", page, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme: dark", page, StringComparison.Ordinal);
        string[] identifiers = [.. Identifier().Matches(page).Select(match => match.Groups[1].Value)];
        Assert.NotEmpty(identifiers);
        Assert.Equal(identifiers.Length, identifiers.Distinct().Count());
    }

    [Fact]
    public void Every_element_is_closed_in_order()
    {
        foreach (ReportView view in new[] { SampleReports.Payments(), SampleReports.Pictures() })
        {
            Stack<string> open = [];
            foreach (Match tag in Tag().Matches(Write(view)))
            {
                string name = tag.Groups[2].Value;
                if (name is "meta" or "img" or "br" || tag.Value.EndsWith("/>", StringComparison.Ordinal)) continue;
                if (tag.Groups[1].Value == "/") Assert.Equal(open.Pop(), name);
                else open.Push(name);
            }
            Assert.Empty(open);
        }
    }

    [Theory]
    [InlineData(3, 32)]
    [InlineData(1, 240)]
    [InlineData(2, 28)]
    public void Pictures_stand_beside_heat_maps_that_are_hot_where_the_attribution_is(int channels, int size)
    {
        ReportView view = SampleReports.Pictures(channels, size);
        string page = Write(view);
        string[] images = [.. Source().Matches(page).Select(match => match.Groups[1].Value["data:image/png;base64,".Length..])];
        Assert.Equal((2 * view.Top.Count) + 8, images.Length);
        using SKBitmap picture = SKBitmap.Decode(Convert.FromBase64String(images[0])), heat = SKBitmap.Decode(Convert.FromBase64String(images[1]));
        Assert.Equal(Math.Min(size, 224), picture.Width);
        Assert.Equal((picture.Width, picture.Height), (heat.Width, heat.Height));

        int hottest = Enumerable.Range(0, size * size).MaxBy(i => view.TopMaps![0][i]);
        SKColor hot = heat.GetPixel(hottest % size * heat.Width / size, hottest / size * heat.Height / size), cold = heat.GetPixel(1, 1);
        Assert.True(hot.Red + hot.Green > cold.Red + cold.Green + 60, $"Hot {hot}, cold {cold}.");
    }

    [Fact]
    public void A_colour_picture_keeps_its_colours()
    {
        ReportView view = SampleReports.Pictures();
        Match first = Source().Matches(Write(view))[0];
        using SKBitmap picture = SKBitmap.Decode(Convert.FromBase64String(first.Groups[1].Value["data:image/png;base64,".Length..]));
        SKColor centre = picture.GetPixel(16, 26);
        Assert.Equal(new SKColor((byte)Math.Round(0.75 * 255), (byte)Math.Round(0.6 * 255), (byte)Math.Round(0.45 * 255)), centre);
    }

    [Fact]
    public void A_report_is_written_about_scores_that_are_all_equal_and_about_none()
    {
        ReportView view = SampleReports.Payments(300) with { Metrics = null, Top = [] };
        ScoredSamples Scores(float[] values) => new() { Scores = values, Probabilities = values, Threshold = 0 };
        Assert.Contains("0 of 300 rows", Write(view with { Scored = Scores(new float[300]) }), StringComparison.Ordinal);
        Assert.Contains("0 of 0 rows", Write(view with { Scored = Scores([]) }), StringComparison.Ordinal);
        Assert.Contains("2 of 2 rows", Write(view with { Scored = Scores([float.MaxValue, 1]) }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_an_error_that_says_so() => Assert.Contains("does not exist", Assert
        .Throws<AnomalySharpException>(() => HtmlReport.Write(Path.Combine(_folder, "no", "report.html"), SampleReports.Payments(300))).Message, StringComparison.Ordinal);

    [GeneratedRegex("<svg ")]
    private static partial Regex Svg();

    [GeneratedRegex("src=\"([^\"]*)\"")]
    private static partial Regex Source();

    [GeneratedRegex(" id=\"([^\"]*)\"")]
    private static partial Regex Identifier();

    [GeneratedRegex("<(/?)([a-zA-Z][a-zA-Z0-9]*)[^>]*>")]
    private static partial Regex Tag();
}
