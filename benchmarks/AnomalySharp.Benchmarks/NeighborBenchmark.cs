using System.Runtime.InteropServices;
using AnomalySharp.Neighbors;
using BenchmarkDotNet.Attributes;

namespace AnomalySharp.Benchmarks;

/// <summary>
/// The 10 nearest others of each of 20,000 rows, index included: our side of <c>benchmarks/scikit-learn/neighbors.py</c>. Where
/// <c>SCIKIT_DISTANCES</c> names the file that the script wrote with <c>--out</c>, the greatest relative difference is printed first.
/// </summary>
public class NeighborBenchmark
{
    private const int Neighbors = 10;
    private Samples _rows = null!;

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Read()
    {
        _rows = Shuttle.ReadStandardized(20_000);
        if (Environment.GetEnvironmentVariable("SCIKIT_DISTANCES") is not { } path) return;
        ReadOnlySpan<float> peer = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(path));
        float[] squares = Search();
        double worst = 0;
        for (int i = 0; i < squares.Length; i++) worst = Math.Max(worst, Math.Abs(Math.Sqrt(squares[i]) - peer[i]) / Math.Max(peer[i], 1e-3));
        Console.WriteLine($"// Greatest relative difference from scikit-learn's distances: {worst:E2}");
    }

    [Benchmark]
    public float[] Search() =>
        new NeighborIndex(_rows.Values.Span, _rows.Shape.Length).SearchAll(_rows.Values, Neighbors, others: true, Threads).SquaredDistances;
}
