using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>Batch normalisation of pictures, whatever the batch.</summary>
internal static class BatchNormalizations
{
    private const double Momentum = 0.1;

    /// <summary>
    /// One value per channel has no variance: one sample with one pixel left is normalised by the running statistics. The module itself is not called: it
    /// counts batches, which nothing looks at, with temporary scalars (<see cref="KeptScalar"/>).
    /// </summary>
    public static Tensor Normalize(this BatchNorm2d normalization, Tensor values) => nn.functional.batch_norm(
        values,
        normalization.running_mean!,
        normalization.running_var!,
        normalization.weight,
        normalization.bias,
        training: normalization.training && values.size(0) * values.size(2) * values.size(3) > 1,
        Momentum,
        normalization.eps);
}
