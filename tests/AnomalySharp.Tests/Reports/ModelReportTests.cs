using AnomalySharp.Evaluation;
using AnomalySharp.Reports;
using AnomalySharp.Tables;

namespace AnomalySharp.Tests.Reports;

/// <summary>From a table over a trained model to the page, and the comparison, with the detectors that need nothing native.</summary>
public sealed class ModelReportTests
{
    private static Dataset Machines()
    {
        Random random = new(8);
        double[] temperature = [.. Enumerable.Range(0, 300).Select(i => i < 6 ? 95 + i : 60 + (4 * random.NextDouble()))];
        double[] speed = [.. Enumerable.Range(0, 300).Select(_ => 1000 + (50 * random.NextDouble()))];
        string[] site = [.. Enumerable.Range(0, 300).Select(i => i % 3 == 0 ? "north" : "south & west")];
        byte[] labels = [.. Enumerable.Range(0, 300).Select(i => (byte)(i < 6 ? 1 : 0))];
        return new Dataset(new Table([new NumberColumn("temperature", temperature), new NumberColumn("speed", speed), new TextColumn("site", site)], "machines.csv"), labels);
    }

    [Fact]
    public void A_trained_model_gives_a_report_that_names_the_guilty_column()
    {
        Dataset data = Machines();
        using AnomalyModel model = AnomalyModel.Train(data, DetectorCatalog.Find("knn").CreateOptions(), new TrainingSettings { Contamination = 0.02 });
        ScoredSamples scored = model.Score(data, cancellation: TestContext.Current.CancellationToken);
        string path = Path.GetTempFileName();
        try
        {
            HtmlReport.Write(path, new ReportContent
            {
                Model = model,
                Data = data,
                Scored = scored,
                Top = model.Explain(data, scored.MostAnomalous(5)),
                Metrics = DetectionMetrics.Compute(scored.Scores.Span, data.Labels!, scored.Threshold),
            });
            string page = File.ReadAllText(path);
            Assert.Contains("6 of 300 rows", page, StringComparison.Ordinal);
            Assert.Contains("<b>temperature</b> = 10", page, StringComparison.Ordinal);
            Assert.Contains("ROC curve, area 1.000", page, StringComparison.Ordinal);
            Assert.DoesNotContain("south & west", page, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(Protocol.Transductive, 300)]
    [InlineData(Protocol.NormalOnly, 153)]
    public void The_classical_detectors_compare_on_a_table(Protocol protocol, int rows)
    {
        DetectorOptions[] detectors = [DetectorCatalog.Find("knn").CreateOptions(), DetectorCatalog.Find("isolation-forest").CreateOptions()];
        List<RunResult> results = [.. Comparison.Run(Machines(), detectors, protocol, [0, 1], new() { Context = new() { Threads = 2 } })];
        Assert.Equal(4, results.Count);
        Assert.All(results, result =>
        {
            Assert.Null(result.Error);
            Assert.Equal(rows, result.Rows);
            // Trees grown on normal rows alone never split beyond their range, so the forest ranks less well there.
            Assert.InRange(result.Metrics!.RocAuc, result.Detector == "knn" ? 0.99 : 0.8, 1);
            Assert.InRange(result.TrainSeconds!.Value, 1e-9, 60);
            Assert.InRange(result.Features, 2, 5);
        });
    }
}
