using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Numerics.Tensors;
using AnomalySharp.FeatureExtraction;
using AnomalySharp.Neighbors;
using AnomalySharp.Persistence;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Detectors.FeatureExtraction;

/// <summary>Options of <c>patch-core</c>.</summary>
[Detector("patch-core", Family = DetectorFamily.FeatureExtraction, Kinds = DataKinds.Image,
    Summary = "Keeps patches of normal pictures, as a network's layers see them; a patch far from all of them is abnormal. Wants --features onnx:MODEL:LAYERS.",
    Paper = "Roth, Pemula, Zepeda, Schölkopf, Brox, Gehler: Towards Total Recall in Industrial Anomaly Detection. CVPR 2022")]
public sealed record PatchCoreOptions : DetectorOptions
{
    /// <summary>Share of the patches of training that are kept, at least 100 of them. The default value is 0.01, the smallest of the paper.</summary>
    [Description("Share of the training patches that are kept, at least 100 of them."), Range(1e-4, 1)]
    public double Coreset { get; init; } = 0.01;

    /// <summary>Side p of the neighbourhood that a patch is seen with. The default value is 3.</summary>
    [Description("Side of the neighbourhood that a patch is seen with; 1 = itself."), Range(1, 15)]
    public int Neighborhood { get; init; } = 3;

    /// <summary>What becomes of the neighbourhood. The default value is the mean, and of maps of few channels, such as the picture itself, all values.</summary>
    [Description("What becomes of a neighbourhood: the mean of each channel, or all values; auto = the mean, but all values of maps of fewer than 16 channels.")]
    public PatchNeighborhood Pooling { get; init; } = PatchNeighborhood.Auto;

    /// <summary>b, the neighbours in the memory by which the score of a picture is weighted. The default value is 9; 1 leaves it unweighted.</summary>
    [Description("Neighbours in the memory by which the score of a picture is weighted; 1 = unweighted."), Range(1, 1000)]
    public int Neighbors { get; init; } = 9;

    /// <summary>Values that patches are projected to, at random, while those to keep are chosen. The default value is 128.</summary>
    [Description("Values that patches are projected to, at random, while those to keep are chosen."), Range(1, 4096)]
    public int Projection { get; init; } = 128;

    /// <summary>None: distances are of the features as the network makes them.</summary>
    public override FeatureScaling PreferredScaling => FeatureScaling.None;

    /// <summary>Maps.</summary>
    public override FeatureForm PreferredFeatures => FeatureForm.Maps;

    /// <inheritdoc/>
    protected override Detector Create() => new PatchCore(this);
}

/// <summary>
/// The memory M holds patches of the training pictures, of which a greedy k-centre choice has kept the most different ones. The score of a patch is the distance
/// to the nearest m* in M; that of a picture is the greatest one s*, times w = 1 − exp s* / Σ exp ‖m_test − m‖ over the b patches m in M nearest to m*.
/// </summary>
/// <remarks>
/// Samples are feature maps <c>[c,h,w]</c>: of a network, or pictures themselves. One patch in M that equals the scored one is passed over, as <c>knn</c> does it,
/// so that training pictures are not their own neighbours. As in the authors' code, b includes m*. Maps are not smoothed here: that is for
/// <see cref="Explanation.HeatMaps"/>.
/// </remarks>
internal sealed class PatchCore(PatchCoreOptions options) : Detector
{
    private const int FewestKept = 100, ChoicePurpose = 0x0C02;

    private NeighborIndex? _memory;

