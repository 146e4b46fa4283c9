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

    [Fact]
    public void Samples_that_a_method_made_are_shown_row_by_row_and_only_where_they_are_pictures()
    {
        ReportView view = SampleReports.Pictures();
        SampleFinding Made(SampleShape shape) => new(
            "Generated samples", "Made of <noise>.", new Samples(new float[6 * shape.Length], shape), ["epoch 1", "the model"]);
        string page = Page.Render(view with { Findings = [Made(new SampleShape(1, 4, 4))] }).Markup, before = Page.Render(view).Markup;
        Assert.Contains("Made of &lt;noise&gt;.", page, StringComparison.Ordinal);
        Assert.Contains("<span class=\"hint\">epoch 1</span>", page, StringComparison.Ordinal);
        Assert.Equal(before.Split("data:image/png").Length + 6, page.Split("data:image/png").Length);
        Assert.DoesNotContain("Made of", Page.Render(view with { Findings = [Made(new SampleShape(4))] }).Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Phases_of_a_training_and_what_was_measured_in_them_have_figures_of_their_own()
    {
        ReportView view = SampleReports.Payments();
        IEnumerable<FitProgress> Steps(string phase, params string[] measures) => Enumerable.Range(1, 5).Select(epoch =>
            new FitProgress(phase, epoch, 5, -1.0 / epoch) { Measures = measures.ToDictionary(name => name, name => (double)epoch) });
        string page = Page.Render(view with
        {
            Training = view.Training with { History = [.. Steps("adversarial", "critic", "generator & more"), .. Steps("encoder")] },
        }).Markup;
        Assert.Contains("<h3>adversarial</h3>", page, StringComparison.Ordinal);
        Assert.Contains("<h3>encoder</h3>", page, StringComparison.Ordinal);
        Assert.Contains("aria-label=\"critic during training\"", page, StringComparison.Ordinal);
        Assert.Contains("aria-label=\"generator &amp; more during training\"", page, StringComparison.Ordinal);
        // Scores, and two curves of the metrics, are there in any case.
        Assert.Equal(Page.Render(view).Markup.Split("<svg ").Length + 3, page.Split("<svg ").Length);
        Assert.DoesNotContain("<h3>training</h3>", Page.Render(view).Markup, StringComparison.Ordinal);
    }
}
