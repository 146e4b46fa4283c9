using System.Buffers;
using System.Numerics.Tensors;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.Reconstruction;

/// <summary>
/// What methods with an encoder f and a decoder g share: networks from the options, x̂ = g(f(x)) block by block, the score mean (x − x̂)² over a
/// sample's values, which is also its attribution value by value, and the state. A method supplies its training, and what it wants otherwise.
/// </summary>
/// <param name="options">The method's options.</param>
public abstract class ReconstructionDetector(ReconstructionOptions options) : Detector
{
    /// <summary>Values per block of scoring, so that its scratch stays in the caches.</summary>
    private const int BlockValues = 16384;

    private AutoencoderNetworks? _networks;
    private AutoencoderArchitecture? _architecture;

    /// <summary>The networks, once <see cref="FitCore"/> or <see cref="ReadState"/> has built them.</summary>
    protected AutoencoderNetworks Networks => _networks ?? throw new InvalidOperationException("The networks are built by training or by reading a state.");

    /// <summary>Builds the networks and runs the phases of <see cref="CreatePhases"/> over them.</summary>
    protected override void FitCore(Samples samples, FitContext context)
    {
        Build(Architecture(samples.Shape) with { Seed = context.CreateRandom(-1).Next(), Device = context.Device });
        IReadOnlyList<TrainingPhase> phases = CreatePhases(samples, context);
        new TrainingLoop(DisplayName, samples, options, context, TrainedNetworks).Run(phases);
    }

