using System.Diagnostics;
using System.Globalization;
using AnomalySharp.Data;
using AnomalySharp.Evaluation;

namespace AnomalySharp.Benchmarks;

/// <summary>
/// Every classical detector, with its defaults, trained and scored on http (567,498 rows of 3 columns) in a process of its own: wall time and greatest
/// working set against 60 s and 4 GB. <c>dotnet run -c Release --project benchmarks/AnomalySharp.Benchmarks -- large</c>, or with names of detectors.
/// </summary>
/// <remarks>Exit code 1 where a limit is passed.</remarks>
internal static class LargeTable
{
    private const double MostSeconds = 60, MostMegabytes = 4000;

    public static int Run(string[] names)
    {
        if (names is ["--one", string one]) return RunOne(one);
        if (names.Length == 0) names = [.. DetectorCatalog.All.Where(entry => entry.Info.Family == DetectorFamily.Classical).Select(entry => entry.Name)];
        Console.WriteLine($"{"",-26}{"fit, s",9}{"score, s",10}{"memory, MB",12}{"ROC AUC",9}");
        int failed = 0;
        foreach (string name in names)
        {
            using Process child = Process.Start(Environment.ProcessPath!, ["large", "--one", name]);
            child.WaitForExit();
            failed += child.ExitCode == 0 ? 0 : 1;
        }
        return failed == 0 ? 0 : 1;
    }

    private static int RunOne(string name)
    {
        Dataset data = DatasetReader.Read(PublicData.File("tabular/http.npz"), new ReadOptions { LabelColumn = "y" });
        using AnomalyModel model = AnomalyModel.Train(new Dataset(data.Samples!.WithLabels(null)), DetectorCatalog.Find(name).CreateOptions());
        long start = Stopwatch.GetTimestamp();
        ScoredSamples scored = model.Score(data);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, memory = RunResult.PeakMemoryOfProcess();
        double area = DetectionMetrics.Compute(scored.Scores.Span, data.Labels!, model.Threshold).RocAuc;
        bool over = model.Summary.Seconds + seconds > MostSeconds || memory > MostMegabytes;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{name,-26}{model.Summary.Seconds,9:F1}{seconds,10:F1}{memory,12:F0}{area,9:F3}{(over ? "  over the limit" : "")}"));
        return over ? 1 : 0;
    }
}
