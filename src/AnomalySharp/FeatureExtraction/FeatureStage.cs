using System.Numerics.Tensors;
using System.Runtime.ExceptionServices;
using AnomalySharp.Explanation;
using AnomalySharp.Persistence;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.FeatureExtraction;

/// <summary>The features of a model: the fitted extractor, and what explains scores of features by the samples that they are made of.</summary>
internal sealed class FeatureStage : IDisposable
{
    // Rows and columns of the patches that pictures are occluded in: a network runs once for each.
    private const int OccludedPatches = 8;

    private readonly FeatureExtractor _extractor;
    private readonly float[] _usual;
    private readonly SampleShape _input;

    private FeatureStage(IFeatureOptions options, FeatureExtractor extractor, SampleShape input, float[] usual) =>
        (Options, _extractor, _input, _usual) = (options, extractor, input, usual);

    /// <summary>What the extractor was made from.</summary>
    public IFeatureOptions Options { get; }

    /// <summary>Shape of the features of a sample.</summary>
    public SampleShape Shape => _extractor.Shape;

    /// <inheritdoc cref="FeatureExtractor.SeesGraph"/>
    public bool SeesGraph => _extractor.SeesGraph;

    /// <summary>Fits an extractor on training samples.</summary>
    public static FeatureStage Fit(IFeatureOptions options, FeatureForm form, Samples samples, FitContext context)
    {
        FeatureExtractor extractor = options.CreateExtractor(form);
        try
        {
            extractor.Fit(samples, context);
            return new FeatureStage(options, extractor, samples.Shape, Occlusion.Mean(samples));
        }
        catch
        {
            extractor.Dispose();
            throw;
        }
    }

    /// <summary>A stage from its stored state.</summary>
    /// <exception cref="ModelFileException">An array is missing or of the wrong size.</exception>
    public static FeatureStage Restore(IFeatureOptions options, FeatureForm form, TensorState state, SampleShape input)
    {
        FeatureExtractor extractor = options.CreateExtractor(form);
        try
        {
            extractor.SetState(state.GetPart("extractor"), input);
            return new FeatureStage(options, extractor, input, state.Get<float>("usual", input.Length));
        }
        catch
        {
            extractor.Dispose();
            throw;
        }
    }

    public TensorState GetState()
    {
        TensorState state = new();
        state.AddPart("extractor", _extractor.GetState());
        state.Set<float>("usual", _usual);
        return state;
    }

    /// <summary>The features of a block of samples. Safe from several threads at once.</summary>
    public Samples Extract(Samples samples) => _extractor.Extract(samples);

    /// <summary>The features of all samples, blocks in parallel, with progress.</summary>
    public Samples ExtractAll(Samples samples, FitContext context) => ExtractAll(_extractor, samples, context);

    /// <inheritdoc cref="ExtractAll(Samples, FitContext)"/>
    public static Samples ExtractAll(FeatureExtractor extractor, Samples samples, FitContext context)
    {
        if (extractor.SeesGraph) return extractor.Extract(samples);
        const int step = FeatureCache.Unit;
        int width = extractor.Shape.Length, blocks = (samples.Count + step - 1) / step;
        if ((long)samples.Count * width > Array.MaxLength)
        {
            throw new DataException(
                $"{samples.Count} samples of features of shape {extractor.Shape} are more than fit into one array. Use fewer samples, or smaller maps.");
        }
        float[] features = new float[samples.Count * width];
        int started = 0;
        FitContext inner = context;
        // As many blocks at a time as there are threads, so that it is this thread that reports.
        for (int done = 0; done < blocks; done = started)
        {
            int size = Math.Min(inner.Threads, blocks - done), first = done;
            ForEach(size, inner, k =>
            {
                int start = (first + k) * step;
                extractor.Extract(samples.Slice(start, Math.Min(step, samples.Count - start))).Values.Span.CopyTo(features.AsSpan(start * width));
            });
            started = done + size;
            inner.Progress?.Report(new FitProgress("extracting features", started, blocks));
        }
        return samples.WithValues(features, extractor.Shape);
    }

    /// <summary>What each value of the samples contributed: shape of the samples.</summary>
    /// <param name="samples">Samples, without labels.</param>
    /// <param name="scaler">Scales features.</param>
    /// <param name="detector">Scores scaled features.</param>
    /// <remarks>
    /// Scores of maps: the detector's attributions, channels summed, at the size of the picture. Scores of vectors: <see cref="Occlusion"/> of the samples,
    /// of pictures patch by patch.
    /// </remarks>
    public float[] Attribute(Samples samples, FeatureScaler scaler, Detector detector)
    {
        if (_extractor.Form == FeatureForm.Maps) return Spread(detector.Attribute(scaler.Apply(Extract(samples))));
        int[]? patches = _input.Rank == 3 ? PatchOfEachValue() : null;
        return Occlusion.Attribute(samples, _usual, block => detector.Score(scaler.Apply(_extractor.ExtractAfresh(block))), patches);
    }

    /// <summary>What each value of one node of a graph contributed to its score: <see cref="Occlusion"/> of the values, its neighbours staying as they are.</summary>
    /// <param name="nodes">All nodes.</param>
    /// <param name="node">Position of the node.</param>
    /// <param name="scaler">Scales features.</param>
    /// <param name="detector">Scores scaled features.</param>
    public float[] AttributeNode(Samples nodes, int node, FeatureScaler scaler, Detector detector) => Occlusion.Attribute(
        new Samples(nodes[node].ToArray(), nodes.Shape),
        _usual,
        versions => detector.Score(scaler.Apply(_extractor.ExtractVersions(nodes, node, versions))));

    public void Dispose() => _extractor.Dispose();

    private float[] Spread(Samples attributions)
    {
        (int channels, int height, int width) = _input.Rank == 3 ? (_input[0], _input[1], _input[2]) : (1, 1, _input.Length);
        int area = height * width;
        Samples maps = HeatMaps.Of(attributions);
        BilinearResize resize = new(maps.Shape[1], maps.Shape[2], height, width);
        float[] spread = new float[maps.Count * channels * area];
        for (int i = 0; i < maps.Count; i++)
        {
            Span<float> first = spread.AsSpan(i * channels * area, area);
            resize.Apply(maps[i], first);
            TensorPrimitives.Divide(first, channels, first);
            for (int c = 1; c < channels; c++) first.CopyTo(spread.AsSpan((i * channels + c) * area));
        }
        return spread;
    }

    private int[] PatchOfEachValue()
    {
        (int height, int width) = (_input[1], _input[2]);
        int down = Math.Min(OccludedPatches, height), across = Math.Min(OccludedPatches, width);
        int[] patches = new int[_input.Length];
        for (int j = 0; j < patches.Length; j++) patches[j] = (j / width % height * down / height * across) + (j % width * across / width);
        return patches;
    }

    private static void ForEach(int count, FitContext context, Action<int> work)
    {
        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = context.Threads, CancellationToken = context.Cancellation }, work);
        }
        catch (AggregateException several)
        {
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
    }
}
