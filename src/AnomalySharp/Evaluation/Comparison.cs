using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace AnomalySharp.Evaluation;

/// <summary>Which samples train and which test.</summary>
public enum Protocol
{
    /// <summary>All samples train, without labels, and the same ones are scored.</summary>
    Transductive,

    /// <summary>A random half of the normal samples trains; the other half and all anomalies test.</summary>
    NormalOnly,
}

/// <summary>Runs detectors under a protocol and measures them.</summary>
public static class Comparison
{
    // A random sequence of its own, so that the split does not depend on what a detector draws from the same seed.
    private const int SplitPurpose = 0x5917;

    /// <summary>Rows that train and rows that test, each in rising order.</summary>
    /// <param name="protocol">Which samples train and which test.</param>
    /// <param name="labels">1 = anomaly, 0 = normal.</param>
    /// <param name="seed">Decides which half of the normal samples trains.</param>
    /// <exception cref="DataException">The labels are all the same, or there are too few normal samples to share out.</exception>
    public static (int[] Train, int[] Test) Split(Protocol protocol, IReadOnlyList<byte> labels, int seed)
    {
        int[] all = [.. Enumerable.Range(0, labels.Count)];
        int[] normal = [.. all.Where(i => labels[i] == 0)];
        RequireBothClasses(labels.Count, normal.Length);
        if (protocol == Protocol.Transductive) return (all, all);
        if (normal.Length < 2)
        {
            throw new DataException("The normal-only protocol needs at least 2 normal samples: one to learn from and one to test on.");
        }
        new FitContext { Seed = seed }.CreateRandom(SplitPurpose).Shuffle(normal);
        int[] train = normal[..((normal.Length + 1) / 2)];
        Array.Sort(train);
        HashSet<int> learnt = [.. train];
        return (train, [.. all.Where(i => !learnt.Contains(i))]);
    }

    /// <summary>
    /// Every detector with every seed, in parallel on one thread each; results come in the order in which they finish. A failure is a result with an
    /// error, not an exception.
    /// </summary>
    /// <param name="data">Labelled data. Labels choose rows and measure scores; no detector and no threshold sees them.</param>
    /// <param name="detectors">The methods.</param>
    /// <param name="protocol">Which samples train and which test.</param>
    /// <param name="seeds">One run per seed and detector.</param>
    /// <param name="settings">
    /// Contamination, threshold rule, scaling, encoding. Its context gives the number of runs at a time (as threads), device and cancellation;
    /// progress and checkpoints are left out, for runs go on side by side.
    /// </param>
    /// <exception cref="DataException">No labels, or all the same.</exception>
    /// <exception cref="OptionException">A threshold rule that looks at labels, or options that are not in the catalogue.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IEnumerable<RunResult> Run(
        Dataset data, IReadOnlyList<DetectorOptions> detectors, Protocol protocol, IReadOnlyList<int> seeds, TrainingSettings settings) =>
        Run(data, [.. detectors.Select(options => (DetectorCatalog.Find(options).Name, options))], protocol, seeds, settings, ComparisonRun.OfModel);

    /// <summary>The same with another way of training: what is compared is not this class's business.</summary>
    internal static IEnumerable<RunResult> Run(
        Dataset data,
        IReadOnlyList<(string Name, DetectorOptions Options)> detectors,
        Protocol protocol,
        IReadOnlyList<int> seeds,
        TrainingSettings settings,
        TrainAndScore train)
    {
        if (data.Labels is not { } labels) throw new DataException($"{data.Source} has no labels to compare with. Name the column with --label.");
        RequireBothClasses(labels.Count, labels.Count(label => label == 0));
        if (settings.Threshold is { NeedsLabels: true } rule)
        {
            throw new OptionException($"The threshold rule {rule.Kind} looks at labels, which a comparison keeps back. Choose another rule.");
        }
        ComparisonRun[] runs = [.. detectors.SelectMany(detector => seeds.Select(seed => new ComparisonRun(detector.Name, detector.Options, seed)))];
        return Finished(runs, settings, (run, cancellation) => run.Measure(data, protocol, settings, train, cancellation));
    }

    private static IEnumerable<RunResult> Finished(
        ComparisonRun[] runs, TrainingSettings settings, Func<ComparisonRun, CancellationToken, RunResult> measure)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(settings.Context.Cancellation);
        using BlockingCollection<RunResult> finished = [];
        ParallelOptions degree = new() { MaxDegreeOfParallelism = Math.Max(1, settings.Context.Threads), CancellationToken = stop.Token };
        Task work = Task.Run(() =>
        {
            try
            {
                // Without buffering every worker takes the next run when it is free: runs differ a thousandfold in length.
                Parallel.ForEach(
                    Partitioner.Create(runs, EnumerablePartitionerOptions.NoBuffering), degree, run => finished.Add(measure(run, stop.Token)));
            }
            finally
            {
                finished.CompleteAdding();
            }
        });
        try
        {
            foreach (RunResult result in finished.GetConsumingEnumerable()) yield return result;
        }
        finally
        {
            // A caller that stops reading stops the runs; none may outlive the collection that it writes to.
            stop.Cancel();
            ((IAsyncResult)work).AsyncWaitHandle.WaitOne();
        }
        settings.Context.Cancellation.ThrowIfCancellationRequested();
        if (work.Exception is { } failure) ExceptionDispatchInfo.Throw(failure.Flatten().InnerExceptions[0]);
    }

    private static void RequireBothClasses(int count, int normal)
    {
        if (count == 0) throw new DataException("There are no samples to compare on.");
        if (normal != 0 && normal != count) return;
        throw new DataException(
            $"All {count} labels are {(normal == count ? "0 (normal)" : "1 (anomaly)")}: a comparison needs both. "
            + "Check the label column and which value means anomaly.");
    }
}
