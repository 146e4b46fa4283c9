using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors.Adversarial;

/// <summary>G, E and D of BiGAN.</summary>
/// <param name="Generator">G: code → sample.</param>
/// <param name="Encoder">E: sample → code, or → mean and log variance of codes.</param>
/// <param name="Critic">D of pairs.</param>
internal sealed record BiGanPlayers(TorchNetwork Generator, FeatureModel Encoder, PairModel Critic)
{
    public IReadOnlyList<TorchNetwork> All => [Generator, Encoder.Network, Critic.Network];

    /// <summary>E(x), or the mean of the codes of x.</summary>
    public Tensor Encode(Tensor x) => Encoder.Module.call(x).narrow(1, 0, Generator.InputSize);

    /// <summary>A code drawn from the distribution that an encoder with a spread gives; E(x) where it has none.</summary>
    /// <param name="x">Samples.</param>
    /// <param name="noise">N(0, I).</param>
    /// <param name="number">What the noise is drawn by.</param>
    public Tensor Draw(Tensor x, LatentNoise noise, long number)
    {
        Tensor codes = Encoder.Module.call(x);
        int k = Generator.InputSize;
        if (codes.size(1) == k) return codes;
        Tensor deviation = codes.narrow(1, k, k).Over(2).exp();
        return codes.narrow(1, 0, k).Plus(deviation * noise.Draw((int)x.size(0), number, x.device));
    }

    /// <summary>G(E(x)).</summary>
    public Tensor Reconstruct(Tensor x) => Generator.Module.call(Encode(x));
}

/// <summary>The game of BiGAN and ALI: generator and encoder against a discriminator of pairs, each pair's label the other one for them.</summary>
/// <param name="players">G, E, D.</param>
/// <param name="noise">Codes z.</param>
/// <param name="spread">Noise of a stochastic encoder.</param>
/// <param name="averages">Receive the averages of the players' weights.</param>
/// <param name="options">Optimisers, steps of D.</param>
internal sealed class BiGanGame(
    BiGanPlayers players, LatentNoise noise, LatentNoise spread, IReadOnlyList<WeightAverage> averages, BiGanOptions options) : Game
{
    private readonly Optimizer _generator = options.CreateOptimizer(options.LearningRate, players.Generator, players.Encoder.Network);
    private readonly Optimizer _critic = options.CreateOptimizer(players.Critic.Network);

    private bool _moved;

    public override IReadOnlyList<Optimizer> Optimizers => [_generator, _critic];

    public override string? Trouble => Saturation("discriminator");

    /// <summary>The averages take over running statistics, if there were steps since the last time.</summary>
    public void Synchronize()
    {
        if (!_moved) return;
        foreach (WeightAverage average in averages) average.EndEpoch();
        _moved = false;
    }

    public override void EndEpoch() => Synchronize();

    public override double Step(in TrainingBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (TorchNetwork network in players.All) network.Enter(training: true);
        Tensor x = players.Encoder.Network.Import(batch.Values, batch.Count);
        double loss = MoveCritic(x, 2L * batch.Step);
        if ((batch.Step + 1) % options.CriticSteps == 0) MoveGenerator(x, (2L * batch.Step) + 1);
        foreach (WeightAverage average in averages) average.Step(batch.Step);
        _moved = true;
        return loss;
    }

    private double MoveCritic(Tensor x, long number)
    {
        Tensor code, z = noise.Draw((int)x.size(0), number, x.device), drawn;
        using (no_grad()) (code, drawn) = (players.Draw(x, spread, number), players.Generator.Module.call(z));
        Tensor loss = AdversarialLoss.Discriminator(players.Critic.Module.Judge(x, code), players.Critic.Module.Judge(drawn, z));
        return Move("discriminator", loss, _critic, players.Critic.Network);
    }

    private void MoveGenerator(Tensor x, long number)
    {
        // D as it is after its own step.
        players.Critic.Network.Enter(training: true);
        Tensor z = noise.Draw((int)x.size(0), number, x.device);
        Tensor encoder = AdversarialLoss.IsFake(players.Critic.Module.Judge(x, players.Draw(x, spread, number)));
        Tensor generator = AdversarialLoss.IsReal(players.Critic.Module.Judge(players.Generator.Module.call(z), z));
        Measures.Record("encoder", encoder.Number());
        Move("generator and encoder", encoder.Plus(generator), _generator, players.Generator, players.Encoder.Network);
    }
}
