using AnomalySharp.Torch.Networks;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Training;

/// <summary>
/// A critic's opinion as a score: −D(x), which f-AnoGAN's paper calls A_D. Outside of the range of the training data, where D was never asked and is
/// chance, it is that of the nearest sample within the range plus the distance to it.
/// </summary>
/// <param name="opinion">D or another figure of a batch, <c>[n]</c>, high for normal samples.</param>
/// <param name="range">The training range.</param>
internal sealed class CriticScore(Func<Tensor, Tensor> opinion, TrainingRange range)
{
    private const int PathSteps = 8;

    /// <summary>The opinion of a discriminator or critic.</summary>
    public CriticScore(FeatureModel critic, TrainingRange range) : this(samples => critic.Module.call(samples).squeeze(1), range) { }

    /// <summary>Scores <c>[n]</c>.</summary>
    public Tensor Of(Tensor x)
    {
        using IDisposable noGradient = no_grad();
        (Tensor inside, Tensor excess) = range.Split(x);
        return excess.flatten(1).sum(1) - opinion(inside);
    }

    /// <summary>
    /// The score value by value: integrated gradients (Sundararajan, Taly, Yan, ICML 2017) from <paramref name="usual"/> to x, with the distance
    /// where x is outside of the range. They sum to the difference of the two scores, but for the error of the integral.
    /// </summary>
    public Tensor Attribute(Tensor x, Tensor usual)
    {
        (Tensor inside, Tensor excess) = range.Split(x);
        Tensor way = inside - usual, sum = zeros_like(way);
        for (int step = 0; step < PathSteps; step++)
        {
            Tensor at = (usual + (way * ((step + 0.5) / PathSteps))).detach().requires_grad_();
            using (enable_grad()) sum = sum - autograd.grad([opinion(at).sum()], [at])[0];
        }
        return (sum * way / PathSteps) + excess;
    }
}