    /// <summary>The method's training: steps and losses on <see cref="Networks"/>, which are built.</summary>
    protected abstract IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context);

    /// <summary>For methods that neither noise nor a penalty keeps from copying their input.</summary>
    protected void WarnOfWideCode(SampleShape shape, FitContext context)
    {
        if (Networks.Encoder.OutputSize <= shape.Length) return;
        context.Warn(
            $"{DisplayName}: the code has {Networks.Encoder.OutputSize} units and a sample {shape.Length} values: an autoencoder may copy anomalies "
            + "through it. A smaller latent, or noise or a penalty in training, would not.");
    }

    /// <summary>Every network that some phase learns, as checkpoints store them: the encoder and the decoder.</summary>
    protected virtual IReadOnlyList<Network> TrainedNetworks => Networks.Both;

    /// <summary>The networks that the options ask for. A method overrides it for what it fixes itself, such as the function of its code.</summary>
    protected virtual AutoencoderArchitecture Architecture(SampleShape shape) => new()
    {
        Shape = shape,
        Hidden = options.Hidden ?? DefaultHidden(shape),
        Latent = options.Latent ?? DefaultLatent(shape),
        Activation = options.Activation ?? (shape.Rank == 3 ? Activation.Relu : Activation.Tanh),
        OutputActivation = options.OutputActivation,
        Dropout = (float)options.Dropout,
        BatchNormalization = options.BatchNormalization,
    };

    /// <summary>Hidden widths where the options leave them open.</summary>
    protected virtual IReadOnlyList<int> DefaultHidden(SampleShape shape) => AutoencoderArchitecture.DefaultHidden(shape);

    /// <summary>Size of the code where the options leave it open: a quarter of a sample's values, at least 1, at most 32, and for pictures 64.</summary>
    protected virtual int DefaultLatent(SampleShape shape) => shape.Rank == 3 ? 64 : Math.Clamp((shape.Length + 3) / 4, 1, 32);

    /// <summary>Makes the networks. A method overrides it where its encoder gives more than the code.</summary>
    protected virtual AutoencoderNetworks CreateNetworks(AutoencoderArchitecture architecture) => AutoencoderNetworks.Create(architecture);

    /// <summary>x → x̂ for scoring. Called from several threads at once.</summary>
    /// <param name="samples">Row-major, <paramref name="count"/> samples.</param>
    /// <param name="count">Number of samples.</param>
    /// <param name="reconstruction">Receives as many values.</param>
    protected virtual void Reconstruct(ReadOnlySpan<float> samples, int count, Span<float> reconstruction) =>
        Networks.Reconstruct(samples, count, reconstruction);

    /// <summary>The code of each sample: of an encoder that gives several values per unit of it, the first ones.</summary>
    internal Samples Encode(Samples samples)
    {
        int width = samples.Shape.Length, given = Networks.Encoder.OutputSize, latent = Math.Min(given, _architecture!.Latent);
        float[] codes = new float[samples.Count * latent], block = new float[Math.Min(samples.Count, BlockSamples(width)) * given];
        for (int start = 0; start < samples.Count; start += BlockSamples(width))
        {
            int rows = Math.Min(BlockSamples(width), samples.Count - start);
            Networks.Encoder.Infer(samples.Values.Span.Slice(start * width, rows * width), rows, block);
            for (int i = 0; i < rows; i++) block.AsSpan(i * given, latent).CopyTo(codes.AsSpan((start + i) * latent));
        }
        return samples.WithValues(codes, new SampleShape(latent));
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(Samples samples)
    {
        float[] scores = new float[samples.Count];
        int width = samples.Shape.Length;
        ForEachBlock(samples, (start, x, reconstruction) =>
        {
            for (int i = 0; i < x.Length / width; i++)
            {
                float score = SquaredError.OfSample(reconstruction.Slice(i * width, width), x.Slice(i * width, width));
                // The weights are finite, so NaN is a difference of infinities: a sample too far away for float32.
                scores[start + i] = float.IsNaN(score) ? float.PositiveInfinity : score;
            }
        });
        return scores;
    }

    /// <summary>(x − x̂)² of each value.</summary>
    protected override float[] AttributeCore(Samples samples)
    {
        float[] attributions = new float[samples.Values.Length];
        ForEachBlock(samples, (start, x, reconstruction) =>
        {
            Span<float> target = attributions.AsSpan(start * samples.Shape.Length, x.Length);
            TensorPrimitives.Subtract(reconstruction, x, target);
            TensorPrimitives.Multiply(target, target, target);
            for (int i = 0; i < target.Length; i++) target[i] = target[i] <= float.MaxValue ? target[i] : float.MaxValue;
        });
        return attributions;
    }

    /// <summary>The widths, so that a later version may choose others, and the weights.</summary>
    protected override void WriteState(TensorState state)
    {
        NetworkWidths.Write(state, _architecture!.Hidden!, _architecture.Latent);
        Networks.WriteState(state);
    }

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape)
    {
        (int[] hidden, int latent) = NetworkWidths.Read(state);
        Build(Architecture(shape) with { Hidden = hidden, Latent = latent });
        Networks.ReadState(state);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _networks?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Samples and their reconstructions of one block.</summary>
    /// <param name="start">Position of the first sample.</param>
    /// <param name="x">The samples, row-major.</param>
    /// <param name="reconstruction">x̂, likewise.</param>
    protected delegate void BlockAction(int start, ReadOnlySpan<float> x, ReadOnlySpan<float> reconstruction);

    /// <summary>Reconstructs all samples, block after block.</summary>
    protected void ForEachBlock(Samples samples, BlockAction action)
    {
        int width = samples.Shape.Length, block = BlockSamples(width);
        float[] reconstruction = ArrayPool<float>.Shared.Rent(Math.Min(block, samples.Count) * width);
        for (int start = 0; start < samples.Count; start += block)
        {
            int rows = Math.Min(block, samples.Count - start);
            ReadOnlySpan<float> x = samples.Values.Span.Slice(start * width, rows * width);
            Reconstruct(x, rows, reconstruction);
            action(start, x, reconstruction.AsSpan(0, x.Length));
        }
        ArrayPool<float>.Shared.Return(reconstruction);
    }

    private static int BlockSamples(int width) => Math.Clamp(BlockValues / width / 16 * 16, 16, 1024);

    private void Build(AutoencoderArchitecture architecture)
    {
        _networks?.Dispose();
        (_networks, _architecture) = (null, architecture);
        _networks = CreateNetworks(architecture);
    }
}
