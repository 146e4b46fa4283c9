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
    /// <summary>Rows that train and rows that test.</summary>
    public static (int[] Train, int[] Test) Split(Protocol protocol, IReadOnlyList<byte> labels, int seed) => throw new NotImplementedException();

    /// <summary>
    /// Every detector with every seed, in parallel on one thread each; results come in the order in which they finish. A failure is a result with an
    /// error, not an exception.
    /// </summary>
    /// <exception cref="DataException">No labels, or all the same.</exception>
    public static IEnumerable<RunResult> Run(
        Dataset data, IReadOnlyList<DetectorOptions> detectors, Protocol protocol, IReadOnlyList<int> seeds, TrainingSettings settings) => throw new NotImplementedException();
}
