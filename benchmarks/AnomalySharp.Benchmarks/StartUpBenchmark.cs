using System.Diagnostics;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;

namespace AnomalySharp.Benchmarks;

/// <summary>
/// From process start to process end of the built tool: <c>--help</c>, the catalogue, the demo table up to its report, and the doctor, which loads libtorch.
/// Build the solution in Release first.
/// </summary>
[SimpleJob(RunStrategy.Monitoring, launchCount: 1, warmupCount: 2, iterationCount: 15)]
public class StartUpBenchmark
{
    private readonly string _report = Path.Combine(Path.GetTempPath(), $"anomaly-start-up-{Environment.ProcessId}.html");
    private string _repository = "";

    [GlobalSetup]
    public void FindTool()
    {
        _repository = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(_repository, "AnomalySharp.slnx"))) _repository = Directory.GetParent(_repository)!.FullName;
    }

    [GlobalCleanup]
    public void RemoveReport() => File.Delete(_report);

    [Benchmark(Baseline = true)]
    public void Help() => Run("--help");

    [Benchmark]
    public void Catalogue() => Run("detectors");

    [Benchmark]
    public void DetectWithReport() => Run("detect", Path.Combine(_repository, "data", "breast-cancer.csv"), "--label", "diagnosis", "--report", _report);

    [Benchmark]
    public void Doctor() => Run("doctor");

    private void Run(params string[] arguments)
    {
        string tool = Path.Combine(_repository, "src", "AnomalySharp.Cli", "bin", "Release", "net10.0", "anomaly.dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [tool, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = process.StandardOutput.ReadToEnd();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"anomaly {string.Join(' ', arguments)} failed: {errors}{output}");
    }
}
