using AnomalySharp.Explanation;
using AnomalySharp.Persistence;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Torch.Transformations;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors.SelfSupervised;

/// <summary>
/// What methods share that learn to recognise transformations T_1 … T_K of pictures: the network, its training, and what it answers.
/// </summary>
/// <remarks>
/// Pictures keep their size (the papers' code pads 28×28 to 32×32) and are translated by a quarter of it, as 8 is of 32. What is outside of the
/// range of the training pictures, where the network was never asked, counts as the nearest picture within and the distance to it.
/// </remarks>
/// <param name="options">The method's options.</param>
internal abstract class TransformationDetector(TransformationOptions options) : TorchDetector(options)
{
    private FeatureModel? _classifier;
    private TransformationTable? _table;
    private Scalar? _share;
    private TrainingRange? _range;
    private float[] _usual = [];

    /// <summary>K.</summary>
    protected int TransformationCount => _table!.Count;

    /// <summary>1/K, for means over the transformations.</summary>
    protected Scalar Share => _share!;

    /// <summary>The network, with the features before its last layer.</summary>
    protected FeatureModel Classifier => _classifier!;

    /// <summary>The range of the training pictures.</summary>
    protected TrainingRange Range => _range ?? throw new InvalidOperationException("The range is found by training or read from a state.");

    /// <summary>The mean training picture, as the network sees it.</summary>
    protected ReadOnlyMemory<float> Usual => _usual;

    /// <inheritdoc/>
    protected override void Build(SampleShape shape, int seed, string device)
    {
        ReleaseTable();
        IReadOnlyList<PictureTransformation> transformations = options.Transformations.Create(shape[1], shape[2]);
        _classifier = options.Network.Create(shape, transformations.Count, seed, device);
        Add("classifier", _classifier.Network);
        _table = new TransformationTable(transformations, _classifier.Network.Device);
        _share = KeptScalar.Once(1.0 / transformations.Count);
    }

    /// <inheritdoc/>
    protected override Samples Prepare(Samples samples) => Range.Apply(samples);

    /// <inheritdoc/>
    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        TransformationTask task = new(_classifier!.Network, _table!, samples.Count, context.CreateRandom(-2), context.KnownLabels)
        {
            Precision = options.Precision,
        };
        Optimizer optimizer = Optimizer.Create(options, _classifier.Network);
        return
        [
            new TrainingPhase
            {
                Epochs = task.Passes(options.Epochs),
                Step = (in TrainingBatch batch) => task.Step(batch, optimizer),
                Optimizers = [optimizer],
                Validation = task.Validation,
                Measures = _ => task.Measures.EndEpoch(),
            },
        ];
    }

    /// <inheritdoc/>
    protected override void FitCore(Samples samples, FitContext context)
    {
        _range = TrainingRange.Of(samples);
        base.FitCore(samples, context);
        _usual = Occlusion.Mean(Prepare(samples));
    }

    /// <summary>log P(· | T_i(x)) of pictures as the network sees them: <c>[n,K]</c>.</summary>
    protected Tensor LogProbabilities(Tensor x, int i) => nn.functional.log_softmax(_classifier!.Module.call(_table!.Apply(x, i)), 1);

    /// <summary>The same for all of them at once: <c>[K,n,K]</c>, in calls of a block that are filled up with zeros.</summary>
    protected Tensor LogProbabilities(Tensor x)
    {
        int k = TransformationCount, count = k * (int)x.size(0), block = Classifier.Network.BlockSize;
        Tensor[] transformed = [.. Enumerable.Range(0, k).Select(i => _table!.Apply(x, i))];
        int missing = (block - (count % block)) % block;
        Tensor all = ConvolutionalGeometry.ChannelsLast(cat([.. transformed, zeros([missing, .. x.shape[1..]], device: x.device)]));
        Tensor[] answers =
        [
            .. Enumerable.Range(0, (count + missing) / block).Select(i =>
            {
                // What the layers made of one call goes before the next.
                using DisposeScope scope = NewDisposeScope();
                return nn.functional.log_softmax(_classifier!.Module.call(all.narrow(0, i * block, block)), 1).MoveToOuterDisposeScope();
            }),
        ];
        return cat(answers).narrow(0, 0, count).unflatten(0, [k, x.size(0)]);
    }

    /// <inheritdoc/>
    protected override void WriteState(TensorState state)
    {
        base.WriteState(state);
        state.AddPart("range", Range.WriteState);
        state.Set<float>("usual", _usual);
    }

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape)
    {
        _range = TrainingRange.Read(state.GetPart("range"), shape);
        _usual = state.Get<float>("usual", shape.Length);
        base.ReadState(state, shape);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        ReleaseTable();
        base.Dispose(disposing);
    }

    private void ReleaseTable()
    {
        _table?.Dispose();
        _share?.Dispose();
        (_table, _share) = (null, null);
    }
}
