using AnomalySharp.Torch.Networks;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Training;

/// <summary>Losses of the minimax game (Goodfellow et al., NeurIPS 2014) on logits: sums of their logarithms never overflow.</summary>
internal static class AdversarialLoss
{
    /// <summary>−E[log D(x)] − E[log(1 − D(x̃))]: 2·log 2 where the discriminator cannot tell.</summary>
    public static Tensor Discriminator(Tensor real, Tensor fake) => IsReal(real).Plus(IsFake(fake));

    /// <summary>
    /// −E[log D]: cross-entropy with the label "real". For the generator on its samples: the loss that does not saturate, log 2 at equilibrium.
    /// </summary>
    public static Tensor IsReal(Tensor logits) => logits.neg().Softplus().mean();

    /// <summary>−E[log(1 − D)]: cross-entropy with the label "generated".</summary>
    public static Tensor IsFake(Tensor logits) => logits.Softplus().mean();

    /// <summary>Cross-entropy with the soft label α: least at D = α, where it is −α·log α − (1 − α)·log(1 − α).</summary>
    public static Tensor IsShare(Tensor logits, double alpha) =>
        logits.neg().Softplus().Times(alpha).Plus(logits.Softplus().Times(1 - alpha)).mean();
}
