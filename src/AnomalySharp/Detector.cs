using AnomalySharp.Persistence;

namespace AnomalySharp;

/// <summary>
/// Learns what is normal from samples, then scores. One subclass per method. The public members check what goes in and what comes out, so
/// a method implements only <see cref="FitCore"/>, <see cref="ScoreCore"/>, <see cref="AttributeCore"/> and its state.
/// </summary>
/// <remarks>After <see cref="Fit"/>, scoring is safe from several threads at once.</remarks>
public abstract class Detector : IDisposable
{
    private bool _disposed;

    /// <summary>Shape of the samples this detector was fitted on; null before that.</summary>
    public SampleShape? Shape { get; private set; }

    /// <summary>The fewest samples that <see cref="Fit"/> accepts.</summary>
    public virtual int MinimumSamples => 2;

    /// <summary>
    /// How many training samples at most are scored to find a threshold that needs no labels, where samples are not windows. All of them, but for methods that
    /// search for each: these would need far longer for it than for learning.
    /// </summary>
    public virtual int MostThresholdSamples => int.MaxValue;

    /// <summary>
    /// Whether it judges the nodes of a graph (<see cref="Samples.Graph"/>) by their edges, too: it is then given all nodes of a graph at once. Others see
    /// samples each for itself.
    /// </summary>
    public virtual bool SeesGraph => false;

    /// <summary>Learns from <paramref name="samples"/>. Labels that they carry are not looked at.</summary>
    /// <exception cref="DataException">Too few samples, or values that are not finite.</exception>
    /// <exception cref="OptionException">Fewer threads than one.</exception>
    /// <exception cref="TrainingException">The training diverged.</exception>
    /// <exception cref="OperationCanceledException">The token of <paramref name="context"/> was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The detector was disposed of.</exception>
    public void Fit(Samples samples, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(context);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (context.Threads < 1) throw new OptionException($"The number of threads is {context.Threads}; allowed: 1 or more.");
        if (samples.Count < MinimumSamples)
        {
            throw new DataException($"{DisplayName} needs at least {MinimumSamples} samples to learn from, and there {(samples.Count == 1 ? "is 1" : $"are {samples.Count}")}.");
        }
        RequireGraph(samples);
        samples.RequireFinite();
        context.Cancellation.ThrowIfCancellationRequested();
        FitCore(samples.WithLabels(null), context);
        Shape = samples.Shape;
    }

    /// <summary>One finite score per sample, higher = more anomalous. Does not depend on how samples are grouped or ordered.</summary>
    /// <exception cref="DataException">Another shape than at training, or values that are not finite.</exception>
    /// <exception cref="InvalidOperationException">The detector was not fitted.</exception>
    /// <exception cref="ObjectDisposedException">The detector was disposed of.</exception>
    public float[] Score(Samples samples)
    {
        RequireSameShape(samples);
        if (samples.Count == 0) return [];
        float[] scores = ScoreCore(samples);
        for (int i = 0; i < scores.Length; i++)
        {
            if (float.IsFinite(scores[i])) continue;
            // An overflow far outside the training range is still an ordering: keep the largest finite score rather than fail.
            if (float.IsPositiveInfinity(scores[i])) scores[i] = float.MaxValue;
            else throw new TrainingException($"{DisplayName} gave the score {scores[i]} to row {samples.RowName(i)}. Train with a smaller learning rate, or scale the data.");
        }
        return scores;
    }

    /// <summary>
    /// How much each feature or pixel contributed to the score: same shape as <paramref name="samples"/>, higher = more responsible.
    /// </summary>
    /// <inheritdoc cref="Score" path="/exception"/>
    public Samples Attribute(Samples samples)
    {
        RequireSameShape(samples);
        return samples.WithValues(samples.Count == 0 ? ReadOnlyMemory<float>.Empty : AttributeCore(samples), samples.Shape, samples.FeatureNames);
    }

    /// <summary>Everything <see cref="Score"/> needs, as named arrays; the options are stored beside it.</summary>
    /// <exception cref="InvalidOperationException">The detector was not fitted.</exception>
    /// <exception cref="ObjectDisposedException">The detector was disposed of.</exception>
    public TensorState GetState()
    {
        RequireFitted();
        TensorState state = new();
        WriteState(state);
        return state;
    }

    /// <summary>Takes over a state made by <see cref="GetState"/> of a detector with the same options.</summary>
    /// <exception cref="ModelFileException">An array is missing or of the wrong size.</exception>
    public void SetState(TensorState state, SampleShape shape)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ReadState(state, shape);
        Shape = shape;
    }

    /// <summary>The method's name in messages.</summary>
    protected virtual string DisplayName => DetectorCatalog.NameOf(this) ?? GetType().Name;

    /// <summary>Learns from at least <see cref="MinimumSamples"/> finite samples without labels.</summary>
    protected abstract void FitCore(Samples samples, FitContext context);

    /// <summary>Scores at least one finite sample of the shape seen at training. Called from several threads at once.</summary>
    protected abstract float[] ScoreCore(Samples samples);

    /// <summary>Attributions of at least one finite sample, row-major: <c>samples.Count × Shape.Length</c> values.</summary>
    protected abstract float[] AttributeCore(Samples samples);

    /// <summary>Writes every learnt array.</summary>
    protected abstract void WriteState(TensorState state);

    /// <summary>Reads what <see cref="WriteState"/> wrote.</summary>
    protected abstract void ReadState(TensorState state, SampleShape shape);

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases networks and other native memory.</summary>
    protected virtual void Dispose(bool disposing) { }

    private void RequireGraph(Samples samples)
    {
        if (!SeesGraph || samples.Graph is not null || samples.Count == 0) return;
        throw new DataException($"{DisplayName} judges the nodes of a graph, and these samples have no edges. Give all nodes, with their graph.");
    }

    private SampleShape RequireFitted()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Shape ?? throw new InvalidOperationException("Call Fit before Score, Attribute or GetState.");
    }

    private void RequireSameShape(Samples samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        SampleShape fitted = RequireFitted();
        if (!samples.Shape.Equals(fitted)) throw new DataException($"{DisplayName} was trained on samples of shape {fitted}, and these have shape {samples.Shape}.");
        RequireGraph(samples);
        samples.RequireFinite();
    }
}
