namespace AnomalySharp;

/// <summary>What <see cref="Detector.Fit"/> may use besides the data.</summary>
public sealed record FitContext
{
    /// <summary>Start of every random sequence. Same seed and same thread count: same scores. The default value is 0.</summary>
    public int Seed { get; init; }

    /// <summary>Most threads to use at once, at least 1. The default value is the number of processors.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Where networks that run on libtorch are trained: <c>cpu</c> or <c>cuda</c>. Everything else runs on the processor.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Called at least once per epoch, from the training thread.</summary>
    public IProgress<FitProgress>? Progress { get; init; }

    /// <summary>
    /// Told, from the training thread, what the user should know although training goes on: that something did not converge, that a setting makes little
    /// sense. Whole sentences; a model keeps them in the notes of its <see cref="TrainingSummary"/>.
    /// </summary>
    public Action<string>? Warning { get; init; }

    /// <summary>
    /// Told, from the training thread, what is worth knowing and no warning: a rank that was found, a share that was set aside. Whole sentences; a model
    /// keeps them beside the warnings.
    /// </summary>
    public Action<string>? Remark { get; init; }

    /// <summary>Expected fraction of anomalies, above 0 and at most 0.5; null where nothing is known. A model fills it in from its own settings.</summary>
    public double? Contamination { get; init; }

    /// <summary>
    /// Labels of the training samples, 1 = anomaly, where they are known: for what is measured of a training (<see cref="FitProgress.Measures"/>), such as
    /// whose gradients are larger. No method learns from them: with them and without, the scores are the same, the training takes a little
    /// longer. A model fills them in where its training data has labels. One for each sample.
    /// </summary>
    public IReadOnlyList<byte>? KnownLabels { get; init; }

    /// <summary>
    /// Whether neighbouring samples share values, as windows of a series do: what is held out of the training is then a block of neighbours. A model fills
    /// it in.
    /// </summary>
    public bool NeighborsOverlap { get; init; }

    /// <summary>Looked at before every training step.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>
    /// File that receives checkpoints while a network trains, at the end of an epoch and no more often than <see cref="CheckpointInterval"/>; deleted when
    /// training ends well. Null for none.
    /// </summary>
    public string? CheckpointPath { get; init; }

    /// <summary>The least time between two checkpoints; zero: one after every epoch. The default value is a second.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether to go on from the checkpoint at <see cref="CheckpointPath"/> if there is one. The weights at the end are those of an uninterrupted run. A
    /// checkpoint of other options, data or seed is refused.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>Says <paramref name="text"/> to <see cref="Warning"/>, if anybody listens.</summary>
    public void Warn(string text) => Warning?.Invoke(text);

    /// <summary>Says <paramref name="text"/> to <see cref="Remark"/>, if anybody listens.</summary>
    public void Note(string text) => Remark?.Invoke(text);

    /// <summary>A random sequence of its own for <paramref name="purpose"/> (an epoch, a tree), independent of the order in which sequences are made.</summary>
    public Random CreateRandom(int purpose)
    {
        // SplitMix64's finaliser: neighbouring seeds and purposes give unrelated sequences.
        ulong z = ((ulong)(uint)Seed << 32 | (uint)purpose) + 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return new Random((int)((z ^ (z >> 31)) & int.MaxValue));
    }
}

/// <summary>How far a training has come.</summary>
/// <param name="Phase">What is being done, such as <c>training</c>.</param>
/// <param name="Done">Units finished so far, counted from 1: epochs, trees.</param>
/// <param name="Total">Units in all.</param>
/// <param name="Loss">Mean training loss of the unit; null where there is none.</param>
/// <param name="ValidationLoss">Loss on the held-out part; null where there is none.</param>
public readonly record struct FitProgress(string Phase, int Done, int Total, double? Loss = null, double? ValidationLoss = null)
{
    /// <summary>
    /// What else the method measured in the unit, by name and in order: the loss of each of several networks, a gradient's norm. All finite; null
    /// where there is nothing.
    /// </summary>
    public IReadOnlyDictionary<string, double>? Measures { get; init; }
}
