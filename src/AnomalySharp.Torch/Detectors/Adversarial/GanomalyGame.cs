using AnomalySharp.Persistence;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors.Adversarial;

/// <summary>The game of GANomaly: encoder, decoder and second encoder against a discriminator.</summary>
/// <param name="encoder">G_E.</param>
/// <param name="decoder">G_D.</param>
/// <param name="second">E.</param>
/// <param name="critic">D, with f.</param>
/// <param name="options">Weights, optimisers.</param>
internal sealed class GanomalyGame(
    TorchNetwork encoder, TorchNetwork decoder, TorchNetwork second, FeatureModel critic, GanomalyOptions options) : Game
{
    // Below this loss the reference starts its discriminator anew.
    private const double Saturated = 1e-5;

    private const string Restarts = "restarts of the discriminator";

    private readonly Optimizer _generator = options.CreateOptimizer(options.LearningRate, encoder, decoder, second);
    private readonly Optimizer _critic = options.CreateOptimizer(critic.Network);
    private readonly TensorState _start = StateOf(critic.Network);

    public override IReadOnlyList<Optimizer> Optimizers => [_generator, _critic];

    public override string? Trouble => Measures.Last.TryGetValue(Restarts, out double share) && share > 0
        ? "the discriminator tells every sample that is given back from a real one, and is started anew time and again."
        : null;

    /// <summary>L_adv: the mean of (f(x) − f(x̂))².</summary>
    public static Tensor FeatureMatching(Tensor featuresOfReal, Tensor featuresOfFake) => (featuresOfReal - featuresOfFake).Squared().mean();

    public override double Step(in TrainingBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (TorchNetwork network in (ReadOnlySpan<TorchNetwork>)[encoder, decoder, second, critic.Network]) network.Enter(training: true);
        Tensor x = critic.Network.Import(batch.Values, batch.Count), z = encoder.Module.call(x), again = decoder.Module.call(z);
        Tensor reconstruction = (x - again).abs().mean();
        if ((batch.Step + 1) % options.CriticSteps == 0) MoveGenerator(x, z, again, reconstruction);
        MoveCritic(x, again.detach());
        return reconstruction.Number();
    }

    private void MoveGenerator(Tensor x, Tensor z, Tensor again, Tensor reconstruction)
    {
        Tensor wanted;
        using (no_grad()) wanted = critic.Module.Features(x);
        Tensor adversarial = FeatureMatching(wanted, critic.Module.Features(again));
        // Both codes learn, as in the reference.
        Tensor encoding = (z - second.Module.call(again)).Squared().mean();
        Measures.Record("difference of codes", encoding.Number());
        Tensor loss = adversarial.Times(options.AdversarialWeight).Plus(reconstruction.Times(options.ReconstructionWeight))
            .Plus(encoding.Times(options.EncodingWeight));
        Move("generator", loss, _generator, encoder, decoder, second);
    }

    private void MoveCritic(Tensor x, Tensor again)
    {
        Tensor loss = AdversarialLoss.Discriminator(critic.Module.call(x), critic.Module.call(again)).Times(0.5);
        double value = Move("discriminator", loss, _critic, critic.Network);
        // From the weights it began with, where the reference draws new ones.
        bool saturated = value < Saturated;
        Measures.Record(Restarts, saturated ? 1 : 0);
        if (saturated) critic.Network.ReadState(_start);
    }

    private static TensorState StateOf(TorchNetwork network)
    {
        TensorState state = new();
        network.WriteState(state);
        return state;
    }
}
