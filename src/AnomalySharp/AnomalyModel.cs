using System.Numerics.Tensors;
using AnomalySharp.Explanation;
using AnomalySharp.FeatureExtraction;
using AnomalySharp.Graphs;
using AnomalySharp.Persistence;
using AnomalySharp.Preprocessing;
using AnomalySharp.Sequences;
using AnomalySharp.Thresholding;

namespace AnomalySharp;

/// <summary>
/// A trained, self-contained artefact: schema of the input, preprocessing, detector and threshold. Train it, score with it, ask it why, save it.
/// </summary>
/// <remarks>Scoring is safe from several threads at once.</remarks>
public sealed class AnomalyModel : IDisposable
{
    private readonly Detector _detector;
    private readonly ModelParts _parts;

    internal AnomalyModel(ModelParts parts, Detector detector) => (_parts, _detector) = (parts, detector);

    /// <summary>The detector's entry in the catalogue.</summary>
    public DetectorEntry Entry => _parts.Entry;

    /// <summary>
    /// The trained detector, for what only its method knows (a decomposition, a subspace). It sees features as <see cref="Encoder"/>,
    /// <see cref="Features"/> and <see cref="Scaling"/> made them, and is disposed with the model.
    /// </summary>
    public Detector Detector => _detector;

    /// <summary>The detector's options.</summary>
    public DetectorOptions Options => _parts.Options;

    /// <summary>
    /// Shape of the samples that the model takes; of a table, as <see cref="Encoder"/> encodes it, without the features of <see cref="ContextColumns"/>.
    /// </summary>
    public SampleShape Shape => _parts.Shape;

    /// <summary>Shape of a sample of the data that it scores: of a row or a frame where the detector sees <see cref="Windows"/> of them.</summary>
    public SampleShape RowShape => _parts.RowShape;

    /// <summary>What extracts the features that the detector sees; null where it sees the samples themselves.</summary>
    public IFeatureOptions? Features => _parts.Features?.Options;

    /// <summary>Turns tables into features; null where the model was trained on samples.</summary>
    public TableEncoder? Encoder => _parts.Encoder;

    /// <summary>Columns that the others are judged by, and that are not judged themselves; empty where there are none.</summary>
    public IReadOnlyList<string> ContextColumns => _parts.Context?.Columns ?? [];

    /// <summary>
    /// Names of the features of a table that are judged: those of <see cref="Encoder"/> without context; null where the model was trained on samples.
    /// </summary>
    public IReadOnlyList<string>? JudgedFeatures => _parts.Context?.Names ?? _parts.Encoder?.Features.Select(feature => feature.Name).ToArray();

    /// <summary>How features are scaled.</summary>
    public FeatureScaling Scaling => _parts.Scaler.Scaling;

    /// <summary>Samples with a score above it are anomalies.</summary>
    public float Threshold => _parts.Probability.Threshold;

    /// <summary>How the threshold was found.</summary>
    public ThresholdRule ThresholdRule => _parts.ThresholdRule;

    /// <summary>Turns scores into probabilities; 0.5 at the threshold.</summary>
    public AnomalyProbability Probability => _parts.Probability;

    /// <summary>The expected fraction of anomalies where it was given, otherwise the fraction of training samples above the threshold.</summary>
    public double Contamination => _parts.Contamination;

    /// <summary>The label column of the training data, which scoring leaves out; null where there was none.</summary>
    public string? LabelColumn => _parts.LabelColumn;

    /// <summary>Whether the detector sees features that were extracted from the samples, and not the samples themselves.</summary>
    public bool HasFeatures => _parts.Features is not null;

    /// <summary>How rows over time become the windows that the detector sees; null where every row is a sample.</summary>
    public WindowSettings? Windows => _parts.Windows;

    /// <summary>
    /// What brings scores of series to their range; null where there are no <see cref="Windows"/>, and in models from files also where scores are not
    /// normalised.
    /// </summary>
    public ScoreRange? ScoreRange => _parts.ScoreRange;

    /// <summary>How it came about.</summary>
    public TrainingSummary Summary => _parts.Summary;

