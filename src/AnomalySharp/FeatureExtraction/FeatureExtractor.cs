using AnomalySharp.Persistence;

namespace AnomalySharp.FeatureExtraction;

/// <summary>
/// A stage before the detector: samples in, features out. The public members check and put together; a subclass implements its layers and its state.
/// </summary>
/// <param name="form">Whether detectors get vectors or maps.</param>
/// <remarks>After <see cref="Fit"/>, extraction is safe from several threads at once.</remarks>
public abstract class FeatureExtractor(FeatureForm form) : IDisposable
{
    private SampleShape? _input, _output;

    /// <summary>Whether detectors get vectors or maps.</summary>
    public FeatureForm Form => form;

    /// <summary>Shape of the features of one sample.</summary>
    /// <exception cref="InvalidOperationException">It was not fitted.</exception>
    public SampleShape Shape => _output ?? throw new InvalidOperationException("Call Fit before Shape or Extract.");

    /// <summary>How vectors are made of feature maps.</summary>
    public virtual FeaturePooling Pooling => FeaturePooling.Average;

    /// <summary>Whether the features of a node depend on its graph (<see cref="Samples.Graph"/>): it is then given all nodes of a graph at once.</summary>
    public virtual bool SeesGraph => false;

    /// <summary>Learns what there is to learn from <paramref name="samples"/>, without labels; opens the network where it is a given one.</summary>
    /// <exception cref="DataException">The samples are of a shape that it cannot take, or too few.</exception>
    /// <exception cref="OptionException">What the options name is not there.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Fit(Samples samples, FitContext context)
    {
        if (samples.Count == 0) throw new DataException("There are no samples to extract features from.");
        RequireGraph(samples);
        context.Cancellation.ThrowIfCancellationRequested();
        FitCore(samples.WithLabels(null), context);
        Attach(samples.Shape);
    }

    /// <summary>The features of each sample. Do not depend on how samples are grouped or ordered.</summary>
    /// <exception cref="DataException">Another shape than at training, or features that are not finite.</exception>
    public Samples Extract(Samples samples) => ExtractThrough(Cache, samples);

    /// <summary>The same without the cache: for changed samples that nobody asks for again.</summary>
    internal Samples ExtractAfresh(Samples samples) => ExtractThrough(null, samples);

    private Samples ExtractThrough(FeatureCache? cache, Samples samples)
    {
        if (!samples.Shape.Equals(_input)) throw new DataException($"The features are those of samples of shape {_input}, and these have shape {samples.Shape}.");
        RequireGraph(samples);
        float[] features = new float[checked(samples.Count * Shape.Length)];
        int step = cache is null ? Math.Max(1, samples.Count) : FeatureCache.Unit;
        for (int start = 0; start < samples.Count; start += step)
        {
            Samples part = samples.Slice(start, Math.Min(step, samples.Count - start));
            Span<float> target = features.AsSpan(start * Shape.Length, part.Count * Shape.Length);
            string? key = cache is null ? null : FeatureCache.KeyOf($"{Identity} {form} {Pooling}", part);
            if (key is not null && cache!.TryRead(key, target)) continue;
            Samples extracted = Assemble(ExtractCore(part));
            RequireFinite(extracted);
            extracted.Values.Span.CopyTo(target);
            if (key is not null) cache!.Write(key, target);
        }
        return samples.WithValues(features, Shape);
    }

    /// <summary>Everything that <see cref="Extract"/> needs, as named arrays; the options are stored beside it.</summary>
    public TensorState GetState()
    {
        TensorState state = new();
        WriteState(state);
        return state;
    }

    /// <summary>Takes over a state made by <see cref="GetState"/> of an extractor with the same options.</summary>
    /// <param name="state">The state.</param>
    /// <param name="shape">Shape of the samples.</param>
    /// <exception cref="ModelFileException">An array is missing or of the wrong size.</exception>
    public void SetState(TensorState state, SampleShape shape)
    {
        ReadState(state, shape);
        Attach(shape);
    }

    /// <summary>Learns from at least one finite sample without label.</summary>
    protected abstract void FitCore(Samples samples, FitContext context);

    /// <summary>The features of each sample, layer by layer: <c>[d]</c>, <c>[t,d]</c> or <c>[c,h,w]</c>.</summary>
    protected abstract IReadOnlyList<Samples> ExtractCore(Samples samples);

    /// <summary>Writes everything learnt or opened.</summary>
    protected abstract void WriteState(TensorState state);

    /// <summary>Reads what <see cref="WriteState"/> wrote.</summary>
    protected abstract void ReadState(TensorState state, SampleShape shape);

    /// <summary>The features of one node as they would be with other values of its own: one row per version.</summary>
    /// <param name="nodes">All nodes of its graph, as they are.</param>
    /// <param name="node">Its position.</param>
    /// <param name="versions">Values to put in its place, a row each.</param>
    internal Samples ExtractVersions(Samples nodes, int node, Samples versions) =>
        SeesGraph ? ExtractVersionsCore(nodes, node, versions) : ExtractAfresh(versions);

    /// <summary>The same for extractors that see the graph.</summary>
    protected virtual Samples ExtractVersionsCore(Samples nodes, int node, Samples versions) =>
        throw new NotSupportedException($"{GetType().Name} sees graphs and does not say what a node's own values do.");

    /// <summary>Shape of the features of samples of the shape <paramref name="input"/>.</summary>
    protected virtual SampleShape ShapeOf(SampleShape input) => Assemble(ExtractCore(new Samples(new float[input.Length], input))).Shape;

    /// <summary>Puts the layers together in the form that is wanted.</summary>
    protected virtual Samples Assemble(IReadOnlyList<Samples> layers) => FeatureLayers.Assemble(layers, form, Pooling);

    /// <summary>Where features are kept from one run to the next; null, the default, where extracting anew is cheap or follows a training.</summary>
    protected virtual FeatureCache? Cache => null;

    /// <summary>All that the features depend on beside samples, form and pooling. Needed where there is a cache.</summary>
    protected virtual string Identity => "";

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases networks and other native memory.</summary>
    protected virtual void Dispose(bool disposing) { }

    private void Attach(SampleShape shape) => (_input, _output) = (shape, ShapeOf(shape));

    private void RequireGraph(Samples samples)
    {
        if (!SeesGraph || samples.Graph is not null || samples.Count == 0) return;
        throw new DataException("The features are those of nodes of a graph, and the data has no edges. Give them with --edges, or as edge_index in an .npz.");
    }

    private static void RequireFinite(Samples features)
    {
        ReadOnlySpan<float> values = features.Values.Span;
        for (int i = 0; i < values.Length; i++)
        {
            if (float.IsFinite(values[i])) continue;
            throw new DataException(
                $"The network makes the feature {values[i]} of row {features.RowName(i / features.Shape.Length)}: its values are far outside of what "
                + "the network was trained on. Leave the row out, or correct it.");
        }
    }
}
