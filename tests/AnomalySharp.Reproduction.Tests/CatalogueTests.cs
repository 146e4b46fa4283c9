using AnomalySharp.Tests.Common;

namespace AnomalySharp.Reproduction.Tests;

/// <summary>Every experiment and every copy of published figures there is.</summary>
public class CatalogueTests
{
    public static TheoryData<string> Experiments => [.. ExperimentCatalog.All.Select(experiment => experiment.Name)];

    [Fact]
    public void Every_copy_of_published_figures_parses_and_names_its_source()
    {
        Assert.Contains("e3outlier", PublishedFigures.Names);
        foreach (string name in PublishedFigures.Names)
        {
            PublishedFigures figures = PublishedFigures.Read(name);
            Assert.Matches("[12][0-9]{3}", figures.Source);
            Assert.NotEmpty(figures.Protocol);
        }
    }

    [Theory]
    [InlineData(68.0, "e3outlier", "mnist", "10%", "cae", "rocAuc")]
    [InlineData(25.7, "e3outlier", "cifar10", "20%", "rdae", "auprOut")]
    [InlineData(0.687, "rda", "notebook", "robust-autoencoder", "f1")]
    [InlineData(0.9369, "dagmm", "kddcup", "dagmm", "f1")]
    [InlineData(0.9301, "f-anogan", "oct", "f-anogan", "rocAuc")]
    [InlineData(95.7, "geom", "cifar10", "1", "geometric-transformations", "rocAuc")]
    public void Published_figures_are_found_by_their_path(double figure, string copy, params string[] path) =>
        Assert.Equal(figure, PublishedFigures.Read(copy).Find(path));

    [Fact]
    public void A_figure_that_a_paper_does_not_give_is_null() => Assert.Null(PublishedFigures.Read("rda").Find("slides", "knn", "f1"));

    [Fact]
    public void An_unknown_experiment_is_refused_with_the_names_there_are()
    {
        OptionException refused = Assert.Throws<OptionException>(() => ExperimentCatalog.Find("tabels"));
        Assert.Contains("tables-transductive", refused.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Experiments))]
    public void No_two_cells_of_an_experiment_are_the_same(string name)
    {
        Experiment experiment = ExperimentCatalog.Find(name);
        foreach (bool quick in new[] { false, true })
        {
            IReadOnlyList<Cell> cells = experiment.Cells(quick, 2);
            Assert.NotEmpty(cells);
            Assert.Equal(cells.Count, cells.Select(cell => cell.Describe()).Distinct().Count());
            Assert.Equal([0, 1], cells.Select(cell => cell.Seed).Distinct().Order());
        }
        Assert.True(experiment.Cells(true, 1).Count < experiment.Cells(false, 1).Count);
    }

    [Theory, MemberData(nameof(Experiments))]
    public void Every_detector_that_an_experiment_names_is_known_and_takes_its_settings(string name)
    {
        // Methods on pictures need nothing native to be configured.
        foreach (Method method in ExperimentCatalog.Find(name).Cells(false, 1).Select(cell => cell.Method).DistinctBy(method => method.Label))
        {
            Assert.SkipUnless(DetectorCatalog.All.Any(entry => entry.Name == method.Detector), $"There is no detector '{method.Detector}' yet.");
            method.CreateOptions();
        }
    }

    [Theory, MemberData(nameof(Experiments))]
    public void A_page_without_any_cell_says_so(string name)
    {
        Experiment experiment = ExperimentCatalog.Find(name);
        ExperimentResults empty = new()
        {
            Experiment = name,
            Quick = false,
            Protocol = experiment.Protocol(false),
            Differences = experiment.Differences(false),
        };
        Assert.Contains("No cell gave figures.", ResultPage.Render(experiment, empty), StringComparison.Ordinal);
    }

    [Fact]
    public void The_quick_subset_of_tables_runs_on_the_demo_table_of_the_repository()
    {
        using TemporaryFolder folder = new();
        RunSummary summary = ExperimentRunner.Run(
            ExperimentCatalog.Find("tables-normal-only"),
            new RunOptions { Data = new DataStore(Path.Combine(RealData.Repository(), "data")), OutFolder = folder.Path, Quick = true, Threads = 2 },
            TestContext.Current.CancellationToken);
        Assert.True(summary.Ran >= 3 && summary.Failed == 0);
        CellResult knn = Assert.Single(ExperimentResults.Read(summary.Json).Cells, cell => cell.Method == "knn");
        // Half of the 357 normal rows trains.
        Assert.Equal((179, 178 + 21, 21), (knn.TrainRows, knn.TestRows, knn.Anomalies));
        Assert.InRange(knn.Figures["rocAuc"], 0.9, 1);
        Assert.Contains("| breast-cancer | 199 | 21 |", File.ReadAllText(summary.Markdown), StringComparison.Ordinal);
    }
}
