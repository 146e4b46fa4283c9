using AnomalySharp.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Training;

/// <summary>
/// A critic's opinion as a score: −D(x), which f-AnoGAN's paper calls A_D. Outside of the range of the training data, where D was never asked and is
/// chance, it is that of the nearest sample within the range plus the distance to it.
/// </summary>
/// <param name="opinions">D, or several figures of a batch that are added, <c>[n]</c> each, high for normal samples.</param>
/// <param name="range">The training range.</param>
internal sealed class CriticScore(IReadOnlyList<Func<Tensor, Tensor>> opinions, TrainingRange range)
{
    private const int PathSteps = 8;

    /// <summary>One opinion.</summary>
    public CriticScore(Func<Tensor, Tensor> opinion, TrainingRange range) : this([opinion], range) { }

    /// <summary>The opinion of a discriminator or critic.</summary>
    public CriticScore(FeatureModel critic, TrainingRange range) : this(samples => critic.Module.call(samples).squeeze(1), range) { }

    /// <summary>Scores <c>[n]</c>.</summary>
    public Tensor Of(Tensor x)
    {
        using IDisposable noGradient = no_grad();
        (Tensor inside, Tensor excess) = range.Split(x);
        Tensor score = excess.flatten(1).sum(1);
        foreach (Func<Tensor, Tensor> opinion in opinions)
        {
            using DisposeScope scope = NewDisposeScope();
            score = (score - opinion(inside)).MoveToOuterDisposeScope();
        }
        return score;
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
            Tensor at = usual.Plus(way.Times((step + 0.5) / PathSteps)).detach().requires_grad_();
            foreach (Func<Tensor, Tensor> opinion in opinions)
            {
                // Gradients of one after the other: what all of them remember of the way back would be too much.
                using DisposeScope scope = NewDisposeScope();
                using (enable_grad()) sum = (sum - autograd.grad([opinion(at).sum()], [at])[0]).MoveToOuterDisposeScope();
            }
        }
        return (sum * way).Over(PathSteps).Plus(excess);
    }
}
