namespace AnomalySharp.Reproduction.Tests;

public sealed class ExperimentRunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private RunOptions Options => new() { Data = new DataStore(), OutFolder = _folder["results"], Threads = 2 };

    private ExperimentResults Results => ExperimentResults.Read(_folder["results/toy.json"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_cell_is_run_and_written_with_its_figures()
    {
        RunSummary summary = ExperimentRunner.Run(new ToyExperiment(ToyExperiment.Knn, ToyExperiment.Forest), Options, TestContext.Current.CancellationToken);
        Assert.Equal((8, 0, 0, 0), (summary.Ran, summary.Reused, summary.Failed, summary.Skipped));
        Assert.Equal(8, Results.Cells.Count);
        CellResult cell = Results.Cells[0];
        Assert.Equal(("short", "knn", 0, 22, 22, 2), (cell.Case["line"], cell.Method, cell.Seed, cell.TrainRows, cell.TestRows, cell.Anomalies));
        Assert.Equal(1, cell.Figures["rocAuc"]);
        Assert.Equal(Environment.ProcessorCount, cell.Cores);
        Assert.Equal(["k=2"], cell.Settings);
    }

    [Fact]
    public void An_interrupted_run_keeps_what_was_finished_and_goes_on_there()
    {
        using CancellationTokenSource stop = new();
        ToyExperiment interrupted = new(ToyExperiment.Knn)
        {
            BeforeData = cell =>
            {
                if (cell.Case["line"] == "long") stop.Cancel();
                stop.Token.ThrowIfCancellationRequested();
            },
        };
        Assert.ThrowsAny<OperationCanceledException>(() => ExperimentRunner.Run(interrupted, Options with { Threads = 1 }, stop.Token));
        Assert.Equal(["short", "short"], Results.Cells.Select(cell => cell.Case["line"]));
        Assert.Contains("| short | knn |", File.ReadAllText(_folder["results/toy.md"]), StringComparison.Ordinal);

        ToyExperiment resumed = new(ToyExperiment.Knn);
        RunSummary summary = ExperimentRunner.Run(resumed, Options, TestContext.Current.CancellationToken);
        Assert.Equal((2, 2, 2), (summary.Ran, summary.Reused, resumed.Prepared));
        Assert.Equal(["short 0", "short 1", "long 0", "long 1"], Results.Cells.Select(cell => $"{cell.Case["line"]} {cell.Seed}"));
    }

    [Fact]
    public void Cells_of_other_settings_are_run_again_and_their_old_figures_go()
    {
        ExperimentRunner.Run(new ToyExperiment(ToyExperiment.Knn), Options, TestContext.Current.CancellationToken);
        ToyExperiment changed = new(ToyExperiment.Knn with { Settings = ["k=3"] });
        Assert.Equal(4, ExperimentRunner.Run(changed, Options, TestContext.Current.CancellationToken).Ran);
        Assert.Equal(4, Results.Cells.Count);
        Assert.All(Results.Cells, cell => Assert.Equal(["k=3"], cell.Settings));
    }

    [Fact]
    public void Asking_for_fewer_seeds_later_loses_nothing()
    {
        ExperimentRunner.Run(new ToyExperiment(ToyExperiment.Knn), Options with { Seeds = 3 }, TestContext.Current.CancellationToken);
        RunSummary summary = ExperimentRunner.Run(new ToyExperiment(ToyExperiment.Knn), Options with { Seeds = 1 }, TestContext.Current.CancellationToken);
        Assert.Equal((0, 2), (summary.Ran, summary.Reused));
        Assert.Equal(6, Results.Cells.Count);
    }

    [Fact]
    public void A_failed_cell_is_shown_with_its_reason_and_tried_again_the_next_time()
    {
        ToyExperiment failing = new(ToyExperiment.Knn) { BeforeData = cell => _ = cell.Seed == 1 ? throw new DataException("The file is | damaged.") : 0 };
        RunSummary summary = ExperimentRunner.Run(failing, Options, TestContext.Current.CancellationToken);
        Assert.Equal((4, 2), (summary.Ran, summary.Failed));
        Assert.Contains("| knn | The file is \\| damaged. | 2 |", File.ReadAllText(summary.Markdown), StringComparison.Ordinal);
        Assert.Equal((2, 2, 0), ExperimentRunner.Run(new ToyExperiment(ToyExperiment.Knn), Options, TestContext.Current.CancellationToken) is var again
            ? (again.Ran, again.Reused, again.Failed)
            : default);
    }

    [Fact]
    public void A_missing_detector_option_or_file_is_skipped_with_its_reason()
    {
        Method unknown = new("later", "a-later-method"), option = new("odd", "knn", "colour=red");
        RunSummary summary = ExperimentRunner.Run(new ToyExperiment(ToyExperiment.Knn, unknown, option), Options, TestContext.Current.CancellationToken);
        Assert.Equal((4, 8), (summary.Ran, summary.Skipped));
        string page = File.ReadAllText(summary.Markdown);
        Assert.Contains("| later | This version has no detector 'a-later-method'. | 4 |", page, StringComparison.Ordinal);
        Assert.Contains("| odd | Unknown option 'colour'.", page, StringComparison.Ordinal);

        RunSummary none = ExperimentRunner.Run(new ToyExperiment(ToyExperiment.Knn) { Files = ["nowhere.csv"] }, Options, TestContext.Current.CancellationToken);
        Assert.Equal((0, 4), (none.Ran, none.Skipped));
        Assert.Contains("| nowhere.csv | not in the data folder | 4 |", File.ReadAllText(none.Markdown), StringComparison.Ordinal);
        // What was measured where the file was is not thrown away where it is not.
        Assert.Equal(4, Results.Cells.Count);
    }

    [Fact]
    public void The_quick_subset_has_its_own_files_and_says_what_it_is()
    {
        RunSummary summary = ExperimentRunner.Run(new ToyExperiment(ToyExperiment.Knn), Options with { Quick = true }, TestContext.Current.CancellationToken);
        Assert.Equal((1, "toy.quick.json", "toy.quick.md"), (summary.Ran, Path.GetFileName(summary.Json), Path.GetFileName(summary.Markdown)));
        Assert.Contains("quick subset", File.ReadAllText(summary.Markdown), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["results/toy.json"]));
    }

    [Fact]
    public void The_page_is_what_the_result_file_says()
    {
        ToyExperiment experiment = new(ToyExperiment.Knn, new Method("later", "a-later-method"));
        RunSummary summary = ExperimentRunner.Run(experiment, Options, TestContext.Current.CancellationToken);
        Assert.Equal(ResultPage.Render(experiment, ExperimentResults.Read(summary.Json)), File.ReadAllText(summary.Markdown));
        ExperimentResults altered = Results with { Cells = [.. Results.Cells.Select(cell => cell with { Figures = new Dictionary<string, double> { ["rocAuc"] = 0.125 } })] };
        Assert.Contains("| short | knn | 0 | 0.125 |", ResultPage.Render(experiment, altered), StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_result_file_is_refused_and_left_alone()
    {
        Directory.CreateDirectory(_folder["results"]);
        File.WriteAllText(_folder["results/toy.json"], "{\"experiment\":");
        DataException refused = Assert.Throws<DataException>(
            () => ExperimentRunner.Run(new ToyExperiment(ToyExperiment.Knn), Options, TestContext.Current.CancellationToken));
        Assert.Contains("Delete it", refused.Message, StringComparison.Ordinal);
        Assert.Equal("{\"experiment\":", File.ReadAllText(_folder["results/toy.json"]));
    }

    [Fact]
    public void Errors_that_nobody_can_mend_are_not_swallowed()
    {
        ToyExperiment broken = new(ToyExperiment.Knn) { BeforeData = _ => throw new InvalidOperationException("A bug.") };
        Assert.Equal("A bug.", Assert.Throws<InvalidOperationException>(
            () => ExperimentRunner.Run(broken, Options, TestContext.Current.CancellationToken)).Message);
    }
}
