using System.Globalization;
using System.Text;
using System.Text.Json;
using AnomalySharp.Cli.Tests.Support;

namespace AnomalySharp.Cli.Tests;

public sealed class SequenceTests : IDisposable
{
    private static readonly string[] Windows = ["--time", "time", "--entity", "machine", "--window", "8"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Detect_judges_rows_by_windows_and_reports_the_channel()
    {
        string data = WriteSeries("s.csv"), report = _folder["r.html"], scores = _folder["scores.csv"];
        CliResult result = Anomaly.Run(
            [
                "detect", data, "--label", "y", .. Windows, "--detector", "autoregression", "--contamination", "0.01", "--report", report, "--out", scores,
                "--json",
            ]).MustSucceed();
        Assert.Equal(300, result.Json.GetProperty("rows").GetInt32());
        // Two channels, eight rows.
        Assert.Equal(16, result.Json.GetProperty("features").GetInt32());
        Assert.InRange(result.Json.GetProperty("rocAuc").GetDouble(), 0.95, 1);
        JsonElement first = result.Json.GetProperty("top")[0];
        Assert.Equal("pressure", first.GetProperty("columns")[0].GetProperty("column").GetString());
        Assert.Equal(301, File.ReadAllLines(scores).Length);
        Assert.Contains("pressure", File.ReadAllText(report), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_needs_no_word_on_windows_to_score_to_explain_and_to_be_measured()
    {
        string data = WriteSeries("s.csv"), model = _folder["m.anomaly"], scores = _folder["scores.csv"];
        Anomaly.Run(["train", data, "--label", "y", "--normal-only", .. Windows, "--detector", "autoregression", "--out", model]).MustSucceed();
        CliResult scored = Anomaly.Run("score", model, data, "--out", scores).MustSucceed();
        Assert.Contains("14 rows are judged by no window of 8 rows", scored.Error, StringComparison.Ordinal);
        string[][] rows = [.. File.ReadLines(scores).Skip(1).Select(line => line.Split(','))];
        string[] top = rows.MaxBy(row => double.Parse(row[1], CultureInfo.InvariantCulture))!;
        Assert.Equal("150", top[0]);

        CliResult why = Anomaly.Run("explain", model, data, "--row", "150", "--json").MustSucceed();
        double score = double.Parse(top[1], CultureInfo.InvariantCulture);
        Assert.Equal(score, why.Json.GetProperty("score").GetDouble(), 1e-5 * score);
        Assert.Equal("pressure", why.Json.GetProperty("columns")[0].GetProperty("column").GetString());

        CliResult measured = Anomaly.Run("evaluate", model, data, "--json").MustSucceed();
        Assert.Equal(3, measured.Json.GetProperty("ranges").GetInt32());
        foreach (string key in new[] { "rocAuc", "averagePrecision", "rangeF1", "rangePrecision", "rangeRecall", "pointAdjustedF1", "flaggedRanges" })
        {
            Assert.InRange(measured.Json.GetProperty(key).GetDouble(), 0, 300);
        }
        string shown = Anomaly.Run("evaluate", model, data).MustSucceed().Out;
        Assert.Contains("point-adjusted F1 (high for random scores, too)", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_always_has_the_trivial_forecasts_beside_a_method()
    {
        CliResult result = Anomaly.Run(
            ["compare", WriteSeries("s.csv"), "--label", "y", .. Windows, "--detectors", "knn", "--seeds", "1", "--json"]).MustSucceed();
        JsonElement[] runs = [.. result.Json.GetProperty("results").EnumerateArray()];
        Assert.Equal(["autoregression", "knn", "persistence"], runs.Select(run => run.GetProperty("detector").GetString()));
        Assert.All(runs, run => Assert.Equal(300, run.GetProperty("rows").GetInt32()));
        Anomaly.Run(["compare", _folder["s.csv"], "--label", "y", .. Windows, "--detectors", "knn", "--protocol", "normal-only"])
            .MustRefuse(2, "tears series apart", "transductive");
    }

    [Fact]
    public void Windows_may_be_asked_for_in_a_configuration()
    {
        string config = _folder.Write("c.json", """{ "detector": "persistence", "time": "time", "entity": "machine", "window": 5, "stride": 2 }""");
        CliResult result = Anomaly.Run("detect", WriteSeries("s.csv"), "--label", "y", "--config", config, "--json").MustSucceed();
        Assert.Equal(10, result.Json.GetProperty("features").GetInt32());
        string wrong = _folder.Write("w.json", """{ "detector": "persistence", "window": 1 }""");
        Anomaly.Run("detect", _folder["s.csv"], "--config", wrong).MustRefuse(2, "window cannot be '1'", "2 to 10000", "w.json");
    }

    [Fact]
    public void Bad_series_are_refused_with_what_to_do()
    {
        string data = WriteSeries("s.csv");
        Anomaly.Run("detect", data, "--time", "time", "--detector", "persistence")
            .MustRefuse(1, "rows 0 and 1 have the same time, 2024-03-01 00:00:00", "--entity");
        Anomaly.Run("detect", data, "--time", "when", "--detector", "persistence")
            .MustRefuse(1, "no column 'when' (--time)", "time, machine, pressure, heat");
        Anomaly.Run("detect", data, "--time", "machine", "--detector", "persistence").MustRefuse(1, "holds texts that are no time");
        Anomaly.Run("detect", data, "--time", "time", "--entity", "machine", "--window", "200", "--detector", "persistence")
            .MustRefuse(1, "a window has 200 rows", "are 150", "--window");
        Anomaly.Run("detect", data, "--detector", "persistence").MustRefuse(1, "--time or --window");
        Anomaly.Run("detect", data, "--window", "8", "--gap", "2").MustRefuse(2, "--time");
        Anomaly.Run("detect", data, "--window", "1").MustRefuse(2, "--window cannot be '1'", "2 to 10000");
        string model = _folder["m.anomaly"];
        Anomaly.Run(["train", data, "--label", "y", .. Windows, "--detector", "persistence", "--out", model]).MustSucceed();
        string few = _folder.Write("few.csv", string.Join('\n', File.ReadLines(data).Take(10)) + "\n");
        Anomaly.Run("score", model, few, "--out", _folder["f.csv"]).MustRefuse(1, "a window has 8 rows", "are 5");
        string untimed = _folder.Write(
            "untimed.csv", "machine,pressure,heat\n" + string.Concat(Enumerable.Range(0, 30).Select(i => $"a,{i % 7},{i % 5}\n")));
        Anomaly.Run("score", model, untimed, "--out", _folder["f.csv"]).MustRefuse(1, "no column 'time'");
        Assert.DoesNotContain("f.csv", _folder.Files);
    }

    [Fact]
    public void Gaps_and_rows_out_of_order_are_mended_and_said()
    {
        string[] lines = File.ReadAllLines(WriteSeries("s.csv"));
        (lines[41], lines[47]) = (lines[47], lines[41]);
        // Six rows of each machine are missing.
        string[] kept = [.. lines[..201], .. lines[213..]];
        string data = _folder.Write("gaps.csv", string.Join('\n', kept) + "\n");
        CliResult result = Anomaly.Run(["detect", data, "--label", "y", .. Windows, "--detector", "persistence"]).MustSucceed();
        Assert.Contains("not in the order of column 'time'", result.Error, StringComparison.Ordinal);
        Assert.Contains("2 gaps in column 'time'", result.Error, StringComparison.Ordinal);
    }

    /// <summary>Two machines whose rows alternate, a reading a minute; the pressure of the first leaps in row 150, and again later.</summary>
    private string WriteSeries(string name)
    {
        Random random = new(7);
        StringBuilder text = new("time,machine,pressure,heat,y\n");
        for (int i = 0; i < 300; i++)
        {
            int label = i is 150 or 201 or 252 ? 1 : 0;
            double leap = i == 150 ? 2.5 : label;
            DateTime time = new DateTime(2024, 3, 1).AddMinutes(i / 2);
            double pressure = Math.Sin(i / 12.0) + (0.02 * random.NextDouble()) + leap, heat = 20 + Math.Cos(i / 20.0) + (0.02 * random.NextDouble());
            text.Append(
                CultureInfo.InvariantCulture, $"{time:yyyy-MM-dd HH:mm:ss},{(i % 2 == 0 ? "a" : "b")},{pressure:F4},{heat:F4},{label}\n");
        }
        return _folder.Write(name, text.ToString());
    }
}
