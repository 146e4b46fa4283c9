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
/// What methods with a generator G: z → x share: the codes' prior, watching what G draws, generated samples over training as findings, drawing samples and
/// walking between them.
/// </summary>
/// <remarks>
/// How to write one (see <see cref="Gan"/>): a public options record derives from <see cref="AdversarialOptions"/> and carries <c>[Detector]</c>; the detector
/// of the same name without "Options" derives from this. <see cref="GameDetector.BuildNetworks"/> makes networks from <c>Architecture</c> and hands each to
/// <see cref="TorchDetector.Add"/>; <see cref="TorchDetector.CreatePhases"/> returns <see cref="Phase"/> of a <see cref="Game"/> (<see cref="MinimaxGame"/>,
/// <see cref="WassersteinGame"/>, or one of your own), a later phase on frozen networks being a plain <see cref="TrainingPhase"/> whose step enters them with
/// <c>Enter(training: false)</c> and calls <c>AddGradients</c> of the network that learns, which alone is moved. Steps open a dispose scope, draw all that
/// is random by <c>batch.Step</c>, and record losses in <see cref="TrainingMeasures"/>. <see cref="TorchDetector.ScoreBlock"/> and
/// <see cref="TorchDetector.AttributeBlock"/> map a batch of samples with the losses of <see cref="PerSample"/>, under <c>no_grad</c> where no gradient is
/// wanted. A method whose samples come from codes also declares <see cref="IGenerativeDetector"/>, whose methods are here. What scoring needs besides
/// networks goes into <see cref="WriteState"/> and <see cref="ReadState"/>.
/// </remarks>
/// <param name="options">The method's options.</param>
internal abstract class AdversarialDetector(AdversarialOptions options) : GameDetector(options), IFindings
{
    private const int FindingSeed = 0x6E015E;

    private GeneratedSamples? _generated;
    private GeneratorMonitor? _monitor;

    /// <summary>The method's options, as far as methods share them.</summary>
    protected AdversarialOptions Options => options;

    /// <summary>G.</summary>
    protected abstract TorchNetwork Generator { get; }

    /// <summary>Codes whose samples are near the given ones (as networks see them): <c>[n, …]</c> → <c>[n, k]</c>.</summary>
    protected abstract Tensor Encode(Tensor x);

    /// <inheritdoc/>
    protected override string Remedy => string.Create(
        CultureInfo.InvariantCulture, $"Try a smaller learningRate (it is {options.LearningRate}), fewer epochs, a larger batchSize, or wgan with penalty=gradient.");

    /// <summary>Codes for scoring and for pictures: the same in every process.</summary>
    protected LatentNoise Codes => new(options.Prior, Generator.InputSize, FindingSeed);

    /// <inheritdoc/>
    public IReadOnlyList<Finding> Findings => _generated?.Describe() is { } finding ? [finding] : [];

    /// <inheritdoc/>
    protected override void FitCore(Samples samples, FitContext context)
    {
        (_generated, _monitor) = (null, null);
        base.FitCore(samples, context);
        _monitor?.Finish(context.Warn, DisplayName, Remedy);
        _generated = _monitor?.Generated;
        // What is only needed to train.
        _monitor = null;
    }

    /// <summary>A game as a phase of the training: with measures, the generator watched, and the best epoch on held-out samples.</summary>
    /// <param name="name">Name in progress.</param>
    /// <param name="game">The game.</param>
    /// <param name="samples">Training samples, as the networks see them.</param>
    /// <param name="validation">What is watched on held-out samples.</param>
    protected TrainingPhase Phase(string name, Game game, Samples samples, ValidationLoss validation)
    {
        GeneratorMonitor monitor = new(Generator, Codes, samples, options.Epochs);
        _monitor = monitor;
        return GamePhase(name, game, validation) with
        {
            Memory = monitor,
            Measures = epoch =>
            {
                game.EndEpoch();
                monitor.Look(epoch);
                game.Measures.Record("diversity", monitor.Diversity);
                return game.Measures.EndEpoch();
            },
        };
    }

    /// <summary>Draws samples: <see cref="IGenerativeDetector.Generate"/>.</summary>
    public Samples Generate(int count, int seed) => Decode(Drawn(seed).Values(count, 0), count, Generator);

    /// <summary>A straight line between the codes of two samples: <see cref="IInterpolatingDetector.Interpolate"/>.</summary>
    public Samples Interpolate(Samples ends, int steps) => Interpolate(ends, steps, Encode, Generator);

    /// <summary>A straight line between two drawn codes: <see cref="IGenerativeDetector.Interpolate"/>.</summary>
    public Samples Interpolate(int steps, int seed)
    {
        LatentNoise codes = Drawn(seed);
        return Decode(CodeWalk.BetweenDrawn(number => codes.Values(2, number), codes.Deviation, steps), steps, Generator);
    }

    private LatentNoise Drawn(int seed) => new(options.Prior, Generator.InputSize, seed);

    /// <inheritdoc/>
    protected override void WriteState(TensorState state)
    {
        base.WriteState(state);
        TensorState generated = new();
        (_generated ?? new GeneratedSamples(Shape!)).WriteState(generated);
        state.AddPart("generated", generated);
    }

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape)
    {
        base.ReadState(state, shape);
        _generated = new GeneratedSamples(shape);
        _generated.ReadState(state.GetPart("generated"));
    }
}
