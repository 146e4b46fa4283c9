using AnomalySharp.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Training;

/// <summary>
/// AnoGAN's search (Schlegl et al., IPMI 2017): for each sample x the code z whose picture G(z) is nearest, by Γ steps of Adam on
/// L(z) = (1 − λ)·Σ|x − G(z)| + λ·Σ|f(x) − f(G(z))|, f being the discriminator's features. G and D stay as they are.
/// </summary>
/// <remarks>
/// A batch is searched at once, and each of its samples for itself: losses are added, Adam's arithmetic is per value, and every sample starts from
/// the same code, which is drawn from the prior anew for each restart; so what is found depends on the sample alone.
/// </remarks>
/// <param name="generator">G: codes → samples.</param>
/// <param name="features">f; not called where λ is 0.</param>
/// <param name="noise">The prior.</param>
internal sealed class LatentSearch(Func<Tensor, Tensor> generator, Func<Tensor, Tensor> features, LatentNoise noise)
{
    /// <summary>Training samples that detectors search for at most to find a threshold: enough for a quantile of one in a hundred.</summary>
    internal const int MostThresholdSamples = 500;

    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;

    /// <summary>Γ: steps of a search, 0 or more.</summary>
    public required int Steps { get; init; }

    /// <summary>
    /// Step size of Adam; a tenth of it after 40 % of the steps, a twentieth after 60 % (as EGBAD's implementation has it at 200 and 300 of 500).
    /// </summary>
    public required double LearningRate { get; init; }

    /// <summary>λ.</summary>
    public required double FeatureWeight { get; init; }

    /// <summary>Searches per sample, of which the best counts.</summary>
    public int Restarts { get; init; } = 1;

    /// <summary>What was found.</summary>
    /// <param name="Codes">z, <c>[n, k]</c>.</param>
    /// <param name="Losses">L(z), <c>[n]</c>.</param>
    /// <param name="Samples">G(z).</param>
    internal readonly record struct Found(Tensor Codes, Tensor Losses, Tensor Samples);

    /// <summary>Searches for a batch; the networks must be in the mode for use.</summary>
    public Found Run(Tensor x)
    {
        Tensor? wanted;
        using (no_grad()) wanted = FeatureWeight > 0 ? features(x) : null;
        Tensor? codes = null, losses = null;
        for (int restart = 0; restart < Math.Max(1, Restarts); restart++)
        {
            Tensor z = Descend(x, wanted, restart), loss;
            using (no_grad()) loss = Loss(x, wanted, generator(z));
            Tensor? better = losses is null ? null : loss < losses;
            codes = better is null ? z : where(better.unsqueeze(1), z, codes!);
            losses = better is null ? loss : where(better, loss, losses!);
        }
        using (no_grad()) return new Found(codes!, losses!, generator(codes!));
    }

    /// <summary>L, sample by sample.</summary>
    private Tensor Loss(Tensor x, Tensor? wanted, Tensor generated)
    {
        Tensor residual = PerSample.AbsoluteSum(x, generated);
        return wanted is null ? residual : residual.Times(1 - FeatureWeight).Plus(PerSample.AbsoluteSum(wanted, features(generated)).Times(FeatureWeight));
    }

    private Tensor Descend(Tensor x, Tensor? wanted, int restart)
    {
        Tensor z = noise.Draw(1, -3 - restart, x.device).expand(x.size(0), noise.Size).clone(), first = zeros_like(z), second = zeros_like(z);
        for (int step = 1; step <= Steps; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor at = z.detach().requires_grad_(), gradient;
            using (enable_grad()) gradient = autograd.grad([Loss(x, wanted, generator(at)).sum()], [at])[0];
            using IDisposable noGradient = no_grad();
            first.mul_(KeptScalar.Of(Beta1)).add_(gradient, KeptScalar.Of(1 - Beta1));
            second.mul_(KeptScalar.Of(Beta2)).addcmul_(gradient, gradient, KeptScalar.Of(1 - Beta2));
            Tensor root = second.Over(1 - Math.Pow(Beta2, step)).sqrt_().add_(KeptScalar.Of(Epsilon), KeptScalar.Of(1));
            using Scalar size = KeptScalar.Once(-Rate(step) / (1 - Math.Pow(Beta1, step)));
            z.addcdiv_(first, root, size);
            // Beyond the ends of a uniform prior the generator has seen no code.
            if (noise.Prior == LatentPrior.Uniform) z.clamp_(KeptScalar.Of(-1), KeptScalar.Of(1));
        }
        return z;
    }

    private double Rate(int step) => LearningRate * (step <= 0.4 * Steps ? 1 : step <= 0.6 * Steps ? 0.1 : 0.05);
}
