using AnomalySharp.Reports;

namespace AnomalySharp.Tests.Reports;

public class FindingTests
{
    [Fact]
    public void Rows_and_columns_that_a_method_found_are_listed_by_name_with_their_sizes()
    {
        ReportView view = SampleReports.Payments();
        Assert.DoesNotContain("found in the training data", Page.Render(view).Markup, StringComparison.Ordinal);
        string page = Page.Render(view with
        {
            Findings =
            [
                new Finding("Corrupt columns", "Broken <sensors>.", FindingKind.Columns, [new FoundItem(1, 7.5), new FoundItem(0, 2.5)]),
                new Finding("Anomalous rows", "", FindingKind.Rows, [.. Enumerable.Range(0, 30).Select(i => new FoundItem(i, 30 - i))]),
            ],
            FeatureName = j => $"sensor {j} & more",
        }).Markup;
        Assert.Contains("found in the training data", page, StringComparison.Ordinal);
        Assert.Contains("Corrupt columns: 2<", page, StringComparison.Ordinal);
        Assert.Contains("sensor 1 &amp; more", page, StringComparison.Ordinal);
        Assert.Contains("7.5", page, StringComparison.Ordinal);
        Assert.Contains("Broken &lt;sensors&gt;.", page, StringComparison.Ordinal);
        Assert.Contains("Anomalous rows: 30, of which the first 20 are", page, StringComparison.Ordinal);
        Assert.Contains("<span>P-100019</span>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<span>P-100020</span>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_other_rows_were_scored_than_learnt_from_rows_are_called_by_their_position()
    {
        ReportView view = SampleReports.Payments();
        string page = Page.Render(view with
        {
            Training = view.Training with { Rows = 77 },
            Findings = [new Finding("Anomalous rows", "", FindingKind.Rows, [new FoundItem(4, 1)])],
        }).Markup;
        Assert.Contains("<span>training row 4</span>", page, StringComparison.Ordinal);
    }
}