    /// <summary>Fits preprocessing, detector and threshold on <paramref name="data"/>.</summary>
    /// <remarks>
    /// Labels are used by <see cref="TrainingSettings.NormalOnly"/> and by threshold rules that need them (these look at all labelled samples, also
    /// at those that normal-only training leaves out), and by nothing else.
    /// </remarks>
    /// <exception cref="DataException">The data cannot be used.</exception>
    /// <exception cref="OptionException">An option or setting is out of its range.</exception>
    /// <exception cref="TrainingException">The training diverged.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static AnomalyModel Train(Dataset data, DetectorOptions options, TrainingSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        return ModelTraining.Run(data, options, settings ?? new TrainingSettings());
    }

    /// <summary>Fits preprocessing, detector and threshold on <paramref name="data"/>, of which a known fraction are anomalies.</summary>
    /// <param name="data">The training data.</param>
    /// <param name="options">The detector and its options.</param>
    /// <param name="contamination">Expected fraction of anomalies, above 0 and at most 0.5.</param>
    /// <param name="progress">Told of every epoch.</param>
    /// <param name="cancellation">Stops the training.</param>
    /// <inheritdoc cref="Train(Dataset, DetectorOptions, TrainingSettings?)" path="/exception"/>
    public static AnomalyModel Train(
        Dataset data,
        DetectorOptions options,
        double contamination,
        IProgress<FitProgress>? progress = null,
        CancellationToken cancellation = default) =>
        Train(data, options, new TrainingSettings
        {
            Contamination = contamination,
            Context = new FitContext { Progress = progress, Cancellation = cancellation },
        });

    /// <summary>Scores every sample of <paramref name="data"/>, blocks of rows in parallel.</summary>
    /// <remarks>
    /// A model of <see cref="Windows"/> scores rows by the windows that cover them, so <paramref name="data"/> is all of a series, not a block of
    /// it. Rows that no window judges get the median of the training scores.
    /// </remarks>
    /// <param name="data">A table with the columns of the training data, in any order, or samples of the same shape.</param>
    /// <param name="threads">Most threads to use at once, at least 1. The default value is the number of processors. Changes no score.</param>
    /// <param name="cancellation">Stops the scoring between blocks.</param>
    /// <exception cref="DataException">Another schema or shape than at training, or values that are not finite.</exception>
    /// <exception cref="OptionException">Fewer than one thread.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ScoredSamples Score(Dataset data, int? threads = null, CancellationToken cancellation = default)
    {
        EncodedTable prepared = _parts.Prepare(data);
        (float[] scores, IReadOnlyList<string> notes) = Windows is null
            ? (ScoresOf(prepared.Samples, threads, cancellation), [])
            : new WindowedModel(_parts, _detector, _parts.InKindOfTraining(data), prepared.Samples)
                .Score(threads ?? Environment.ProcessorCount, cancellation);
        return new ScoredSamples
        {
            Scores = scores,
            Probabilities = Probability.Of(scores),
            Threshold = Threshold,
            RowNames = prepared.Samples.RowNames,
            Labels = data.Labels,
            UnseenCategories = prepared.UnseenCategories,
            Notes = notes,
        };
    }

    /// <summary>
    /// How much each feature or pixel contributed to each sample's score: the shape of the encoded samples; for a model of <see cref="Windows"/>
    /// that of rows.
    /// </summary>
    /// <inheritdoc cref="Score" path="/exception|/param"/>
    public Samples Attribute(Dataset data, int? threads = null, CancellationToken cancellation = default) => Windows is null
        ? AttributionsOf(_parts.Prepare(data).Samples, [.. Enumerable.Range(0, data.Count)], threads, cancellation)
        : Attribute(data, [.. Enumerable.Range(0, data.Count)], threads, cancellation);

    /// <summary>The same for the samples at the given positions, in their order.</summary>
    /// <param name="data">All of a series, where the model has <see cref="Windows"/>.</param>
    /// <param name="rows">Positions of samples.</param>
    /// <param name="threads">As for all of it.</param>
    /// <param name="cancellation">Likewise.</param>
    /// <inheritdoc cref="Score" path="/exception"/>
    public Samples Attribute(Dataset data, IReadOnlyList<int> rows, int? threads = null, CancellationToken cancellation = default) =>
        Windows is not null ? Windowed(data).Attribute(rows, threads ?? Environment.ProcessorCount, cancellation)
        : _parts.SeesGraph ? AttributionsOf(_parts.Prepare(data).Samples, rows, threads, cancellation)
        : AttributionsOf(_parts.Prepare(data.Select([.. rows])).Samples, [.. Enumerable.Range(0, rows.Count)], threads, cancellation);

    /// <summary>
    /// Positions of the rows of <paramref name="data"/> as series: in the order of time, each without a gap. A model without <see cref="Windows"/>
    /// knows the series that the data names (<see cref="Dataset.Series"/>), or one of all rows as they are.
    /// </summary>
    /// <exception cref="DataException">The columns of time or entity are missing, or two rows of a series have the same time.</exception>
    public IReadOnlyList<IReadOnlyList<int>> SeriesOf(Dataset data) =>
        SeriesRuns.Of(_parts.InKindOfTraining(data), Windows ?? new WindowSettings()).Runs;

    /// <summary>What the series of a row is called; null where there is only one.</summary>
    /// <param name="data">Data of the kind that the model was trained on.</param>
    /// <param name="row">Position of the row.</param>
    public string? SeriesName(Dataset data, int row) => Windows?.EntityColumn is { } entity
        ? _parts.InKindOfTraining(data).Table?.Columns.FirstOrDefault(column => column.Name == entity)?.Text(row)
        : data.Series?[row];

    /// <summary>
    /// Says why the samples at the given positions got their scores: contributions summed by column, at most <paramref name="top"/> of them.
    /// </summary>
    /// <remarks>Columns that did not raise the score are left out, so there may be fewer. Pixels are called <c>channel/row/column</c>.</remarks>
    /// <exception cref="DataException">
    /// A position that the data does not have, another schema or shape than at training, or values that are not finite.
    /// </exception>
    public IReadOnlyList<SampleExplanation> Explain(Dataset data, IReadOnlyList<int> rows, int top = 5)
    {
        foreach (int row in rows)
        {
            if (row >= 0 && row < data.Count) continue;
            throw new DataException($"{data.Source} has no row {row}: its {data.Count} rows are counted from 0.");
        }
        Dataset selected = _parts.InKindOfTraining(data.Select([.. rows]));
        Samples? nodes = _parts.SeesGraph ? _parts.Prepare(data).Samples : null;
        (Samples samples, float[] scores, Samples attributions) = Windows is not null ? ExplainRows(data, rows)
            : nodes is not null ? ExplainNodes(nodes, rows)
            : ExplainSamples(selected);
        IReadOnlyList<IReadOnlyList<EdgeEffect>>? effects = nodes is null ? null : new GraphModel(_parts, _detector, nodes).Edges(rows, top);
        ColumnExplainer explainer = new(_parts, selected.Table, samples);
        SampleExplanation[] explanations = new SampleExplanation[rows.Count];
        for (int i = 0; i < explanations.Length; i++)
        {
            // Of a score that edges have a part in, columns have the rest.
            double columns = TensorPrimitives.Sum(attributions[i]), beside = effects is null ? 0 : Math.Max(0, scores[i] - columns);
            explanations[i] = new SampleExplanation(
                rows[i],
                explainer.RowName(i, data.FirstRow + rows[i]),
                scores[i],
                Probability.Of(scores[i]),
                scores[i] > Threshold,
                explainer.Top(i, attributions[i], top, beside))
            {
                Edges = effects?[i].Select(effect => EdgeContribution.Of(effect, nodes!, effect.Contribution / (columns + beside))).ToArray(),
            };
        }
        return explanations;
    }

    private (Samples Samples, float[] Scores, Samples Attributions) ExplainSamples(Dataset selected)
    {
        Samples samples = _parts.Prepare(selected).Samples;
        return (samples, ScoresOf(samples), AttributionsOf(samples, [.. Enumerable.Range(0, samples.Count)]));
    }

    private (Samples Samples, float[] Scores, Samples Attributions) ExplainNodes(Samples nodes, IReadOnlyList<int> rows)
    {
        float[] scores = ScoresOf(nodes);
        return (nodes.WithGraph(null).Select([.. rows]), [.. rows.Select(row => scores[row])], AttributionsOf(nodes, rows));
    }

    private (Samples Samples, float[] Scores, Samples Attributions) ExplainRows(Dataset data, IReadOnlyList<int> rows)
    {
        WindowedModel windowed = Windowed(data);
        int threads = Environment.ProcessorCount;
        return (windowed.Rows(rows), windowed.Score(rows, threads, default), windowed.Attribute(rows, threads, default));
    }

    private WindowedModel Windowed(Dataset data) => new(_parts, _detector, _parts.InKindOfTraining(data), _parts.Prepare(data).Samples);

    /// <summary>Draws samples like the training data, in its units; features of a table as its encoder names them.</summary>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="seed">Start of the random sequence: the same seed, the same samples. The default value is 0.</param>
    /// <exception cref="OptionException">The detector is not an <see cref="IGenerativeDetector"/>, or fewer than one sample.</exception>
    public Samples Generate(int count, int seed = 0) => ModelGeneration.Generate(_parts, _detector, count, seed);

    /// <summary>
    /// Walks from one sample of <paramref name="data"/> to another through the detector's space of codes, in the units of the data.
    /// </summary>
    /// <param name="data">Data of the kind that the model was trained on.</param>
    /// <param name="from">Position of the sample to start at.</param>
    /// <param name="to">Position of the sample to end at.</param>
    /// <param name="steps">Samples on the way, both ends (as the detector reconstructs them) included, at least 2.</param>
    /// <exception cref="OptionException">The detector is not an <see cref="IInterpolatingDetector"/>, or fewer than two steps.</exception>
    /// <exception cref="DataException">A position that the data does not have, or another schema or shape than at training.</exception>
    public Samples Interpolate(Dataset data, int from, int to, int steps = 10) =>
        ModelGeneration.Interpolate(_parts, _detector, data, from, to, steps);

    /// <summary>Walks between two drawn codes, see <see cref="IGenerativeDetector.Interpolate(int, int)"/>, in the units of the data.</summary>
    /// <param name="steps">Samples on the way, both ends included, at least 2.</param>
    /// <param name="seed">Start of the random sequence: the same seed, the same walk. The default value is 0.</param>
    /// <exception cref="OptionException">The detector is not an <see cref="IGenerativeDetector"/>, or fewer than two steps.</exception>
    public Samples Interpolate(int steps, int seed = 0) => ModelGeneration.Interpolate(_parts, _detector, steps, seed);

    /// <summary>Writes the model to one file, whole or not at all.</summary>
    /// <exception cref="AnomalySharpException">The file cannot be written.</exception>
    public void Save(string path)
    {
        if (string.IsNullOrEmpty(path)) throw new AnomalySharpException("Cannot save the model: the file name is empty. Name a file.");
        ModelFile.Write(path, _parts, _detector);
    }

    /// <summary>Reads a model. Runs no code from the file; sizes and hashes are checked.</summary>
    /// <exception cref="ModelFileException">Missing, truncated, altered, no model, or written by a newer version.</exception>
    public static AnomalyModel Load(string path) => string.IsNullOrEmpty(path)
        ? throw new ModelFileException("Cannot load a model: the file name is empty. Name a file.")
        : ModelFile.Read(path);

    /// <inheritdoc/>
    public void Dispose()
    {
        _detector.Dispose();
        _parts.Features?.Dispose();
        _parts.Context?.Dispose();
    }

    private float[] ScoresOf(Samples samples, int? threads = null, CancellationToken cancellation = default) =>
        BlockedDetector.Score(_detector, _parts.Scaler, samples, threads ?? Environment.ProcessorCount, cancellation, _parts.Features);

    private Samples AttributionsOf(Samples samples, IReadOnlyList<int> rows, int? threads = null, CancellationToken cancellation = default) =>
        _parts.SeesGraph
            ? new GraphModel(_parts, _detector, samples).Attribute(rows, threads ?? Environment.ProcessorCount, cancellation)
            : BlockedDetector.Attribute(_detector, _parts.Scaler, samples, threads ?? Environment.ProcessorCount, cancellation, _parts.Features);
}
