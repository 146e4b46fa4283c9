using AnomalySharp.Detectors.Classical;
using BenchmarkDotNet.Attributes;

namespace AnomalySharp.Benchmarks;

/// <summary>
/// Fitting to, and scoring of, pendigits with the settings of scikit-learn's defaults: our side of <c>benchmarks/scikit-learn/classical.py</c>.
/// </summary>
public class ClassicalBenchmark
{
    private Samples _rows = null!;

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Read() => _rows = Pendigits.Read();

    [Benchmark]
    public float[] Knn() => FitAndScore(new KnnOptions());

    [Benchmark]
    public float[] Lof() => FitAndScore(new LofOptions());

    [Benchmark]
    public float[] GmmOfOne() => FitAndScore(new GmmOptions());

    [Benchmark]
    public float[] GmmOfEight() => FitAndScore(new GmmOptions { Components = 8 });

    [Benchmark]
    public float[] OneClassSvm() => FitAndScore(new OneClassSvmOptions());

    private float[] FitAndScore(DetectorOptions options)
    {
        using Detector detector = options.CreateDetector();
        detector.Fit(_rows, new FitContext { Threads = Threads });
        // As a model does it: blocks of rows in parallel.
        const int Block = 1024;
        float[] scores = new float[_rows.Count];
        Parallel.For(0, (_rows.Count + Block - 1) / Block, new ParallelOptions { MaxDegreeOfParallelism = Threads }, block =>
        {
            int start = block * Block;
            detector.Score(_rows.Slice(start, Math.Min(Block, _rows.Count - start))).CopyTo(scores, start);
        });
        return scores;
    }
}
