using System.Globalization;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors.Adversarial;

/// <summary>
/// What methods share whose networks learn against a discriminator: networks by the shape of the samples, pictures in the range that these want, a
/// <see cref="Game"/> as a phase of the training, a warning where the game went wrong.
/// </summary>
/// <param name="options">The method's options.</param>
internal abstract class GameDetector(GameOptions options) : TorchDetector(options)
{
    private TrainingRange? _range;
    private Game? _game;

    /// <summary>The range of the training samples.</summary>
    protected TrainingRange Range => _range ?? throw new InvalidOperationException("The range is found by training or read from a state.");

    /// <summary>What to try where the game went wrong.</summary>
    protected virtual string Remedy => string.Create(
        CultureInfo.InvariantCulture, $"Try a smaller learningRate (it is {options.LearningRate}), fewer epochs, or a larger batchSize.");

    /// <summary>Makes the networks.</summary>
    protected abstract void BuildNetworks(AdversarialArchitecture architecture);

    /// <inheritdoc/>
    protected sealed override void Build(SampleShape shape, int seed, string device) => BuildNetworks(options.Architecture(shape, seed, device));

    /// <inheritdoc/>
    protected override Samples Prepare(Samples samples) => Range.Apply(samples);

    /// <inheritdoc/>
    protected override void FitCore(Samples samples, FitContext context)
    {
        (_range, _game) = (TrainingRange.Of(samples), null);
        base.FitCore(samples, context);
        if (_game?.Trouble is string trouble) context.Warn($"{DisplayName}: {trouble} {Remedy}");
        // What is only needed to train.
        _game = null;
    }

    /// <summary>A game as a phase of the training, with its measures and the best epoch on held-out samples.</summary>
    /// <param name="name">Name in progress.</param>
    /// <param name="game">The game.</param>
    /// <param name="validation">What is watched on held-out samples.</param>
    protected TrainingPhase GamePhase(string name, Game game, ValidationLoss validation)
    {
        _game = game;
        return new TrainingPhase
        {
            Name = name,
            Epochs = options.Epochs,
            Step = game.Step,
            Optimizers = game.Optimizers,
            Validation = validation,
            Measures = _ =>
            {
                game.EndEpoch();
                return game.Measures.EndEpoch();
            },
        };
    }

    /// <summary>A straight line between the codes of two samples: <see cref="IInterpolatingDetector.Interpolate"/>.</summary>
    /// <param name="ends">The two samples.</param>
    /// <param name="steps">Samples on the way.</param>
    /// <param name="encode">Codes of samples (as networks see them): <c>[n, …]</c> → <c>[n, k]</c>.</param>
    /// <param name="decoder">Samples of codes.</param>
    private protected Samples Interpolate(Samples ends, int steps, Func<Tensor, Tensor> encode, TorchNetwork decoder)
    {
        if (ends.Count != 2 || !ends.Shape.Equals(Shape)) throw new DataException($"Interpolation goes between two samples of shape {Shape}.");
        int k = decoder.InputSize;
        float[] found = new float[2 * k];
        ForEachBlock(ends, encode, (start, values) => values.CopyTo(found.AsSpan(start * k)), k);
        return Decode(CodeWalk.Between(found.AsSpan(0, k), found.AsSpan(k), steps), steps, decoder);
    }

    /// <summary>Samples of codes, in the range of the training samples.</summary>
    private protected Samples Decode(ReadOnlySpan<float> codes, int count, TorchNetwork decoder)
    {
        float[] samples = new float[count * Shape!.Length];
        decoder.Infer(codes, count, samples);
        return Range.Undo(new Samples(samples, Shape));
    }

    /// <inheritdoc/>
    protected override void WriteState(TensorState state)
    {
        base.WriteState(state);
        state.AddPart("range", Range.WriteState);
    }

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape)
    {
        _range = TrainingRange.Read(state.GetPart("range"), shape);
        base.ReadState(state, shape);
    }
}
