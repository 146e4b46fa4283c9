using AnomalySharp.Detectors.Classical;
using AnomalySharp.Evaluation;
using BenchmarkDotNet.Attributes;

namespace AnomalySharp.Benchmarks;

/// <summary>
/// 100 trees of 256 samples, fitted and scored on all of shuttle, blocks of rows in parallel as a model does it: our side of
/// <c>benchmarks/scikit-learn/isolation_forest.py</c>. The ROC AUC over five seeds is printed first.
/// </summary>
public class IsolationForestBenchmark
{
    private Samples _rows = null!;

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Read()
    {
        _rows = Shuttle.Read();
        double[] areas = [.. Enumerable.Range(0, 5).Select(seed => DetectionMetrics.Compute(FitAndScore(seed), _rows.Labels!, 0.5f).RocAuc)];
        Console.WriteLine($"// ROC AUC: mean {areas.Average():F4} of {string.Join(", ", areas.Select(area => area.ToString("F4")))}");
    }

    [Benchmark]
    public float[] FitAndScore() => FitAndScore(seed: 0);

    private float[] FitAndScore(int seed)
    {
        using Detector forest = new IsolationForestOptions().CreateDetector();
        forest.Fit(_rows, new FitContext { Seed = seed, Threads = Threads });
        const int Block = 4096;
        float[] scores = new float[_rows.Count];
        Parallel.For(0, (_rows.Count + Block - 1) / Block, new ParallelOptions { MaxDegreeOfParallelism = Threads }, block =>
        {
            int start = block * Block;
            forest.Score(_rows.Slice(start, Math.Min(Block, _rows.Count - start))).CopyTo(scores, start);
        });
        return scores;
    }
}
