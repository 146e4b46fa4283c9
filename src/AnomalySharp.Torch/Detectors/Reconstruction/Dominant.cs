using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Graphs;
using AnomalySharp.Preprocessing;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace AnomalySharp.Torch.Detectors.Reconstruction;

/// <summary>How edges are made of the codes of nodes.</summary>
public enum EdgeDecoder
{
    /// <summary>ZZᵀ: as the paper's authors have it in their code.</summary>
    Product,

    /// <summary>σ(ZZᵀ): as the paper has it. Takes time of the order of the square of the nodes in a training step, see <c>batchSize</c>.</summary>
    Sigmoid,
}

/// <summary>
/// Options of the detector <c>dominant</c>. Widths, step size and epochs are those of the authors' code; with more nodes than the batch size, a step learns
/// from that many nodes, and codes are of all of them.
/// </summary>
[Detector(
    "dominant",
    Family = DetectorFamily.Reconstruction,
    Summary = "Reconstructs the features and the edges of a graph's nodes from codes of their neighbourhoods; a node badly reconstructed is abnormal.",
    Paper = "Ding, Li, Bhanushali, Liu: Deep anomaly detection on attributed networks. SDM 2019",
    Kinds = DataKinds.Graph,
    TorchKinds = DataKinds.Graph)]
public sealed record DominantOptions : NetworkDetectorOptions
{
    /// <summary>Options with the defaults of the method.</summary>
    public DominantOptions() => (Epochs, BatchSize, LearningRate, ValidationFraction, Patience) = (100, 4096, 5e-3, 0, 0);

    /// <summary>Widths of the encoder's layers; the last is that of the code. The default value is 64, 64.</summary>
    [Description("Widths of the encoder's layers; the last is that of the code."), Range(1, 4096)]
    public IReadOnlyList<int> Hidden { get; init; } = [64, 64];

    /// <summary>α: weight of the error of features; that of edges has the rest. The default value is 0.5.</summary>
    [Description("Weight of the error of features; that of edges has the rest."), Range(0.0, 1.0)]
    public double Alpha { get; init; } = 0.5;

    /// <summary>How edges are made of codes. The default value is <see cref="EdgeDecoder.Product"/>.</summary>
    [Description("How edges are made of codes.")]
    public EdgeDecoder Decoder { get; init; } = EdgeDecoder.Product;

    /// <summary>Words of texts, which are 0 or 1, stay as they are; other features come to the range of edges.</summary>
    public override FeatureScaling PreferredScaling => FeatureScaling.MinMax;

    /// <inheritdoc/>
    protected override Detector Create()
    {
        GraphConvolution.RequireAllNodes(this);
        return new Dominant(this);
    }
}

/// <summary>
/// Codes Z of the nodes by graph convolutions, X̂ by one more, Â by products of codes. The score of node i, and its part in the loss, is
/// α‖x_i − x̂_i‖₂ + (1 − α)‖a_i − â_i‖₂.
/// </summary>
/// <remarks>
/// Differences from the paper: the loss has norms of rows and not their squares, and edges may be decoded without σ, both as in the authors' code (products
/// of codes are as often positive as negative, so that σ of them cannot be small for most pairs, as it should); the last layer of encoder and decoder has no
/// ReLU, so that codes and features may be negative.
/// </remarks>
internal sealed class Dominant(DominantOptions options) : TorchDetector(options), IEdgeEffects
{
    public override bool SeesGraph => true;

    private TorchNetwork Network => Networks[0];

    public IReadOnlyList<IReadOnlyList<EdgeEffect>> EdgeEffects(Samples samples, IReadOnlyList<int> nodes, int top)
    {
        Reconstruction found = Reconstruct(samples);
        return [.. nodes.Select(node => Strongest(node))];

        EdgeEffect[] Strongest(int node)
        {
            int width = found.Codes.Length / samples.Count;
            ReadOnlyMemory<float> own = found.Codes.AsMemory(node * width, width);
            return
            [
                .. Enumerable.Range(0, samples.Count).Where(other => other != node).Select(other =>
                {
                    float product = TensorPrimitives.Dot(own.Span, found.Codes.AsSpan(other * width, width));
                    double expected = options.Decoder == EdgeDecoder.Sigmoid ? 1 / (1 + Math.Exp(-product)) : product;
                    bool exists = samples.Graph!.HasEdge(node, other);
                    double error = (exists ? 1 : 0) - expected;
                    return new EdgeEffect(other, exists, Math.Clamp(expected, 0, 1), (1 - options.Alpha) * error * error / found.Edges[node]);
                })
                .OrderByDescending(effect => effect.Contribution).ThenBy(effect => effect.Other).Take(top),
            ];
        }
    }

