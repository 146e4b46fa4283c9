using AnomalySharp.Torch.Networks;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Training;

/// <summary>
/// Losses sample by sample, <c>[n]</c>: sums and means run over a sample's values or features only, so that none depends on its batch.
/// </summary>
internal static class PerSample
{
    /// <summary>Σ|a − b|.</summary>
    public static Tensor AbsoluteSum(Tensor a, Tensor b) => (a - b).abs().flatten(1).sum(1);

    /// <summary>Mean of |a − b|.</summary>
    public static Tensor AbsoluteMean(Tensor a, Tensor b) => (a - b).abs().flatten(1).mean([1]);

    /// <summary>Mean of (a − b)².</summary>
    public static Tensor SquareMean(Tensor a, Tensor b) => (a - b).Squared().flatten(1).mean([1]);
}
