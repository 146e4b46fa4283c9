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
    protected string? Saturation(string discriminator) => Measures.Last.TryGetValue(discriminator, out double loss) ? Saturation(discriminator, loss) : null;

    /// <summary>The same by a loss: the cross-entropy on real samples and that on drawn ones together.</summary>
    protected static string? Saturation(string discriminator, double loss) => loss >= Saturated ? null
        : $"the {discriminator} tells every drawn sample from a real one (its loss is {loss.ToString("G2", CultureInfo.InvariantCulture)}), so its "
            + "adversary learns no more.";

    private static double SquaredGradient(Network network) =>
        System.Numerics.Tensors.TensorPrimitives.SumOfSquares<float>(network.Parameters.Gradients);
}
