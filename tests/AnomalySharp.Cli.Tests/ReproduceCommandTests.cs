using System.Text.Json;
using AnomalySharp.Cli.Tests.Support;

namespace AnomalySharp.Cli.Tests;

public sealed class ReproduceCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string DemoFolder => Path.GetDirectoryName(Anomaly.Demo)!;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_a_name_the_experiments_are_listed_with_what_they_lack()
    {
        JsonElement list = Anomaly.Run("reproduce", "--quick", "--data", _folder.Path, "--json").MustSucceed().Json;
        JsonElement tables = Assert.Single(list.EnumerateArray(), one => one.GetProperty("name").GetString() == "rda-mnist");
        Assert.Equal(0, tables.GetProperty("runnable").GetInt32());
        Assert.Contains("mnist/train-images-idx3-ubyte.gz", tables.GetProperty("lacks").EnumerateArray().Select(one => one.GetString()));
        Assert.Contains("rda-mnist", Anomaly.Run("reproduce").MustSucceed().Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quick_run_writes_its_files_and_a_second_one_runs_nothing_again()
    {
        string[] command = ["reproduce", "tables-transductive", "--quick", "--data", DemoFolder, "--out", _folder["results"], "--threads", "2"];
        CliResult first = Anomaly.Run([.. command, "--json"]).MustSucceed();
        JsonElement summary = Assert.Single(first.Json.EnumerateArray());
        int ran = summary.GetProperty("ran").GetInt32();
        Assert.True(ran >= 3);
        Assert.Contains($"[{ran}/{ran}] breast-cancer", first.Error, StringComparison.Ordinal);
        Assert.Equal(["tables-transductive.quick.json", "tables-transductive.quick.md"], Names(_folder["results"]));
        Assert.Contains($"0 cells run, {ran} from before", Anomaly.Run(command).MustSucceed().Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_nothing_can_be_run_the_user_is_told_what_is_missing()
    {
        CliResult result = Anomaly.Run("reproduce", "contaminated-images", "--quick", "--data", _folder.Path, "--out", _folder["results"]);
        Assert.Equal(ExitCode.BadData, result.Code);
        Assert.Contains("--data", result.Error, StringComparison.Ordinal);
        Assert.Contains("mnist/train-images-idx3-ubyte.gz", File.ReadAllText(_folder["results/contaminated-images.quick.md"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_stopped_run_leaves_whole_files_or_none()
    {
        using CancellationTokenSource stop = new();
        stop.Cancel();
        CliResult result = Anomaly.Run(
            stop.Token, "reproduce", "tables-transductive", "--quick", "--data", DemoFolder, "--out", _folder["results"]);
        Assert.Equal(ExitCode.Interrupted, result.Code);
        Assert.Equal("Stopped.", result.Error.Trim());
        using JsonDocument file = JsonDocument.Parse(File.ReadAllText(_folder["results/tables-transductive.quick.json"]));
        Assert.Equal(0, file.RootElement.GetProperty("cells").GetArrayLength());
    }

    [Fact]
    public void A_wrong_name_or_folder_is_refused()
    {
        Anomaly.Run("reproduce", "tabels").MustRefuse(ExitCode.BadCommandLine, "tabels", "tables-transductive");
        Anomaly.Run("reproduce", "rda-mnist", "--data", _folder["nowhere"]).MustRefuse(ExitCode.BadCommandLine, "--data", "nowhere");
        Anomaly.Run("reproduce", "rda-mnist", "--seeds", "0").MustRefuse(ExitCode.BadCommandLine, "--seeds", "1 to 1000");
        string file = _folder.Write("file", "");
        Anomaly.Run("reproduce", "rda-mnist", "--data", _folder.Path, "--out", Path.Combine(file, "results")).MustRefuse(ExitCode.BadData, "--out");
    }

    private static string[] Names(string folder) => [.. Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
}
