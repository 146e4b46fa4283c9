using System.Diagnostics;
using AnomalySharp.Cli.Tests.Support;

namespace AnomalySharp.Cli.Tests;

/// <summary>What only a process of its own can show: signals, exit codes, streams, what is loaded.</summary>
public sealed class ProcessTests : IDisposable
{
    private static readonly string[] LongTraining = ["--detector", "autoencoder", "--set", "epochs=1000000", "patience=0"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Standard_output_carries_one_JSON_document_and_nothing_else()
    {
        CliResult result = ChildProcess.Run(["detect", .. Anomaly.DemoLabels, "--detector", "knn", "--json", "--report", _folder["r.html"]])
            .MustSucceed();
        Assert.Equal(378, result.Json.GetProperty("rows").GetInt32());
        Assert.Contains("r.html", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_have_exit_codes_and_no_stack_trace()
    {
        ChildProcess.Run("detect", _folder["absent.csv"]).MustRefuse(1, "absent.csv");
        ChildProcess.Run("detect", "--contamination", "7").MustRefuse(2, "--contamination");
    }

    [Fact]
    public void Help_and_catalogue_and_tables_do_without_libtorch()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The dynamic linker of Linux reports what it opens.");
        string[][] commands = [["--help"], ["detectors"], ["detectors", "autoencoder"], ["detect", Anomaly.Demo, "--report", _folder["r.html"]]];
        foreach (string[] command in commands)
        {
            string log = _folder["opened"];
            using (ChildProcess child = ChildProcess.Start([new("LD_DEBUG", "files"), new("LD_DEBUG_OUTPUT", log)], command))
            {
                child.Wait().MustSucceed();
            }
            string[] logs = Directory.GetFiles(_folder.Path, "opened.*");
            string opened = string.Concat(logs.Select(File.ReadAllText));
            Assert.Contains("libcoreclr", opened, StringComparison.Ordinal);
            // The folders of packages are looked through in any case; the files in them are what counts.
            foreach (string library in (string[])["libtorch.so", "libtorch_cpu", "LibTorchSharp", "libc10"])
            {
                Assert.DoesNotContain(library, opened, StringComparison.Ordinal);
            }
            foreach (string file in logs) File.Delete(file);
        }
    }

    [Fact]
    public void Control_C_ends_training_cleanly()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent with kill.");
        using ChildProcess child = ChildProcess.Start(
            ["detect", Anomaly.Demo, .. LongTraining, "--out", _folder["s.csv"], "--report", _folder["r.html"]]);
        Thread.Sleep(2000);
        Assert.False(child.HasExited);
        Stopwatch clock = Stopwatch.StartNew();
        child.PressControlC();
        child.Wait().MustRefuse(130, "Stopped");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"It took {clock.Elapsed} to end.");
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public void A_training_that_was_killed_goes_on_and_ends_with_the_same_scores()
    {
        string table = _folder.WriteTable("t.csv", rows: 4000, labels: false);
        // Some four seconds, so that a checkpoint, which comes after one, is long before the end.
        string[] options = ["--detector", "autoencoder", "--set", "epochs=600", "patience=0", "batchSize=16"];
        CliResult whole = Anomaly.Run(["train", table, .. options, "--out", _folder["whole"]]).MustSucceed();
        using (ChildProcess child = ChildProcess.Start(["train", table, .. options, "--out", _folder["resumed"]]))
        {
            string checkpoint = _folder["resumed.checkpoint"];
            for (int i = 0; i < 3000 && !File.Exists(checkpoint) && !child.HasExited; i++) Thread.Sleep(5);
            Assert.True(File.Exists(checkpoint), "Training ended before it wrote a checkpoint.");
            child.Kill();
        }
        Assert.False(File.Exists(_folder["resumed"]));
        ChildProcess.Run(["train", table, .. options, "--out", _folder["resumed"], "--resume"]).MustSucceed();
        Assert.False(File.Exists(_folder["resumed.checkpoint"]));
        Anomaly.Run("score", _folder["whole"], table, "--out", _folder["a.csv"]).MustSucceed();
        Anomaly.Run("score", _folder["resumed"], table, "--out", _folder["b.csv"]).MustSucceed();
        Assert.Equal(File.ReadAllText(_folder["a.csv"]), File.ReadAllText(_folder["b.csv"]));
    }

    [Fact]
    public void A_full_disk_leaves_the_old_file_as_it_was()
    {
        using SmallDisk? disk = SmallDisk.TryMount(_folder["disk"], kilobytes: 256);
        Assert.SkipWhen(disk is null, "Mounting a small file system needs root.");
        string table = _folder.WriteTable("t.csv", rows: 20_000, labels: false);
        string scores = _folder["disk/s.csv"], report = _folder["disk/r.html"], model = _folder["disk/m"];
        foreach (string file in (string[])[scores, report, model]) File.WriteAllText(file, "old");
        // 256 kB are less than 20,000 scores and than the neighbours that the model keeps.
        Anomaly.Run("detect", table, "--detector", "knn", "--out", scores).MustRefuse(1, "s.csv");
        Anomaly.Run("train", _folder.WriteTable("big.csv", rows: 80_000, labels: false), "--detector", "knn", "--out", model).MustRefuse(1, model);
        // The report fits into 256 kB, and not into the few that this leaves.
        File.WriteAllBytes(_folder["disk/filler"], new byte[232 * 1024]);
        Anomaly.Run("detect", table, "--detector", "knn", "--report", report).MustRefuse(1, "r.html");
        File.Delete(_folder["disk/filler"]);
        foreach (string file in (string[])[scores, report, model]) Assert.Equal("old", File.ReadAllText(file));
        Assert.Equal(3, Directory.GetFiles(_folder["disk"]).Length);
    }

    [Fact]
    public void Standard_output_on_a_full_disk_is_an_error()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no /dev/full here.");
        using FileStream stream = new("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        // Not disposed: what could not be written stays in the writer, and disposing it would try again.
        StreamWriter full = new(stream);
        using StringWriter error = new();
        Assert.Equal(1, CommandLine.Run(["detectors", "--json"], full, error, TestContext.Current.CancellationToken));
        Assert.Contains("No space left", error.ToString(), StringComparison.OrdinalIgnoreCase);
    }
}
