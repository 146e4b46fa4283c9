using AnomalySharp.Networks;
using AnomalySharp.Persistence;

namespace AnomalySharp.Training;

/// <summary>The samples of one training step.</summary>
public readonly ref struct TrainingBatch
{
    /// <summary>Row-major values, <see cref="Count"/> samples. Not valid after the step.</summary>
    public ReadOnlySpan<float> Values { get; init; }

    /// <summary>Their positions in the training data.</summary>
    public ReadOnlySpan<int> Rows { get; init; }

    /// <summary>Steps taken before in this phase: what noise is drawn from, so that a resumed training draws the same.</summary>
    public int Step { get; init; }

    /// <summary>Passes over the samples finished before in this phase.</summary>
    public int Epoch { get; init; }

    /// <summary>Number of samples, at least 1; the last batch of an epoch may be smaller than the others.</summary>
    public int Count => Rows.Length;
}

/// <summary>One training step: forward, loss, backward, the optimisers' steps.</summary>
/// <returns>The mean loss of the batch.</returns>
public delegate double TrainingStep(in TrainingBatch batch);

/// <summary>Mean loss of held-out samples, without training: row-major values and their number.</summary>
public delegate double ValidationLoss(ReadOnlySpan<float> values, int count);

/// <summary>What a training step remembers besides networks and optimisers, such as a running mean: checkpoints store it, so that a resumed training knows it too.</summary>
/// <remarks>
/// Early stopping goes back to the best weights, and neither to the memory nor to the optimisers of that epoch: only further steps of the phase would
/// look at them, and there are none. What a later phase or scoring needs from a phase belongs in a network.
/// </remarks>
public interface ITrainingMemory
{
    /// <summary>Writes all of it.</summary>
    void WriteState(TensorState state);

    /// <summary>Takes over what <see cref="WriteState"/> wrote.</summary>
    /// <exception cref="ModelFileException">An array is missing or of the wrong size.</exception>
    void ReadState(TensorState state);
}

/// <summary>A part of a training with its own step and optimisers: most methods have one, layer-by-layer pre-training has one per layer and more.</summary>
public sealed record TrainingPhase
{
    /// <summary>Name in progress and messages.</summary>
    public string Name { get; init; } = "training";

    /// <summary>Passes over the training data.</summary>
    public required int Epochs { get; init; }

    /// <summary>The training step.</summary>
    public required TrainingStep Step { get; init; }

    /// <summary>What the step moves parameters with: one optimiser, or several, as of a generator and a discriminator.</summary>
    public required IReadOnlyList<Optimizer> Optimizers { get; init; }

    /// <summary>What the step remembers besides; null where that is nothing.</summary>
    public ITrainingMemory? Memory { get; init; }

    /// <summary>
    /// What is measured beside the loss, such as the losses of single networks: asked once after every epoch, with the number of epochs finished,
    /// before the checkpoint is written. Null: nothing.
    /// </summary>
    public Func<int, IReadOnlyDictionary<string, double>>? Measures { get; init; }

    /// <summary>Loss of held-out samples; null where there is none to watch, and then this phase learns from all samples, unless it <see cref="HoldsOut"/>.</summary>
    public ValidationLoss? Validation { get; init; }

    /// <summary>Whether a phase that watches no held-out samples learns without them all the same: for phases before one that does watch.</summary>
    public bool HoldsOut { get; init; }

    /// <summary>
    /// Whether the phase has reached its aim, asked after every epoch with the loss of held-out samples, or of training where none are watched. Null: it
    /// goes on to its last epoch, or until patience ends.
    /// </summary>
    public Func<double, bool>? Reached { get; init; }

    /// <summary>Called once before the first epoch, not when a checkpoint of this phase is resumed; what it changes must be in the networks.</summary>
    public Action? Start { get; init; }

    /// <summary>
    /// What the phase learns from, where that is not the loop's samples themselves: as many values, samples at the same positions. Asked for once, after
    /// <see cref="Start"/> or when a checkpoint of this phase is resumed; where it changes from phase to phase, <see cref="Memory"/> must know how.
    /// </summary>
    public Func<ReadOnlyMemory<float>>? Values { get; init; }

    /// <summary>Whether the phase has nothing to do; asked after <see cref="Start"/>. Null: it always has.</summary>
    public Func<bool>? IsDone { get; init; }
}
