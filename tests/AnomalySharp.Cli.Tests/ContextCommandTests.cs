using System.Globalization;
using System.Text.Json;
using AnomalySharp.Cli.Tests.Support;
using AnomalySharp.Data.Protocols;
using AnomalySharp.Tables;

namespace AnomalySharp.Cli.Tests;

/// <summary><c>--context</c> through the command line.</summary>
public sealed class ContextCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Detect_judges_values_by_their_context_and_says_what_is_usual_in_it()
    {
        string data = WriteReadings(), report = _folder["r.html"];
        JsonElement found = Anomaly.Run(
            "detect", data, "--label", "y", "--context", "month,weekday, site", "--contamination", "0.05", "--report", report, "--json")
            .MustSucceed().Json;
        Assert.Equal(3, found.GetProperty("features").GetInt32());
        Assert.InRange(found.GetProperty("rocAuc").GetDouble(), 0.93, 1);
        string usual = found.GetProperty("top")[0].GetProperty("columns")[0].GetProperty("usual").GetString()!;
        Assert.Matches("^-?[0-9.]+ to -?[0-9.]+ where month = [A-Z][a-z]+, weekday = [A-Z][a-z]+day, site = [A-D]$", usual);
        string html = File.ReadAllText(report);
        Assert.Contains(usual, html, StringComparison.Ordinal);
        Assert.Contains("judged by", html, StringComparison.Ordinal);
        Assert.Contains("expected given month, weekday, site", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_needs_no_word_on_context_to_score_to_explain_and_to_be_measured()
    {
        string data = WriteReadings(), model = _folder["m.anomaly"], scores = _folder["s.csv"];
        string config = _folder.Write("c.json", """{ "context": ["month", "weekday", "site"] }""");
        Anomaly.Run("train", data, "--label", "y", "--detector", "isolation-forest", "--config", config, "--out", model).MustSucceed();
        Anomaly.Run("score", model, data, "--out", scores).MustSucceed();
        string[] first = File.ReadLines(scores).ElementAt(1).Split(',');
        JsonElement why = Anomaly.Run("explain", model, data, "--row", "0", "--json").MustSucceed().Json;
        Assert.Equal(double.Parse(first[1], CultureInfo.InvariantCulture), why.GetProperty("score").GetDouble(), 1e-5);
        Assert.Contains(" where month = ", why.GetProperty("columns")[0].GetProperty("usual").GetString(), StringComparison.Ordinal);
        Assert.InRange(Anomaly.Run("evaluate", model, data, "--json").MustSucceed().Json.GetProperty("rocAuc").GetDouble(), 0.93, 1);
    }

    [Fact]
    public void A_comparison_judges_by_context_too()
    {
        JsonElement[] runs = [.. Anomaly.Run(
            "compare", WriteReadings(), "--label", "y", "--context", "month,weekday,site", "--detectors", "ecod,hbos", "--seeds", "1", "--json")
            .MustSucceed().Json.GetProperty("results").EnumerateArray()];
        Assert.Equal(2, runs.Length);
        Assert.All(runs, run => Assert.InRange(run.GetProperty("rocAuc").GetDouble(), 0.9, 1));
    }

    [Fact]
    public void Contexts_that_make_no_sense_are_refused_with_what_to_do()
    {
        string data = WriteReadings();
        Anomaly.Run("detect", data, "--context", "moth").MustRefuse(1, "no column 'moth' (--context)", "Did you mean 'month'?", "weekday, site");
        Anomaly.Run("detect", data, "--label", "y", "--context", "month,y").MustRefuse(2, "cannot be 'y', the column of labels");
        Anomaly.Run("detect", data, "--context", ",").MustRefuse(2, "--context names no column");
        Anomaly.Run("detect", data, "--context", "month,weekday,site,temperature,demand,wind,y").MustRefuse(1, "none is left to be judged");
        Pictures.Write(_folder["pictures"], 12, _ => (20, 20));
        Anomaly.Run("detect", _folder["pictures"], "--detector", "knn", "--context", "month").MustRefuse(1, "Leave --context away");
    }

    private string WriteReadings()
    {
        Dataset data = SeasonalReadings.Make(1000, 50, 1);
        IReadOnlyList<TableColumn> columns = data.Table!.Columns;
        return _folder.Write("readings.csv", string.Join(
            '\n',
            [
                string.Join(',', [.. columns.Select(column => column.Name), "y"]),
                .. Enumerable.Range(0, data.Count).Select(i => string.Join(',', [.. columns.Select(column => column.Text(i)), $"{data.Labels![i]}"])),
            ]) + "\n");
    }
}
