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
    /// <param name="convolves">Whether the critic has convolutions, which want whole blocks of samples.</param>
    public static Tensor Of(Func<Tensor, Tensor> critic, Tensor real, Tensor fake, Tensor shares, bool convolves)
    {
        int count = (int)real.size(0);
        Tensor alpha = shares.view([count, .. Enumerable.Repeat(1L, (int)real.dim() - 1)]);
        Tensor mixed = (alpha * real).Plus(alpha.From(1) * fake);
        Tensor between = (convolves ? Filled(mixed) : mixed).detach().requires_grad_();
        Tensor values = critic(between).narrow(0, 0, count);
        Tensor gradient = autograd.grad([values.sum()], [between], retain_graph: true, create_graph: true)[0].narrow(0, 0, count);
        // The norm over all values of a sample; at a gradient of 0 its own gradient would not be finite.
        Tensor norms = gradient.flatten(1).Squared().sum(1).Plus(1e-12).sqrt();
        return norms.Plus(-1).Squared().mean();
    }

    /// <summary>
    /// Pictures, the last one repeated up to a multiple of 16: in the gradient of a gradient a batch's samples are channels of a convolution, see
    /// <see cref="ConvolutionalGeometry.Filled"/>.
    /// </summary>
    private static Tensor Filled(Tensor samples)
    {
        int count = (int)samples.size(0), missing = ConvolutionalGeometry.Filled(count) - count;
        return missing == 0 ? samples
            : ConvolutionalGeometry.ChannelsLast(cat([samples, samples.narrow(0, count - 1, 1).expand([missing, .. samples.shape[1..]])]));
    }
}
