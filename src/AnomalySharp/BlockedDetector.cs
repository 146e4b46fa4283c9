using System.Buffers;
using System.Runtime.ExceptionServices;
using AnomalySharp.FeatureExtraction;
using AnomalySharp.Preprocessing;
using AnomalySharp.Sequences;

namespace AnomalySharp;

/// <summary>Scales and scores samples in blocks of rows, several at a time, a graph in one. What a detector says of a row does not depend on its block.</summary>
internal static class BlockedDetector
{
    // Blocks that stay in cache and are still long enough to keep the kernels busy.
    private const int BlockValues = 1 << 18;

    private const int MostRows = 8192;

    private const int FewestRows = 64;

    public static float[] Score(
        Detector detector, FeatureScaler scaler, Samples samples, int threads, CancellationToken cancellation, FeatureStage? features = null)
    {
        // Features of nodes are of the whole graph; after that, each node is a row.
        if (features is { SeesGraph: true }) (samples, features) = (features.Extract(samples.WithLabels(null)), null);
        float[] scores = new float[samples.Count];
        ForEachBlock(samples, threads, RowsOf(samples, detector, features), (block, start) =>
        {
            Samples seen = features?.Extract(block) ?? block;
            float[] buffer = ArrayPool<float>.Shared.Rent(seen.Count * seen.Shape.Length);
            detector.Score(scaler.Apply(seen, buffer)).CopyTo(scores, start);
            ArrayPool<float>.Shared.Return(buffer);
        }, cancellation);
        return scores;
    }

    /// <summary>A score for every step of every window.</summary>
    public static float[] ScoreSteps(IStepScores detector, FeatureScaler scaler, Samples windows, int threads, CancellationToken cancellation)
    {
        int steps = windows.Shape[0];
        float[] scores = new float[windows.Count * steps];
        ForEachBlock(windows, threads, RowsOf(windows, null, null), (block, start) =>
        {
            float[] buffer = ArrayPool<float>.Shared.Rent(block.Count * block.Shape.Length);
            detector.ScoreSteps(scaler.Apply(block, buffer)).CopyTo(scores, start * steps);
            ArrayPool<float>.Shared.Return(buffer);
        }, cancellation);
        return scores;
    }

    public static Samples Attribute(
        Detector detector, FeatureScaler scaler, Samples samples, int threads, CancellationToken cancellation, FeatureStage? features = null)
    {
        float[] attributions = new float[checked(samples.Count * samples.Shape.Length)];
        int width = samples.Shape.Length;
        ForEachBlock(samples, threads, RowsOf(samples, detector, features), (block, start) =>
        {
            ReadOnlyMemory<float> part = features?.Attribute(block, scaler, detector) ?? detector.Attribute(scaler.Apply(block)).Values;
            part.CopyTo(attributions.AsMemory(start * width));
        }, cancellation);
        return samples.WithValues(attributions, samples.Shape, samples.FeatureNames);
    }

    // A graph is one block. Features are kept in units of so many, and a network takes long enough for small blocks.
    private static int RowsOf(Samples samples, Detector? detector, FeatureStage? features) =>
        detector is { SeesGraph: true } ? Math.Max(1, samples.Count)
        : features is not null ? FeatureCache.Unit
        : Math.Clamp(BlockValues / samples.Shape.Length, FewestRows, MostRows);

    private static void ForEachBlock(Samples samples, int threads, int rows, Action<Samples, int> work, CancellationToken cancellation)
    {
        if (threads < 1) throw new OptionException($"The number of threads is {threads}; allowed: 1 or more.");
        cancellation.ThrowIfCancellationRequested();
        int blocks = (samples.Count + rows - 1) / rows;
        // Labels have no place near a detector.
        Samples unlabelled = samples.WithLabels(null);
        try
        {
            Parallel.For(0, blocks, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, block =>
            {
                int start = block * rows;
                Samples part = unlabelled.Slice(start, Math.Min(rows, samples.Count - start));
                work(part, start);
            });
        }
        catch (AggregateException several)
        {
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
    }
}
