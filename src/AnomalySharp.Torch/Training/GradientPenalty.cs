using AnomalySharp.Torch.Networks;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Training;

/// <summary>
/// E[(‖∇D(x̂)‖₂ − 1)²] at points x̂ = αx + (1 − α)x̃ between real and generated samples (Gulrajani et al., NeurIPS 2017): holds a critic's slope near
/// 1.
/// </summary>
internal static class GradientPenalty
{
    /// <param name="critic">D: samples → one value each, in which no sample depends on another (no batch normalisation).</param>
    /// <param name="real">x.</param>
    /// <param name="fake">x̃, as many.</param>
    /// <param name="shares">α, one per sample.</param>
    public static Tensor Of(Func<Tensor, Tensor> critic, Tensor real, Tensor fake, Tensor shares)
    {
        Tensor alpha = shares.view([shares.size(0), .. Enumerable.Repeat(1L, (int)real.dim() - 1)]);
        Tensor between = (alpha * real).Plus(alpha.From(1) * fake).detach().requires_grad_();
        Tensor gradient = autograd.grad([critic(between).sum()], [between], retain_graph: true, create_graph: true)[0];
        // The norm over all values of a sample; at a gradient of 0 its own gradient would not be finite.
        Tensor norms = gradient.flatten(1).Squared().sum(1).Plus(1e-12).sqrt();
        return norms.Plus(-1).Squared().mean();
    }
}
