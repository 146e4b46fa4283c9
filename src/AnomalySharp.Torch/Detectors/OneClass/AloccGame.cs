using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors.OneClass;

/// <summary>The game of ALOCC: R, an encoder and a decoder that remove noise, against D, which tells samples from refined ones.</summary>
/// <param name="encoder">First half of R.</param>
/// <param name="decoder">Second half of R.</param>
/// <param name="critic">D.</param>
/// <param name="noise">η before it is scaled: as many values as a sample, drawn anew for every move (the code draws it once).</param>
/// <param name="options">σ, λ, optimisers.</param>
internal sealed class AloccGame(TorchNetwork encoder, TorchNetwork decoder, FeatureModel critic, LatentNoise noise, AloccOptions options) : Game
{
    private readonly Optimizer _refiner = options.CreateOptimizer(options.LearningRate, encoder, decoder);
    private readonly Optimizer _critic = options.CreateOptimizer(critic.Network);

    public override IReadOnlyList<Optimizer> Optimizers => [_refiner, _critic];

    public override string? Trouble => Saturation("discriminator");

    public override double Step(in TrainingBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        Enter();
        Tensor x = critic.Network.Import(batch.Values, batch.Count), refined;
        long number = (long)batch.Step * (options.RefinerSteps + 1);
        using (no_grad()) refined = Refine(x, number);
        Move("discriminator", AdversarialLoss.Discriminator(critic.Module.call(x), critic.Module.call(refined)), _critic, critic.Network);
        bool turn = (batch.Step + 1) % options.CriticSteps == 0;
        for (int move = 1; turn && move <= options.RefinerSteps; move++) MoveRefiner(x, number + move);
        return (x - refined).Squared().mean().Number();
    }

    private void MoveRefiner(Tensor x, long number)
    {
        Enter();
        Tensor refined = Refine(x, number), reconstruction = (refined - x).Squared().mean();
        Tensor loss = AdversarialLoss.IsReal(critic.Module.call(refined)).Plus(reconstruction.Times(options.ReconstructionWeight));
        Move("refiner", loss, _refiner, encoder, decoder);
    }

    /// <summary>R(x + η); noisy pictures stay pictures.</summary>
    private Tensor Refine(Tensor x, long number)
    {
        Tensor noisy = x.Plus(noise.Draw((int)x.size(0), number, x.device).view_as(x).Times(options.Noise));
        return decoder.Module.call(encoder.Module.call(x.dim() == 4 ? noisy.Within(-1, 1) : noisy));
    }

    private void Enter()
    {
        foreach (TorchNetwork network in (ReadOnlySpan<TorchNetwork>)[encoder, decoder, critic.Network]) network.Enter(training: true);
    }
}
