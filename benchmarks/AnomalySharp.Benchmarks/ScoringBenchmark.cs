using AnomalySharp.Detectors.Reconstruction;
using BenchmarkDotNet.Attributes;

namespace AnomalySharp.Benchmarks;

/// <summary>Scoring with a fitted tabular autoencoder 64-32-64: a million rows of 30 on one and on two threads, and one row of 6 with its
/// score.</summary>
[ShortRunJob, MemoryDiagnoser]
public class ScoringBenchmark
{
    private const int Rows = 1_000_000, Block = 8192;

    private readonly Detector _wide = Fitted(30), _narrow = Fitted(6);
    private readonly Samples _million = Random(Rows, 30), _one = Random(1, 6);

    [Benchmark(OperationsPerInvoke = Rows)]
    public float[] RowOfAMillion() => _wide.Score(_million);

    [Benchmark(OperationsPerInvoke = Rows)]
    public void RowOfAMillionOnTwoThreads() => Parallel.For(
        0,
        (Rows + Block - 1) / Block,
        new ParallelOptions { MaxDegreeOfParallelism = 2 },
        block => _wide.Score(_million.Slice(block * Block, Math.Min(Block, Rows - block * Block))));

    [Benchmark]
    public float OneRow() => _narrow.Score(_one)[0];

    private static Detector Fitted(int size)
    {
        Detector detector = new AutoencoderOptions { Hidden = [64], Latent = 32, Epochs = 1 }.CreateDetector();
        detector.Fit(Random(1000, size), new FitContext());
        return detector;
    }

    private static Samples Random(int count, int size)
    {
        Random random = new(0);
        return new Samples(Enumerable.Range(0, count * size).Select(_ => random.NextSingle()).ToArray(), new SampleShape(size));
    }
}