    protected override void Build(SampleShape shape, int seed, string device)
    {
        if (options.Hidden.Count == 0) throw new OptionException("dominant needs at least one layer: hidden cannot be none.");
        Add("network", new TorchNetwork(new GraphAutoencoder(shape.Length, options.Hidden, decodes: true, seed), shape, shape.Length, device));
    }

    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        Optimizer optimizer = Optimizer.Create(options, Network);

        double Step(in TrainingBatch batch)
        {
            using DisposeScope scope = NewDisposeScope();
            Network.Enter(training: true);
            (Tensor differences, Tensor z) = Run(samples);
            Tensor rows = tensor(Array.ConvertAll(batch.Rows.ToArray(), row => (long)row)).to(z.device);
            // The root has no slope at 0.
            Tensor features = differences.Squared().sum(1).Plus(1e-12).sqrt().index_select(0, rows).mean();
            Tensor edges = options.Decoder == EdgeDecoder.Sigmoid
                ? SigmoidDecoder.MeanError(z, samples.Graph!, batch.Rows)
                : ProductDecoder.Errors(z, samples.Graph!).index_select(0, rows).mean();
            Tensor loss = features.Times(options.Alpha).Plus(edges.Times(1 - options.Alpha));
            Network.AddGradients(loss);
            optimizer.Step();
            return loss.Number();
        }

        return [new TrainingPhase { Epochs = options.Epochs, Step = Step, Optimizers = [optimizer] }];
    }

    protected override float[] ScoreCore(Samples samples)
    {
        Reconstruction found = Reconstruct(samples);
        int width = samples.Shape.Length;
        float[] scores = new float[samples.Count];
        for (int i = 0; i < scores.Length; i++)
        {
            float features = TensorPrimitives.Norm<float>(found.Differences.AsSpan(i * width, width));
            float score = (float)((options.Alpha * features) + ((1 - options.Alpha) * found.Edges[i]));
            scores[i] = float.IsNaN(score) ? float.PositiveInfinity : score;
        }
        return scores;
    }

    // The parts of the first norm: α(x_ij − x̂_ij)²/‖x_i − x̂_i‖₂.
    protected override float[] AttributeCore(Samples samples)
    {
        float[] parts = Reconstruct(samples).Differences;
        int width = samples.Shape.Length;
        for (int i = 0; i < samples.Count; i++)
        {
            Span<float> row = parts.AsSpan(i * width, width);
            double norm = Math.Max(TensorPrimitives.Norm<float>(row), 1e-12);
            foreach (ref float part in row)
            {
                double contribution = options.Alpha * part * (part / norm);
                part = double.IsNaN(contribution) ? float.MaxValue : (float)Math.Min(contribution, float.MaxValue);
            }
        }
        return parts;
    }

    protected override Tensor ScoreBlock(Tensor x) => throw new NotSupportedException("Nodes are scored with their graph.");

    private (Tensor Differences, Tensor Z) Run(Samples samples)
    {
        GraphAutoencoder module = (GraphAutoencoder)Network.Module;
        Tensor x = Network.Import(samples.Values.Span, samples.Count), propagation = GraphConvolution.Propagation(samples.Graph!, x.device);
        Tensor z = module.Encode(propagation, x);
        return (x - module.Decode(propagation, z), z);
    }

    private Reconstruction Reconstruct(Samples samples)
    {
        Network.Enter(training: false);
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        (Tensor difference, Tensor z) = Run(samples);
        using Tensor differences = TorchNetwork.Export(difference), codes = TorchNetwork.Export(z);
        int[] all = [.. Enumerable.Range(0, samples.Count)];
        float[] edges = options.Decoder == EdgeDecoder.Sigmoid
            ? SigmoidDecoder.Errors(codes, samples.Graph!, all, all, null)
            : ExactErrors(codes, samples.Graph!);
        for (int i = 0; i < edges.Length; i++) edges[i] = Math.Max(edges[i], 1e-12f);
        return new Reconstruction(TorchNetwork.Floats(differences).ToArray(), edges, TorchNetwork.Floats(codes).ToArray());
    }

    // In double precision: codes of what is far off are large, and there are products of four of them.
    private static float[] ExactErrors(Tensor codes, Graph graph) =>
        Array.ConvertAll(ProductDecoder.Errors(codes.to(ScalarType.Float64), graph).data<double>().ToArray(), error => (float)error);

    /// <summary>X − X̂, the errors ‖a_i − â_i‖₂, and Z.</summary>
    private sealed record Reconstruction(float[] Differences, float[] Edges, float[] Codes);
}
