using System.Globalization;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors.Adversarial;

/// <summary>
/// What methods with a generator G: z → x share: the range of pictures, the codes' prior, watching the game, generated samples over training as
/// findings, drawing samples and walking between them.
/// </summary>
/// <remarks>
/// How to write one (see <see cref="Gan"/>): a public options record derives from <see cref="AdversarialOptions"/> and carries <c>[Detector]</c>; the
/// detector of the same name without "Options" derives from this. <see cref="BuildNetworks"/> makes networks from <c>Architecture</c> and hands each
/// to <see cref="TorchDetector.Add"/>; <see cref="TorchDetector.CreatePhases"/> returns <see cref="Phase"/> of an <see cref="AdversarialGame"/>
/// (minimax, Wasserstein, or one of your own with other losses), a later phase on frozen networks being a plain <see cref="TrainingPhase"/> whose
/// step enters them with <c>Enter(training: false)</c> and calls <c>AddGradients</c> of the network that learns, which alone is moved. Steps open a
/// dispose scope, draw all that is random by <c>batch.Step</c>, and record losses in <see cref="TrainingMeasures"/>. <see
/// cref="TorchDetector.ScoreBlock"/> and <see cref="TorchDetector.AttributeBlock"/> map a batch of samples with the losses of <see
/// cref="PerSample"/>, under <c>no_grad</c> where no gradient is wanted. A method whose samples come from codes also declares <see
/// cref="IGenerativeDetector"/>, whose methods are here. What scoring needs besides networks goes into <see cref="WriteState"/> and <see
/// cref="ReadState"/>.
/// </remarks>
/// <param name="options">The method's options.</param>
internal abstract class AdversarialDetector(AdversarialOptions options) : TorchDetector(options), IFindings
{
    private const int FindingSeed = 0x6E015E;

    private TrainingRange? _range;
    private GeneratedSamples? _generated;
    private GeneratorMonitor? _monitor;
    private AdversarialGame? _game;

    /// <summary>The method's options, as far as methods share them.</summary>
    protected AdversarialOptions Options => options;

    /// <summary>The range of the training samples.</summary>
    protected TrainingRange Range => _range ?? throw new InvalidOperationException("The range is found by training or read from a state.");

    /// <summary>Makes the networks.</summary>
    protected abstract void BuildNetworks(AdversarialArchitecture architecture);

    /// <summary>G.</summary>
    protected abstract TorchNetwork Generator { get; }

    /// <summary>Codes whose samples are near the given ones (as networks see them): <c>[n, …]</c> → <c>[n, k]</c>.</summary>
    protected abstract Tensor Encode(Tensor x);

    /// <summary>What to try where the generator collapsed.</summary>
    protected virtual string Remedy => string.Create(
        CultureInfo.InvariantCulture,
        $"Try a smaller learningRate (it is {options.LearningRate}), fewer epochs, a larger batchSize, or wgan with penalty=gradient.");

    /// <summary>Codes for scoring and for pictures: the same in every process.</summary>
    protected LatentNoise Codes => new(options.Prior, Generator.InputSize, FindingSeed);

    /// <inheritdoc/>
    public IReadOnlyList<Finding> Findings => _generated?.Describe() is { } finding ? [finding] : [];

    /// <inheritdoc/>
    protected sealed override void Build(SampleShape shape, int seed, string device) => BuildNetworks(options.Architecture(shape, seed, device));

    /// <inheritdoc/>
    protected override Samples Prepare(Samples samples) => Range.Apply(samples);

    /// <inheritdoc/>
    protected override void FitCore(Samples samples, FitContext context)
    {
        _range = TrainingRange.Of(samples);
        (_generated, _game, _monitor) = (null, null, null);
        base.FitCore(samples, context);
        if (_game?.Trouble is string trouble) context.Warn($"{DisplayName}: {trouble} {Remedy}");
        _monitor?.Finish(context.Warn, DisplayName, Remedy);
        _generated = _monitor?.Generated;
        // What is only needed to train.
        (_game, _monitor) = (null, null);
    }

    /// <summary>A game as a phase of the training: with measures, the generator watched, and the best epoch on held-out samples.</summary>
    /// <param name="name">Name in progress.</param>
    /// <param name="game">The game.</param>
    /// <param name="samples">Training samples, as the networks see them.</param>
    /// <param name="validation">What is watched on held-out samples.</param>
    protected TrainingPhase Phase(string name, AdversarialGame game, Samples samples, ValidationLoss validation)
    {
        GeneratorMonitor monitor = new(Generator, Codes, samples, options.Epochs);
        (_game, _monitor) = (game, monitor);
        return new TrainingPhase
        {
            Name = name,
            Epochs = options.Epochs,
            Step = game.Step,
            Optimizers = game.Optimizers,
            Validation = validation,
            Memory = monitor,
            Measures = epoch =>
            {
                game.CriticAverage?.EndEpoch();
                monitor.Look(epoch);
                game.Measures.Record("diversity", monitor.Diversity);
                return game.Measures.EndEpoch();
            },
        };
    }

    /// <summary>Draws samples: <see cref="IGenerativeDetector.Generate"/>.</summary>
    public Samples Generate(int count, int seed)
    {
        float[] codes = new LatentNoise(options.Prior, Generator.InputSize, seed).Values(count, 0);
        return Decode(codes, count);
    }

    /// <summary>A straight line between the codes of two samples: <see cref="IGenerativeDetector.Interpolate"/>.</summary>
    public Samples Interpolate(Samples ends, int steps)
    {
        if (ends.Count != 2 || !ends.Shape.Equals(Shape)) throw new DataException($"Interpolation goes between two samples of shape {Shape}.");
        int k = Generator.InputSize;
        float[] found = new float[2 * k], codes = new float[steps * k];
        ForEachBlock(ends, Encode, (start, values) => values.CopyTo(found.AsSpan(start * k)), k);
        for (int i = 0; i < codes.Length; i++)
        {
            float share = i / k / (float)(steps - 1);
            codes[i] = (found[i % k] * (1 - share)) + (found[k + (i % k)] * share);
        }
        return Decode(codes, steps);
    }

    private Samples Decode(ReadOnlySpan<float> codes, int count)
    {
        float[] samples = new float[count * Shape!.Length];
        Generator.Infer(codes, count, samples);
        return Range.Undo(new Samples(samples, Shape));
    }

    /// <inheritdoc/>
    protected override void WriteState(TensorState state)
    {
        base.WriteState(state);
        TensorState range = new();
        Range.WriteState(range);
        state.AddPart("range", range);
        TensorState generated = new();
        (_generated ?? new GeneratedSamples(Shape!)).WriteState(generated);
        state.AddPart("generated", generated);
    }

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape)
    {
        _range = TrainingRange.Read(state.GetPart("range"), shape);
        base.ReadState(state, shape);
        _generated = new GeneratedSamples(shape);
        _generated.ReadState(state.GetPart("generated"));
    }
}
