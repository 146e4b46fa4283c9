using System.Buffers.Binary;
using System.ComponentModel;
using AnomalySharp.Reports;

namespace AnomalySharp.Reproduction.Tests;

public sealed class ExperimentRunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private RunOptions Options => new() { Data = new DataStore(), OutFolder = _folder["results"], Threads = 2 };

    private ExperimentResults Results => ExperimentResults.Read(_folder["results/toy.json"]);

    private static RunSummary Run(Experiment experiment, RunOptions options, CancellationToken? stop = null) =>
        ExperimentRunner.Run(experiment, options, stop ?? TestContext.Current.CancellationToken);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_cell_is_run_and_written_with_its_figures()
    {
        RunSummary summary = Run(new ToyExperiment(ToyExperiment.Knn, ToyExperiment.Forest), Options);
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
        Assert.ThrowsAny<OperationCanceledException>(() => Run(interrupted, Options with { Threads = 1 }, stop.Token));
        Assert.Equal(["short", "short"], Results.Cells.Select(cell => cell.Case["line"]));
        Assert.Contains("| short | knn |", File.ReadAllText(_folder["results/toy.md"]), StringComparison.Ordinal);

        ToyExperiment resumed = new(ToyExperiment.Knn);
        RunSummary summary = Run(resumed, Options);
        Assert.Equal((2, 2, 2), (summary.Ran, summary.Reused, resumed.Prepared));
        Assert.Equal(["short 0", "short 1", "long 0", "long 1"], Results.Cells.Select(cell => $"{cell.Case["line"]} {cell.Seed}"));
    }

    [Fact]
    public void Cells_of_other_settings_are_run_again_and_their_old_figures_go()
    {
        Run(new ToyExperiment(ToyExperiment.Knn), Options);
        ToyExperiment changed = new(ToyExperiment.Knn with { Settings = ["k=3"] });
        Assert.Equal(4, Run(changed, Options).Ran);
        Assert.Equal(4, Results.Cells.Count);
        Assert.All(Results.Cells, cell => Assert.Equal(["k=3"], cell.Settings));
    }

    [Fact]
    public void Asking_for_fewer_seeds_later_loses_nothing()
    {
        Run(new ToyExperiment(ToyExperiment.Knn), Options with { Seeds = 3 });
        RunSummary summary = Run(new ToyExperiment(ToyExperiment.Knn), Options with { Seeds = 1 });
        Assert.Equal((0, 2), (summary.Ran, summary.Reused));
        Assert.Equal(6, Results.Cells.Count);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_failed_cell_is_shown_with_its_reason_and_tried_again_the_next_time(bool native)
    {
        ToyExperiment failing = new(ToyExperiment.Knn)
        {
            BeforeData = cell =>
            {
                if (cell.Seed != 1) return;
                // What goes wrong in libtorch arrives as an external exception, with a page of frames.
                throw native ? (Exception)new Win32Exception(1, "The file is | damaged.\nframe #0") : new DataException("The file is | damaged.");
            },
        };
        RunSummary summary = Run(failing, Options);
        Assert.Equal((4, 2), (summary.Ran, summary.Failed));
        Assert.Contains("The file is \\| damaged. | 2 |", File.ReadAllText(summary.Markdown), StringComparison.Ordinal);
        RunSummary again = Run(new ToyExperiment(ToyExperiment.Knn), Options);
        Assert.Equal((2, 2, 0), (again.Ran, again.Reused, again.Failed));
    }

    [Fact]
    public void A_missing_detector_option_or_file_is_skipped_with_its_reason()
    {
        Method unknown = new("later", "a-later-method"), option = new("odd", "knn", "colour=red");
        RunSummary summary = Run(new ToyExperiment(ToyExperiment.Knn, unknown, option), Options);
        Assert.Equal((4, 8), (summary.Ran, summary.Skipped));
        string page = File.ReadAllText(summary.Markdown);
        Assert.Contains("| later | This version has no detector 'a-later-method'. | 4 |", page, StringComparison.Ordinal);
        Assert.Contains("| odd | Unknown option 'colour'.", page, StringComparison.Ordinal);

        RunSummary none = Run(new ToyExperiment(ToyExperiment.Knn) { Files = ["nowhere.csv"] }, Options);
        Assert.Equal((0, 4), (none.Ran, none.Skipped));
        Assert.Contains("| nowhere.csv | not in the data folder | 4 |", File.ReadAllText(none.Markdown), StringComparison.Ordinal);
        // What was measured where the file was is not thrown away where it is not.
        Assert.Equal(4, Results.Cells.Count);
    }

    [Fact]
    public void The_quick_subset_has_its_own_files_and_says_what_it_is()
    {
        RunSummary summary = Run(new ToyExperiment(ToyExperiment.Knn), Options with { Quick = true });
        Assert.Equal((1, "toy.quick.json", "toy.quick.md"), (summary.Ran, Path.GetFileName(summary.Json), Path.GetFileName(summary.Markdown)));
        Assert.Contains("quick subset", File.ReadAllText(summary.Markdown), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["results/toy.json"]));
    }

    [Fact]
    public void The_page_is_what_the_result_file_says()
    {
        ToyExperiment experiment = new(ToyExperiment.Knn, new Method("later", "a-later-method"));
        RunSummary summary = Run(experiment, Options);
        Assert.Equal(ResultPage.Render(experiment, ExperimentResults.Read(summary.Json)), File.ReadAllText(summary.Markdown));
        Dictionary<string, double> figures = new() { ["rocAuc"] = 0.125 };
        ExperimentResults altered = Results with { Cells = [.. Results.Cells.Select(cell => cell with { Figures = figures })] };
        Assert.Contains("| short | knn | 0 | 0.125 |", ResultPage.Render(experiment, altered), StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_inspection_finds_is_among_the_figures_and_in_a_picture_beside_the_page()
    {
        ToyExperiment experiment = new(ToyExperiment.Knn, ToyExperiment.Forest)
        {
            Inspect = (model, trial, _) => new Inspection(
                new Dictionary<string, double> { ["rows"] = trial.Test.Count },
                [new("what was tested", Strip(0.2f)), new($"what {model.Entry.Name} saw", Strip(0.9f))]),
        };
        RunSummary summary = Run(experiment, Options);
        Assert.Equal([22, 22, 22, 22, 42, 42, 42, 42], Results.Cells.Select(cell => cell.Figures["rows"]));
        string page = File.ReadAllText(summary.Markdown), picture = _folder["results/toy.png"];
        Assert.Contains("![A toy](toy.png)", page, StringComparison.Ordinal);
        // The row that all cells share is there once.
        Assert.Contains("From top to bottom: what was tested; what knn saw; what isolation-forest saw.", page, StringComparison.Ordinal);
        byte[] png = File.ReadAllBytes(picture);
        // Two pictures of 3×2 with a gap of 2, three rows with gaps of 2, twice as large: width and height are in bytes 16 to 23 of a PNG.
        Assert.Equal((16, 20), (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20))));

        // The picture is made of the result file, like the page.
        File.Delete(picture);
        Assert.Equal(8, Run(experiment, Options).Reused);
        Assert.Equal(png, File.ReadAllBytes(picture));
        static byte[] Strip(float grey) => PictureStrip.Of(new Samples(Enumerable.Repeat(grey, 12).ToArray(), new SampleShape(1, 2, 3)));
    }

    [Fact]
    public void Without_anything_to_look_at_there_is_no_picture()
    {
        string page = File.ReadAllText(Run(new ToyExperiment(ToyExperiment.Knn), Options).Markdown);
        Assert.DoesNotContain(".png", page, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["results/toy.png"]));
    }

    [Fact]
    public void A_damaged_result_file_is_refused_and_left_alone()
    {
        Directory.CreateDirectory(_folder["results"]);
        File.WriteAllText(_folder["results/toy.json"], "{\"experiment\":");
        DataException refused = Assert.Throws<DataException>(() => Run(new ToyExperiment(ToyExperiment.Knn), Options));
        Assert.Contains("Delete it", refused.Message, StringComparison.Ordinal);
        Assert.Equal("{\"experiment\":", File.ReadAllText(_folder["results/toy.json"]));
    }

    [Fact]
    public void Errors_that_nobody_can_mend_are_not_swallowed()
    {
        ToyExperiment broken = new(ToyExperiment.Knn) { BeforeData = _ => throw new InvalidOperationException("A bug.") };
        Assert.Equal("A bug.", Assert.Throws<InvalidOperationException>(() => Run(broken, Options)).Message);
    }
}
