using AnomalySharp.Torch.Networks;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Training;

/// <summary>
/// NT-Xent (Chen et al., equation 1): of each of the 2N codes z_i of two views of N samples,
/// −log exp(cos(z_i, z_j)/τ) / Σ_{k ≠ i} exp(cos(z_i, z_k)/τ), j the other view of the same sample; and the mean of these.
/// </summary>
internal static class ContrastiveLoss
{
    private const double LeastSquare = 1e-12;

    /// <param name="first">Codes of the first views, <c>[N, k]</c>.</param>
    /// <param name="second">Codes of the second views, in the same order.</param>
    /// <param name="temperature">τ.</param>
    /// <returns>A scalar, with gradients.</returns>
    public static Tensor Of(Tensor first, Tensor second, double temperature)
    {
        long count = first.size(0);
        Tensor codes = cat([first, second]), unit = codes / codes.Squared().sum(1, keepdim: true).Plus(LeastSquare).sqrt();
        Tensor itself = eye(2 * count, dtype: ScalarType.Bool, device: codes.device);
        Tensor likeness = unit.mm(unit.t()).Over(temperature).masked_fill(itself, KeptScalar.Of(float.NegativeInfinity));
        Tensor partners = tensor((long[])[.. Enumerable.Range(0, 2 * (int)count).Select(i => (i + (long)count) % (2 * (long)count))]).to(codes.device);
        return nn.functional.cross_entropy(likeness, partners);
    }
}
