using AnomalySharp.Networks;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Training;

/// <summary>
/// The alternating updates of a generator G: z → x̃ and a critic (discriminator) D, as a step of the training loop: one update of D on a batch of its
/// own, and after every <paramref name="criticSteps"/> of them one of G. A game differs in its losses.
/// </summary>
/// <param name="generator">G.</param>
/// <param name="critic">D, high for real samples.</param>
/// <param name="noise">Codes.</param>
/// <param name="criticSteps">Updates of D for each of G.</param>
/// <param name="optimizers">Makes the optimiser of a network.</param>
internal abstract class AdversarialGame(
    TorchNetwork generator, FeatureModel critic, LatentNoise noise, int criticSteps, Func<Network, Optimizer> optimizers) : Game
{
    private readonly Optimizer _generatorOptimizer = optimizers(generator), _criticOptimizer = optimizers(critic.Network);

    /// <summary>G.</summary>
    public TorchNetwork Generator => generator;

    /// <summary>D.</summary>
    public FeatureModel Critic => critic;

    /// <inheritdoc/>
    public override IReadOnlyList<Optimizer> Optimizers => [_generatorOptimizer, _criticOptimizer];

    /// <summary>What D is called in progress.</summary>
    protected abstract string CriticName { get; }

    /// <summary>One step. Codes of D's and of G's update are apart: with the same ones the updates would be correlated.</summary>
    /// <returns>The loss of D.</returns>
    public override double Step(in TrainingBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        generator.Enter(training: true);
        critic.Network.Enter(training: true);
        Tensor real = critic.Network.Import(batch.Values, batch.Count);
        double loss = UpdateCritic(real, 2L * batch.Step);
        if ((batch.Step + 1) % criticSteps == 0) UpdateGenerator(batch.Count, (2L * batch.Step) + 1);
        return loss;
    }

    /// <summary>The loss that D minimises.</summary>
    /// <param name="real">x.</param>
    /// <param name="fake">x̃, without a graph behind it.</param>
    /// <param name="number">What random numbers of the loss are drawn by.</param>
    protected abstract Tensor CriticLoss(Tensor real, Tensor fake, long number);

    /// <summary>The loss that G minimises, given D of its samples.</summary>
    protected abstract Tensor GeneratorLoss(Tensor criticOfFake);

    /// <summary>After a step of D's optimiser.</summary>
    protected virtual void CriticMoved() { }

    /// <summary>α of a gradient penalty.</summary>
    protected Tensor Shares(int count, long number) => noise.Shares(count, number, generator.Device);

    private double UpdateCritic(Tensor real, long number)
    {
        Tensor fake;
        using (no_grad()) fake = generator.Module.call(noise.Draw((int)real.size(0), number, generator.Device));
        double value = Move(CriticName, CriticLoss(real, fake, number), _criticOptimizer, critic.Network);
        CriticMoved();
        return value;
    }

    private void UpdateGenerator(int count, long number)
    {
        // D as it is after its own step.
        critic.Network.Enter(training: true);
        Tensor loss = GeneratorLoss(critic.Module.call(generator.Module.call(noise.Draw(count, number, generator.Device))).squeeze(1));
        Move("generator", loss, _generatorOptimizer, generator);
    }
}

/// <summary>
/// The game of GAN and DCGAN (Goodfellow et al. 2014; Radford et al. 2016): logits, cross-entropy, the generator's loss that does not saturate.
/// </summary>
internal sealed class MinimaxGame(
    TorchNetwork generator, FeatureModel critic, LatentNoise noise, int criticSteps, Func<Network, Optimizer> optimizers)
    : AdversarialGame(generator, critic, noise, criticSteps, optimizers)
{
    public override string? Trouble => Saturation(CriticName);

    protected override string CriticName => "discriminator";

    // Real and generated samples in batches of their own, so that batch normalisation in D sees either.
    protected override Tensor CriticLoss(Tensor real, Tensor fake, long number) =>
        AdversarialLoss.Discriminator(Critic.Module.call(real), Critic.Module.call(fake));

    protected override Tensor GeneratorLoss(Tensor criticOfFake) => AdversarialLoss.IsReal(criticOfFake);
}

/// <summary>
/// The game of WGAN: D's mean on generated samples less that on real ones approximates −1 times a distance of the distributions, where D's slope is
/// bounded: by clipped weights, or by a gradient penalty.
/// </summary>
/// <param name="generator">G.</param>
/// <param name="critic">D.</param>
/// <param name="noise">Codes.</param>
/// <param name="criticSteps">Updates of D for each of G.</param>
/// <param name="optimizers">Makes the optimiser of a network.</param>
/// <param name="penalty">λ of the gradient penalty; null: weights are clipped.</param>
/// <param name="clip">c of clipped weights.</param>
internal sealed class WassersteinGame(
    TorchNetwork generator,
    FeatureModel critic,
    LatentNoise noise,
    int criticSteps,
    Func<Network, Optimizer> optimizers,
    double? penalty,
    double clip = 0.01) : AdversarialGame(generator, critic, noise, criticSteps, optimizers)
{
    protected override string CriticName => "critic";

    protected override Tensor CriticLoss(Tensor real, Tensor fake, long number)
    {
        Tensor loss = Critic.Module.call(fake).mean() - Critic.Module.call(real).mean();
        Measures.Record("distance", -loss.Number());
        return penalty is not { } lambda ? loss
            : loss.Plus(Penalty(real, fake, number).Times(lambda));
    }

    private Tensor Penalty(Tensor real, Tensor fake, long number) =>
        GradientPenalty.Of(Critic.Module.call, real, fake, Shares((int)real.size(0), number), convolves: real.dim() == 4 && !Critic.Module.IsDense);

    protected override Tensor GeneratorLoss(Tensor criticOfFake) => -criticOfFake.mean();

    protected override void CriticMoved()
    {
        if (penalty is null) WeightClipping.Clip(Critic.Network, clip);
    }
}
