using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using AnomalySharp.FeatureExtraction;
using AnomalySharp.Persistence;

namespace AnomalySharp.Graphs;

/// <summary>
/// Options of the features <c>walks</c> (Grover, Leskovec: node2vec: Scalable feature learning for networks. KDD 2016). The paper has 128 values, walks of 80
/// nodes and a window of 10: less is the default here, for time.
/// </summary>
[FeatureExtractor("walks")]
public sealed record WalkFeatureOptions : IFeatureOptions
{
    /// <summary>Values per node. The default value is 32.</summary>
    [Description("Values per node."), Range(1, 4096)]
    public int Latent { get; init; } = 32;

    /// <summary>Walks from each node. The default value is 10.</summary>
    [Description("Walks from each node."), Range(1, 10_000)]
    public int Walks { get; init; } = 10;

    /// <summary>Nodes of a walk. The default value is 40.</summary>
    [Description("Nodes of a walk."), Range(2, 10_000)]
    public int Length { get; init; } = 40;

    /// <summary>Most steps to a node that counts as near. The default value is 5.</summary>
    [Description("Most steps to a node that counts as near."), Range(1, 1000)]
    public int Window { get; init; } = 5;

    /// <summary>p: the larger, the more seldom a walk goes back at once. The default value is 1.</summary>
    [Description("p: the larger, the more seldom a walk goes back at once."), Range(1e-3, 1e3)]
    public double Return { get; init; } = 1;

    /// <summary>q: the larger, the nearer a walk stays to where it was. The default value is 1.</summary>
    [Description("q: the larger, the nearer a walk stays to where it was."), Range(1e-3, 1e3)]
    public double InOut { get; init; } = 1;

    /// <summary>Random nodes for each near one. The default value is 5.</summary>
    [Description("Random nodes for each near one."), Range(1, 100)]
    public int Negatives { get; init; } = 5;

    /// <summary>Step size at the start; it falls to a ten-thousandth evenly. The default value is 0.025.</summary>
    [Description("Step size at the start; it falls to a ten-thousandth evenly."), Range(1e-6, 1.0)]
    public double LearningRate { get; init; } = 0.025;

    /// <inheritdoc/>
    public FeatureExtractor CreateExtractor(FeatureForm form) => new WalkFeatures(this, form);

    /// <summary>The number of values.</summary>
    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> ReadArgument(string argument) =>
        int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? [KeyValuePair.Create("latent", argument)]
            : throw new OptionException($"What follows the colon is the number of values per node, such as walks:32, not '{argument}'.");
}

/// <summary>
/// A vector for each node of the training graph, learnt from random walks. The attributes of nodes play no part in it. Nodes of other graphs have none: a
/// graph is told from another by its edges, nodes by their names, or by their positions where they have no names.
/// </summary>
internal sealed class WalkFeatures : FeatureExtractor
{
    private readonly WalkFeatureOptions _options;
    private float[] _vectors = [];
    private string[]? _names;
    private long _edges;

    public WalkFeatures(WalkFeatureOptions options, FeatureForm form) : base(form)
    {
        if (form == FeatureForm.Maps) throw new OptionException("Walks give vectors, and the detector looks at feature maps. Name another detector.");
        DetectorOption.Validate(options);
        _options = options;
    }

    public override bool SeesGraph => true;

    protected override void FitCore(Samples samples, FitContext context)
    {
        Graph graph = samples.Graph!;
        RandomWalks walks = new(graph, _options.Return, _options.InOut);
        SkipGram learner = new(graph, _options.Latent, _options.Window, _options.Negatives, context.CreateRandom(-4));
        int[] order = [.. Enumerable.Range(0, graph.Count)], walk = new int[_options.Length];
        for (int round = 0; round < _options.Walks; round++)
        {
            Random random = context.CreateRandom(round);
            random.Shuffle(order);
            for (int k = 0; k < order.Length; k++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                double done = (round + ((double)k / order.Length)) / _options.Walks;
                learner.Learn(walk.AsSpan(0, walks.Walk(order[k], random, walk)), (float)(_options.LearningRate * Math.Max(1 - done, 1e-4)), random);
            }
            context.Progress?.Report(new FitProgress("walking", round + 1, _options.Walks));
        }
        _vectors = learner.Vectors;
        _names = samples.RowNames is { } names ? [.. names] : null;
        _edges = ChecksumOf(graph, order: null);
    }

    protected override IReadOnlyList<Samples> ExtractCore(Samples samples)
    {
        int[] places = PlacesOf(samples);
        if (ChecksumOf(samples.Graph!, places) != _edges) throw Unknown("these nodes have other edges");
        float[] vectors = new float[samples.Count * _options.Latent];
        for (int i = 0; i < places.Length; i++) _vectors.AsSpan(places[i] * _options.Latent, _options.Latent).CopyTo(vectors.AsSpan(i * _options.Latent));
        return [samples.WithValues(vectors, new SampleShape(_options.Latent))];
    }

    protected override Samples ExtractVersionsCore(Samples nodes, int node, Samples versions)
    {
        Samples own = Extract(nodes).Select([node]);
        return own.WithGraph(null).Select(new int[versions.Count]);
    }

    protected override SampleShape ShapeOf(SampleShape input) => new(_options.Latent);

    protected override void WriteState(TensorState state)
    {
        state.Set<float>("vectors", _vectors);
        state.Set<long>("edges", [_edges]);
        state.Set<byte>("names", _names is null ? [] : System.Text.Encoding.UTF8.GetBytes(string.Join('\n', _names)));
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        _vectors = state.Get<float>("vectors");
        _edges = state.Get<long>("edges", 1)[0];
        byte[] names = state.Get<byte>("names");
        _names = names.Length == 0 ? null : System.Text.Encoding.UTF8.GetString(names).Split('\n');
        if (_vectors.Length % _options.Latent == 0 && (_names is null || _names.Length == _vectors.Length / _options.Latent)) return;
        throw new ModelFileException("The vectors of its walks do not fit its nodes. Train it again.");
    }

    /// <summary>For each node its position in the training graph.</summary>
    private int[] PlacesOf(Samples samples)
    {
        int known = _vectors.Length / _options.Latent;
        if (samples.Count != known) throw Unknown($"there {(samples.Count == 1 ? "is 1" : $"are {samples.Count}")} and not {known}");
        if (_names is null || samples.RowNames is not { } given) return [.. Enumerable.Range(0, known)];
        Dictionary<string, int> places = new(known, StringComparer.Ordinal);
        for (int i = 0; i < known; i++) places[_names[i]] = i;
        return [.. given.Select(name => places.TryGetValue(name, out int place) ? place : throw Unknown($"the node '{name}' is not among them"))];
    }

    // The same for any order of nodes and edges.
    private static long ChecksumOf(Graph graph, int[]? order)
    {
        ulong sum = 0;
        for (int i = 0; i < graph.Count; i++)
        {
            foreach (int neighbor in graph.NeighborsOf(i))
            {
                (ulong a, ulong b) = ((ulong)(order?[i] ?? i), (ulong)(order?[neighbor] ?? neighbor));
                ulong z = ((a << 32) | b) * 0x9E3779B97F4A7C15UL;
                z = (z ^ (z >> 29)) * 0xBF58476D1CE4E5B9UL;
                sum += z ^ (z >> 32);
            }
        }
        return (long)sum;
    }

    private static DataException Unknown(string what) => new(
        $"The features 'walks' are of the nodes of the training graph, and {what}. Train on this graph, or use --features gae, which knows new nodes, too.");
}
