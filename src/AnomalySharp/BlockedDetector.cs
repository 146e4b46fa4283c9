using System.Buffers;
using System.Runtime.ExceptionServices;
using AnomalySharp.Preprocessing;
using AnomalySharp.Sequences;

namespace AnomalySharp;

/// <summary>Scales and scores samples in blocks of rows, several at a time. What a detector says of a row does not depend on its block.</summary>
internal static class BlockedDetector
{
    // Blocks that stay in cache and are still long enough to keep the kernels busy.
    private const int BlockValues = 1 << 18;

    private const int MostRows = 8192;

    private const int FewestRows = 64;

    public static float[] Score(Detector detector, FeatureScaler scaler, Samples samples, int threads, CancellationToken cancellation)
    {
        float[] scores = new float[samples.Count];
        ForEachBlock(samples, scaler, threads, (block, start) => detector.Score(block).CopyTo(scores, start), cancellation);
        return scores;
    }

    /// <summary>A score for every step of every window.</summary>
    public static float[] ScoreSteps(IStepScores detector, FeatureScaler scaler, Samples windows, int threads, CancellationToken cancellation)
    {
        int steps = windows.Shape[0];
        float[] scores = new float[windows.Count * steps];
        ForEachBlock(windows, scaler, threads, (block, start) => detector.ScoreSteps(block).CopyTo(scores, start * steps), cancellation);
        return scores;
    }

    public static Samples Attribute(Detector detector, FeatureScaler scaler, Samples samples, int threads, CancellationToken cancellation)
    {
        float[] attributions = new float[samples.Values.Length];
        int width = samples.Shape.Length;
        ForEachBlock(
            samples,
            scaler,
            threads,
            (block, start) => detector.Attribute(block).Values.CopyTo(attributions.AsMemory(start * width)),
            cancellation);
        return samples.WithValues(attributions, samples.Shape, samples.FeatureNames);
    }

    private static void ForEachBlock(
        Samples samples,
        FeatureScaler scaler,
        int threads,
        Action<Samples, int> work,
        CancellationToken cancellation)
    {
        if (threads < 1) throw new OptionException($"The number of threads is {threads}; allowed: 1 or more.");
        cancellation.ThrowIfCancellationRequested();
        int rows = Math.Clamp(BlockValues / samples.Shape.Length, FewestRows, MostRows);
        int blocks = (samples.Count + rows - 1) / rows;
        // Labels have no place near a detector.
        Samples unlabelled = samples.WithLabels(null);
        try
        {
            Parallel.For(0, blocks, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, block =>
            {
                int start = block * rows;
                Samples part = unlabelled.Slice(start, Math.Min(rows, samples.Count - start));
                float[] buffer = ArrayPool<float>.Shared.Rent(part.Values.Length);
                work(scaler.Apply(part, buffer), start);
                ArrayPool<float>.Shared.Return(buffer);
            });
        }
        catch (AggregateException several)
        {
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
    }
}
