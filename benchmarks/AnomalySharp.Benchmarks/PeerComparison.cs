using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using AnomalySharp.Detectors.Classical;

namespace AnomalySharp.Benchmarks;

/// <summary>
/// Classical detectors against scikit-learn's, fitted to and scored on the same rows with the same settings, on one thread each: processor times and
/// their ratios, beside those that are wanted. <c>dotnet run -c Release --project benchmarks/AnomalySharp.Benchmarks -- peers</c> runs
/// <c>benchmarks/scikit-learn/classical.py</c> with <c>python3</c>, or with what <c>PYTHON</c> names.
/// </summary>
/// <remarks>Of five runs the fastest counts; waiting for a processor, on a machine with other work, does not. Exit code 1 where a ratio is missed.</remarks>
internal static class PeerComparison
{
    private const int Runs = 5;

    /// <param name="Name">As the script calls it.</param>
    /// <param name="Wanted">How many times as fast as scikit-learn it is to be.</param>
    private sealed record Case(string Name, double Wanted, DetectorOptions Options, Samples Rows);

    public static int Run()
    {
        Samples digits = Pendigits.Read();
        Case[] cases =
        [
            new("knn", 2, new KnnOptions(), digits),
            new("lof", 2, new LofOptions(), digits),
            new("isolation forest", 5, new IsolationForestOptions(), Shuttle.Read()),
            new("gmm of 1", 1, new GmmOptions(), digits),
            new("gmm of 8", 1, new GmmOptions { Components = 8 }, digits),
            new("one-class svm", 1, new OneClassSvmOptions(), digits),
        ];
        Dictionary<string, double> peer = Peer();
        bool missed = false;
        Console.WriteLine($"{"",-18}{"scikit-learn",14}{"here",10}{"ratio",8}{"wanted",8}");
        foreach (Case one in cases)
        {
            double own = Least(one), ratio = peer[one.Name] / own;
            missed |= ratio < one.Wanted;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{one.Name,-18}{peer[one.Name],12:F3} s{own,8:F3} s{ratio,8:F1}{one.Wanted,8:F0}{(ratio < one.Wanted ? "  missed" : "")}"));
        }
        return missed ? 1 : 0;
    }

    private static double Least(Case one)
    {
        double least = double.PositiveInfinity;
        // One more, in which everything is compiled.
        for (int run = 0; run <= Runs; run++)
        {
            using Process self = Process.GetCurrentProcess();
            TimeSpan before = self.TotalProcessorTime;
            using Detector detector = one.Options.CreateDetector();
            detector.Fit(one.Rows, new FitContext { Threads = 1 });
            // As a model does it: block by block.
            const int Block = 1024;
            for (int start = 0; start < one.Rows.Count; start += Block) detector.Score(one.Rows.Slice(start, Math.Min(Block, one.Rows.Count - start)));
            self.Refresh();
            least = Math.Min(least, (self.TotalProcessorTime - before).TotalSeconds);
        }
        return least;
    }

    private static Dictionary<string, double> Peer()
    {
        ProcessStartInfo start = new(
            Environment.GetEnvironmentVariable("PYTHON") ?? "python3",
            [
                Path.Combine(PublicData.Repository(), "benchmarks/scikit-learn/classical.py"), PublicData.File("tabular"),
                "--runs", Runs.ToString(CultureInfo.InvariantCulture), "--threads", "1",
            ])
        { RedirectStandardOutput = true };
        foreach (string limit in (string[])["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]) start.Environment[limit] = "1";
        using Process script = Process.Start(start)!;
        string output = script.StandardOutput.ReadToEnd();
        script.WaitForExit();
        if (script.ExitCode != 0) throw new InvalidOperationException($"{start.FileName} ended with {script.ExitCode}: scikit-learn is needed.");
        return JsonSerializer.Deserialize<Dictionary<string, double>>(output)!;
    }
}
