using AnomalySharp.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Training;

/// <summary>
/// What the answers to "which transformation was it?" say of a picture: the parts of normality scores, one for each transformation T_i, from
/// log P(· | T_i(x)), <c>[n,K]</c> → <c>[n]</c>. High for normal pictures.
/// </summary>
internal static class TransformationScore
{
    private static readonly Scalar LeastLogarithm = KeptScalar.Of(-1000);

    /// <summary>P(i | T_i(x)): GEOM's simplified score and E³Outlier's pseudo label score PL are its mean over the transformations.</summary>
    public static Tensor TrueProbability(Tensor logProbabilities, int i) => logProbabilities.select(1, i).exp();

    /// <summary>log P(i | T_i(x)): their sum is the log-likelihood of all right answers.</summary>
    public static Tensor TrueLogProbability(Tensor logProbabilities, int i) => logProbabilities.select(1, i);

    /// <summary>max_t P(t | T_i(x)): the mean is E³Outlier's maximum probability score MP.</summary>
    public static Tensor GreatestProbability(Tensor logProbabilities) => logProbabilities.amax([1]).exp();

    /// <summary>Σ_t P log P, 0 where P is: the mean is E³Outlier's negative entropy score NE.</summary>
    public static Tensor NegativeEntropy(Tensor logProbabilities)
    {
        // exp(−1000) is 0, and so is its product with −1000; with −∞ it would not be a number.
        Tensor finite = logProbabilities.clamp_min(LeastLogarithm);
        return (finite.exp() * finite).sum(1);
    }

    /// <summary>Σ_j (α_j − 1) log p_j: the logarithm of a Dirichlet density, but for its constant.</summary>
    /// <param name="logProbabilities">log p.</param>
    /// <param name="excess">α − 1, <c>[K]</c>.</param>
    public static Tensor DirichletLogDensity(Tensor logProbabilities, Tensor excess) => (logProbabilities * excess).sum(1);
}
