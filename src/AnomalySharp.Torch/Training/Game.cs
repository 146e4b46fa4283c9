using System.Globalization;
using AnomalySharp.Networks;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Training;

/// <summary>Networks that learn against each other, as a step of the training loop, with what is measured of them.</summary>
internal abstract class Game
{
    // At equilibrium the loss is 1.386: this is a probability of 99 % for every sample of either kind.
    private const double Saturated = 0.02;

    /// <summary>Losses and norms of gradients.</summary>
    public TrainingMeasures Measures { get; } = new();

    /// <summary>The players' optimisers, as a phase lists them.</summary>
    public abstract IReadOnlyList<Optimizer> Optimizers { get; }

    /// <summary>What is wrong with the game by the measures of its last epoch, as a sentence; null: nothing.</summary>
    public virtual string? Trouble => null;

    /// <summary>One step.</summary>
    /// <returns>The loss of the player that is watched.</returns>
    public abstract double Step(in TrainingBatch batch);

    /// <summary>After the last step of an epoch.</summary>
    public virtual void EndEpoch() { }

    /// <summary>A player's move against the gradient of its loss: of its own networks only, whatever else the loss passed through.</summary>
    /// <returns>The loss.</returns>
    protected double Move(string player, Tensor loss, Optimizer optimizer, params IReadOnlyList<TorchNetwork> networks)
    {
        TorchNetwork.AddGradients(loss, networks);
        double value = loss.Number();
        Measures.Record(player, value);
        Measures.Record($"gradient of the {player}", Math.Sqrt(networks.Sum(SquaredGradient)));
        optimizer.Step();
        return value;
    }

    /// <summary>The trouble of a discriminator that is always right, by its loss of the last epoch; null where it is not.</summary>
    /// <param name="discriminator">What it is called.</param>
    /// <param name="losses">What the parts of its loss are called in the measures; none: it is one, and called as the discriminator is.</param>
    protected string? Saturation(string discriminator, params IReadOnlyList<string> losses)
    {
        string[] parts = losses.Count == 0 ? [discriminator] : [.. losses];
        if (!parts.All(Measures.Last.ContainsKey)) return null;
        double loss = parts.Sum(part => Measures.Last[part]);
        return loss >= Saturated ? null : $"the {discriminator} tells every drawn sample from a real one (its loss is "
            + $"{loss.ToString("G2", CultureInfo.InvariantCulture)}), so its adversary learns no more.";
    }

    private static double SquaredGradient(Network network) =>
        System.Numerics.Tensors.TensorPrimitives.SumOfSquares<float>(network.Parameters.Gradients);
}