    protected override void FitCore(Samples samples, FitContext context)
    {
        MapPatches patches = new(samples.Shape, options.Neighborhood, options.Pooling);
        if ((long)samples.Count * patches.PerSample * patches.Width > Array.MaxLength)
        {
            throw new DataException(
                $"{samples.Count} pictures have {(long)samples.Count * patches.PerSample} patches of {patches.Width} values, more than fit into one array. "
                + "Use fewer pictures or smaller feature maps.");
        }
        float[] all = new float[samples.Count * patches.PerSample * patches.Width];
        int length = patches.PerSample * patches.Width;
        Parallel.For(
            0,
            samples.Count,
            new ParallelOptions { MaxDegreeOfParallelism = context.Threads, CancellationToken = context.Cancellation },
            i => patches.Write(samples[i], all.AsSpan(i * length, length)));
        int count = all.Length / patches.Width;
        int kept = Math.Min(count, Math.Max(FewestKept, (int)Math.Round(options.Coreset * count)));
        int[] chosen = new GreedyCoreset(all, patches.Width, options.Projection, context.CreateRandom(ChoicePurpose)).Choose(kept, context);
        _memory = new NeighborIndex(new Samples(all, new SampleShape(patches.Width)).Select(chosen).Values.Span, patches.Width);
    }

    protected override float[] ScoreCore(Samples samples)
    {
        float[] scores = new float[samples.Count];
        ForEach(samples, (i, patches, nearest, squares) =>
        {
            int worst = TensorPrimitives.IndexOfMax(squares);
            scores[i] = MathF.Sqrt(squares[worst]) * Weight(patches.Slice(worst * _memory!.Width, _memory.Width), nearest[worst], MathF.Sqrt(squares[worst]));
        });
        return scores;
    }

    /// <summary>The distance of each patch at its place, shared among the channels as they contribute to its square.</summary>
    protected override float[] AttributeCore(Samples samples)
    {
        float[] attributions = new float[samples.Values.Length];
        MapPatches layout = Layout(samples.Shape);
        float[] difference = new float[_memory!.Width];
        ForEach(samples, (i, patches, nearest, squares) =>
        {
            Span<float> target = attributions.AsSpan(i * samples.Shape.Length, samples.Shape.Length);
            for (int p = 0; p < squares.Length; p++)
            {
                TensorPrimitives.Subtract(patches.Slice(p * _memory.Width, _memory.Width), _memory[nearest[p]], difference);
                layout.Share(difference, MathF.Sqrt(squares[p]), p, target);
            }
        });
        return attributions;
    }

    protected override void WriteState(TensorState state) => _memory!.WriteRows(state);

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        int width = new MapPatches(shape, options.Neighborhood, options.Pooling).Width;
        Samples rows = NeighborIndex.ReadRows(state, new SampleShape(width), fewest: 2);
        _memory = new NeighborIndex(rows.Values.Span, width);
    }

    private delegate void PatchAction(int sample, ReadOnlySpan<float> patches, ReadOnlySpan<int> nearest, ReadOnlySpan<float> squares);

    private MapPatches Layout(SampleShape shape) => new(shape, options.Neighborhood, options.Pooling);

    private void ForEach(Samples samples, PatchAction action)
    {
        MapPatches layout = Layout(samples.Shape);
        float[] patches = new float[layout.PerSample * layout.Width], squares = new float[layout.PerSample];
        int[] nearest = new int[layout.PerSample];
        for (int i = 0; i < samples.Count; i++)
        {
            layout.Write(samples[i], patches);
            _memory!.SearchOthers(patches, 1, nearest, squares);
            // Beyond float32's squares all are as far.
            for (int p = 0; p < squares.Length; p++) squares[p] = squares[p] <= float.MaxValue ? squares[p] : float.MaxValue;
            action(i, patches, nearest, squares);
        }
    }

    /// <summary>w: low where the neighbours of m* are as near to the patch as m* itself, so that m* is nothing rare.</summary>
    private float Weight(ReadOnlySpan<float> patch, int nearest, float distance)
    {
        int b = Math.Min(options.Neighbors, _memory!.Count);
        if (options.Neighbors == 1 || b == 1) return 1;
        int[] around = new int[b];
        _memory.Search(_memory[nearest], b, around, new float[b]);
        // exp s* / Σ exp d = 1 / Σ exp (d − s*). m* is among the b, unless b others equal it.
        double sum = 0;
        foreach (int row in around) sum += Math.Exp(Math.Min(700, TensorPrimitives.Distance(patch, _memory[row]) - (double)distance));
        return double.IsNaN(sum) ? 1 : (float)(1 - (1 / Math.Max(1, sum)));
    }
}
