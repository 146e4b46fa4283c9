using AnomalySharp.Persistence;
using AnomalySharp.Torch.Native;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors;

/// <summary>
/// A method written with tensors and autograd: it builds its networks, gives the phases of its training, and scores blocks of samples as tensors. The
/// loop (epochs, checkpoints, cancellation, early stopping, progress), the optimisers over flat parameters, and the state are those of every other
/// detector.
/// </summary>
/// <param name="options">The method's options.</param>
internal abstract class TorchDetector(NetworkDetectorOptions options) : Detector
{
    // Blocks have one size, the last one filled up: libtorch sums in another order for another size, and a score must not depend on what else is
    // scored.
    private const int Vectors = 64;

    /// <summary>Pictures in a block.</summary>
    private protected const int Pictures = 16;

    private readonly List<(string Name, TorchNetwork Network)> _networks = [];

    /// <summary>Every network that is trained or scored with, as checkpoints and model files store them.</summary>
    protected IReadOnlyList<TorchNetwork> Networks => [.. _networks.Select(named => named.Network)];

    /// <summary>Makes the networks for samples of a shape and hands each to <see cref="Add"/>.</summary>
    protected abstract void Build(SampleShape shape, int seed, string device);

    /// <summary>The training, on networks that are built.</summary>
    /// <param name="samples">As <see cref="Prepare"/> gives them.</param>
    /// <param name="context">Seed, warnings.</param>
    protected abstract IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context);

    /// <summary>
    /// Scores of a block of samples: <c>[n, …]</c> → <c>[n]</c>. Called from several threads at once; what it makes is disposed of after it.
    /// </summary>
    protected abstract Tensor ScoreBlock(Tensor x);

    /// <summary>
    /// Contributions of each value of a block of samples, of the same shape. Called likewise. Methods that explain scores by changed samples override
    /// <see cref="AttributeCore"/> instead.
    /// </summary>
    protected virtual Tensor AttributeBlock(Tensor x) => throw new NotSupportedException($"{DisplayName} has no gradient to explain scores with.");

    /// <summary>Whether <see cref="ScoreBlock"/> always gets a whole block, or the last samples as few as they are.</summary>
    private protected virtual bool FillsBlocks => true;

    /// <summary>Samples as the networks see them.</summary>
    protected virtual Samples Prepare(Samples samples) => samples;

    /// <summary>Takes a network over: it is stored under this name and disposed of with the detector.</summary>
    protected TorchNetwork Add(string name, TorchNetwork network)
    {
        _networks.Add((name, network));
        return network;
    }

    /// <inheritdoc/>
    protected override void FitCore(Samples samples, FitContext context)
    {
        Release();
        TorchRuntime.Prepare();
        Build(samples.Shape, context.CreateRandom(-1).Next(), context.Device);
        Samples prepared = Prepare(samples);
        IReadOnlyList<TrainingPhase> phases = CreatePhases(prepared, context);
        new TrainingLoop(DisplayName, prepared, options, context, Networks).Run(phases);
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(Samples samples)
    {
        float[] scores = new float[samples.Count];
        ForEachBlock(samples, ScoreBlock, (start, values) => values.CopyTo(scores.AsSpan(start)), valuesPerSample: 1, FillsBlocks);
        // Weights are finite, so NaN is a difference of infinities: a sample too far away for float32.
        for (int i = 0; i < scores.Length; i++) scores[i] = float.IsNaN(scores[i]) ? float.PositiveInfinity : scores[i];
        return scores;
    }

    /// <inheritdoc/>
    protected override float[] AttributeCore(Samples samples)
    {
        int width = samples.Shape.Length;
        float[] attributions = new float[samples.Count * width];
        ForEachBlock(samples, AttributeBlock, (start, values) => values.CopyTo(attributions.AsSpan(start * width)), width);
        for (int i = 0; i < attributions.Length; i++)
        {
            attributions[i] = float.IsNaN(attributions[i]) ? float.MaxValue : Math.Clamp(attributions[i], -float.MaxValue, float.MaxValue);
        }
        return attributions;
    }

    /// <inheritdoc/>
    protected override void WriteState(TensorState state)
    {
        foreach ((string name, TorchNetwork network) in _networks)
        {
            state.AddPart(name, network.WriteState);
        }
    }

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape)
    {
        Release();
        TorchRuntime.Prepare();
        Build(shape, seed: 0, "cpu");
        foreach ((string name, TorchNetwork network) in _networks) network.ReadState(state.GetPart(name));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Release();
        base.Dispose(disposing);
    }

    private protected delegate void BlockAction(int start, ReadOnlySpan<float> values);

    /// <summary>Maps samples block by block.</summary>
    /// <param name="samples">As they came.</param>
    /// <param name="map">A block of samples as the networks see them → values per sample.</param>
    /// <param name="action">Gets the values.</param>
    /// <param name="valuesPerSample">Their number.</param>
    /// <param name="filled">Whether the last block is filled up with zeros; otherwise <paramref name="map"/> sees to it.</param>
    private protected void ForEachBlock(Samples samples, Func<Tensor, Tensor> map, BlockAction action, int valuesPerSample, bool filled = true)
    {
        Samples prepared = Prepare(samples);
        int width = samples.Shape.Length, block = samples.Shape.Rank >= 3 ? Pictures : Vectors;
        Device device = _networks[0].Network.Device;
        long[] shape = [.. samples.Shape.Dimensions.Select(extent => (long)extent)];
        foreach ((_, TorchNetwork used) in _networks) used.Enter(training: false);
        for (int start = 0; start < samples.Count; start += block)
        {
            int rows = Math.Min(block, samples.Count - start);
            using DisposeScope scope = NewDisposeScope();
            Tensor x = TorchNetwork.Import(prepared.Slice(start, rows).Values.Span, filled ? block : rows, shape, device);
            using Tensor result = TorchNetwork.Export(map(x));
            action(start, TorchNetwork.Floats(result)[..(rows * valuesPerSample)]);
        }
    }

    private void Release()
    {
        foreach ((_, TorchNetwork network) in _networks) network.Dispose();
        _networks.Clear();
    }
}
