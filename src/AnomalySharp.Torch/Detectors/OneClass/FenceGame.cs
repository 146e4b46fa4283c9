using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors.OneClass;

/// <summary>The game of Fence GAN.</summary>
/// <param name="generator">G.</param>
/// <param name="critic">D.</param>
/// <param name="noise">Codes.</param>
/// <param name="options">α, γ, optimisers.</param>
/// <param name="beta">β.</param>
internal sealed class FenceGame(TorchNetwork generator, FeatureModel critic, LatentNoise noise, FenceGanOptions options, double beta) : Game
{
    private const string OnReal = "discriminator on real samples", OnDrawn = "discriminator on drawn samples";

    private readonly Optimizer _generator = options.CreateOptimizer(generator);
    private readonly Optimizer _critic = options.CreateOptimizer(options.CriticRate ?? (options.LearningRate / 2), critic.Network);

    public override IReadOnlyList<Optimizer> Optimizers => [_generator, _critic];

    // Without γ it learns from real samples alone, and says so of all.
    public override string? Trouble =>
        options.Gamma > 0 && Measures.Last.TryGetValue(OnReal, out double real) && Measures.Last.TryGetValue(OnDrawn, out double drawn)
            ? Saturation("discriminator", real + (drawn / options.Gamma))
            : null;

    /// <summary>DL: one by the mean distance of samples from their mean, through which gradients flow, too.</summary>
    public static Tensor Dispersion(Tensor samples)
    {
        Tensor flat = samples.flatten(1), square = (flat - flat.mean([0], keepdim: true)).Squared().sum(1);
        return square.Plus(1e-12).sqrt().mean().reciprocal();
    }

    /// <summary>EL.</summary>
    public static Tensor Encircling(Tensor logits, double alpha, Encirclement kind) => kind == Encirclement.CrossEntropy
        ? AdversarialLoss.IsShare(logits, alpha)
        : logits.sigmoid().From(alpha).abs().Plus(1e-12).log().mean();

    public override double Step(in TrainingBatch batch)
    {
        double loss = StepCritic(batch);
        if ((batch.Step + 1) % options.CriticSteps == 0) MoveGenerator(batch.Count, (2L * batch.Step) + 1);
        return loss;
    }

    /// <summary>D alone: a move on real samples and one on drawn ones, each with its own step, as the code has it.</summary>
    public double StepCritic(in TrainingBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        Enter();
        Tensor real = critic.Network.Import(batch.Values, batch.Count), drawn;
        using (no_grad()) drawn = generator.Module.call(noise.Draw(batch.Count, 2L * batch.Step, generator.Device));
        double loss = Move(OnReal, AdversarialLoss.IsReal(critic.Module.call(real)), _critic, critic.Network);
        critic.Network.Enter(training: true);
        loss += Move(OnDrawn, AdversarialLoss.IsFake(critic.Module.call(drawn)).Times(options.Gamma), _critic, critic.Network);
        return loss;
    }

    private void MoveGenerator(int count, long number)
    {
        using DisposeScope scope = NewDisposeScope();
        Enter();
        Tensor drawn = generator.Module.call(noise.Draw(count, number, generator.Device));
        Tensor encircling = Encircling(critic.Module.call(drawn), options.Alpha, options.Encirclement), dispersion = Dispersion(drawn);
        Measures.Record("encirclement", encircling.Number());
        Measures.Record("dispersion", dispersion.Number());
        Move("generator", encircling.Plus(dispersion.Times(beta)), _generator, generator);
    }

    private void Enter()
    {
        generator.Enter(training: true);
        critic.Network.Enter(training: true);
    }
}
