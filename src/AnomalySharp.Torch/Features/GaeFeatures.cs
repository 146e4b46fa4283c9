using AnomalySharp.FeatureExtraction;
using AnomalySharp.Graphs;
using AnomalySharp.Persistence;
using AnomalySharp.Preprocessing;
using AnomalySharp.Torch.Native;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Features;

/// <summary>
/// Codes Z by graph convolutions of the scaled features of nodes, learnt so that σ(z_i·z_j) is high for edges and low for other pairs: the mean of
/// −log σ(z_i·z_j) over edges, and of −log(1 − σ(z_i·z_j)) over as many random pairs that are no edges. The weights are of no graph in particular, so new
/// graphs have codes, too.
/// </summary>
/// <remarks>Difference from the paper: pairs that are no edges are drawn anew in each step, where the paper has all of them, with weights.</remarks>
internal sealed class GaeFeatures : FeatureExtractor
{
    private readonly GaeFeatureOptions _options;
    private TorchNetwork? _network;
    private FeatureScaler? _scaler;

    public GaeFeatures(GaeFeatureOptions options, FeatureForm form) : base(form)
    {
        if (form == FeatureForm.Maps) throw new OptionException("The codes of nodes are vectors, and the detector looks at feature maps. Name another detector.");
        _options = options;
    }

    public override bool SeesGraph => true;

    protected override void FitCore(Samples samples, FitContext context)
    {
        _scaler = FeatureScaler.Fit(samples, FeatureScaling.MinMax);
        Samples nodes = _scaler.Apply(samples);
        Build(samples.Shape, context.CreateRandom(-3).Next(), context.Device);
        Optimizer optimizer = Optimizer.Create(_options, _network!);

        double Step(in TrainingBatch batch)
        {
            using DisposeScope scope = NewDisposeScope();
            _network!.Enter(training: true);
            Tensor z = Encode(nodes), edges = zeros(1, device: z.device), others = zeros(1, device: z.device);
            (long[] from, long[] to) = EdgesOf(nodes.Graph!, batch.Rows);
            if (from.Length > 0) edges = nn.functional.logsigmoid(Products(z, from, to)).mean();
            (from, to) = OtherPairs(nodes.Graph!, batch.Rows, from.Length, context.CreateRandom(1_000_000 + batch.Step));
            if (from.Length > 0) others = nn.functional.logsigmoid(Products(z, from, to).neg()).mean();
            Tensor loss = edges.Plus(others).sum().neg();
            _network.AddGradients(loss);
            optimizer.Step();
            return loss.Number();
        }

        // The checkpoint, if there is one, is the detector's that follows.
        new TrainingLoop("gae", nodes, _options, context with { CheckpointPath = null, Resume = false }, _network!)
            .Run(new TrainingPhase { Name = "learning features", Epochs = _options.Epochs, Step = Step, Optimizers = [optimizer] });
    }

    protected override IReadOnlyList<Samples> ExtractCore(Samples samples)
    {
        _network!.Enter(training: false);
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using Tensor codes = TorchNetwork.Export(Encode(_scaler!.Apply(samples)));
        return [samples.WithValues(TorchNetwork.Floats(codes).ToArray(), new SampleShape(_options.Latent))];
    }

    // A code depends on as many steps around its node as there are layers, and on the degrees of all nodes there.
    protected override Samples ExtractVersionsCore(Samples nodes, int node, Samples versions)
    {
        Samples around = nodes.Select(nodes.Graph!.Around(node, _options.Hidden.Count + 2));
        float[] values = around.Values.ToArray(), codes = new float[versions.Count * _options.Latent];
        for (int v = 0; v < versions.Count; v++)
        {
            versions[v].CopyTo(values);
            Extract(around.WithValues(values, around.Shape))[0].CopyTo(codes.AsSpan(v * _options.Latent));
        }
        return new Samples(codes, new SampleShape(_options.Latent));
    }

    protected override SampleShape ShapeOf(SampleShape input) => new(_options.Latent);

    protected override void WriteState(TensorState state)
    {
        state.AddPart("network", _network!.WriteState);
        state.Set<float>("offsets", [.. _scaler!.Offsets]);
        state.Set<float>("factors", [.. _scaler.Factors]);
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        Build(shape, seed: 0, "cpu");
        _network!.ReadState(state.GetPart("network"));
        _scaler = new FeatureScaler(FeatureScaling.MinMax, state.Get<float>("offsets"), state.Get<float>("factors"), shape);
    }

    protected override void Dispose(bool disposing)
    {
        _network?.Dispose();
        base.Dispose(disposing);
    }

    private void Build(SampleShape shape, int seed, string device)
    {
        _network?.Dispose();
        TorchRuntime.Prepare();
        GraphAutoencoder module = new(shape.Length, [.. _options.Hidden, _options.Latent], decodes: false, seed);
        _network = new TorchNetwork(module, shape, _options.Latent, device);
    }

    private Tensor Encode(Samples nodes)
    {
        Tensor x = _network!.Import(nodes.Values.Span, nodes.Count);
        return ((GraphAutoencoder)_network.Module).Encode(GraphConvolution.Propagation(nodes.Graph!, x.device), x);
    }

    private static Tensor Products(Tensor z, long[] from, long[] to)
    {
        using Tensor first = tensor(from), second = tensor(to);
        return (z.index_select(0, first.to(z.device)) * z.index_select(0, second.to(z.device))).sum(1);
    }

    private static (long[] From, long[] To) EdgesOf(Graph graph, ReadOnlySpan<int> nodes)
    {
        List<long> from = [], to = [];
        foreach (int node in nodes)
        {
            foreach (int neighbor in graph.NeighborsOf(node))
            {
                from.Add(node);
                to.Add(neighbor);
            }
        }
        return ([.. from], [.. to]);
    }

    // A pair is drawn again at most a few times: a graph may have all edges that there can be.
    private static (long[] From, long[] To) OtherPairs(Graph graph, ReadOnlySpan<int> nodes, int count, Random random)
    {
        List<long> from = [], to = [];
        for (int k = 0; k < Math.Max(count, nodes.Length); k++)
        {
            for (int attempt = 0; attempt < 8; attempt++)
            {
                (int i, int j) = (nodes[random.Next(nodes.Length)], random.Next(graph.Count));
                if (i == j || graph.HasEdge(i, j)) continue;
                from.Add(i);
                to.Add(j);
                break;
            }
        }
        return ([.. from], [.. to]);
    }
}
