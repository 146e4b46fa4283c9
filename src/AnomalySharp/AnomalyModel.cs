using AnomalySharp.Explanation;
using AnomalySharp.Preprocessing;
using AnomalySharp.Thresholding;

namespace AnomalySharp;

/// <summary>How a model came about.</summary>
public sealed record TrainingSummary
{
    /// <summary>Training samples.</summary>
    public required int Rows { get; init; }

    /// <summary>Values per sample that the detector saw.</summary>
    public required int Features { get; init; }

    /// <summary>Seconds of wall time that fitting took, preprocessing and threshold included.</summary>
    public required double Seconds { get; init; }

    /// <summary>Seed of every random sequence.</summary>
    public required int Seed { get; init; }

    /// <summary>Threads used.</summary>
    public required int Threads { get; init; }

    /// <summary>Version of AnomalySharp.</summary>
    public required string Version { get; init; }

    /// <summary>When training ended.</summary>
    public required DateTime TrainedAt { get; init; }

    /// <summary>What preprocessing had to say: columns dropped, values imputed.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The training curve: the progress that the detector reported.</summary>
    public IReadOnlyList<FitProgress> History { get; init; } = [];
}

/// <summary>
/// A trained, self-contained artefact: schema of the input, preprocessing, detector and threshold. Train it, score with it, ask it why, save it.
/// </summary>
/// <remarks>Scoring is safe from several threads at once.</remarks>
public sealed class AnomalyModel : IDisposable
{
    /// <summary>The detector's entry in the catalogue.</summary>
    public DetectorEntry Entry => throw new NotImplementedException();

    /// <summary>The detector's options.</summary>
    public DetectorOptions Options => throw new NotImplementedException();

    /// <summary>Shape of the samples that the detector sees.</summary>
    public SampleShape Shape => throw new NotImplementedException();

    /// <summary>Turns tables into features; null where the model was trained on samples.</summary>
    public TableEncoder? Encoder => throw new NotImplementedException();

    /// <summary>How features are scaled.</summary>
    public FeatureScaling Scaling => throw new NotImplementedException();

    /// <summary>Samples with a score above it are anomalies.</summary>
    public float Threshold => throw new NotImplementedException();

    /// <summary>How the threshold was found.</summary>
    public ThresholdRule ThresholdRule => throw new NotImplementedException();

    /// <summary>The expected fraction of anomalies where it was given, otherwise the fraction of training samples above the threshold.</summary>
    public double Contamination => throw new NotImplementedException();

    /// <summary>The label column of the training data, which scoring leaves out; null where there was none.</summary>
    public string? LabelColumn => throw new NotImplementedException();

    /// <summary>How it came about.</summary>
    public TrainingSummary Summary => throw new NotImplementedException();

    /// <summary>Fits preprocessing, detector and threshold on <paramref name="data"/>.</summary>
    /// <exception cref="DataException">The data cannot be used.</exception>
    /// <exception cref="OptionException">An option or setting is out of its range.</exception>
    /// <exception cref="TrainingException">The training diverged.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static AnomalyModel Train(Dataset data, DetectorOptions options, TrainingSettings? settings = null) => throw new NotImplementedException();

    /// <summary>Scores every sample of <paramref name="data"/>, blocks of rows in parallel.</summary>
    /// <exception cref="DataException">Another schema or shape than at training, or values that are not finite.</exception>
    public ScoredSamples Score(Dataset data, int? threads = null, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>How much each feature or pixel contributed to each sample's score: the shape of the encoded samples.</summary>
    /// <inheritdoc cref="Score" path="/exception"/>
    public Samples Attribute(Dataset data) => throw new NotImplementedException();

    /// <summary>Says why the samples at the given positions got their scores: contributions summed by column, at most <paramref name="top"/> of them.</summary>
    /// <inheritdoc cref="Score" path="/exception"/>
    public IReadOnlyList<SampleExplanation> Explain(Dataset data, IReadOnlyList<int> rows, int top = 5) => throw new NotImplementedException();

    /// <summary>Writes the model to one file, whole or not at all.</summary>
    /// <exception cref="AnomalySharpException">The file cannot be written.</exception>
    public void Save(string path) => throw new NotImplementedException();

    /// <summary>Reads a model. Runs no code from the file; sizes and hashes are checked.</summary>
    /// <exception cref="ModelFileException">Truncated, altered, no model, or written by a newer version.</exception>
    public static AnomalyModel Load(string path) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
