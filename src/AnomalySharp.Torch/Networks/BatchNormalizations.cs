using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>Batch normalisation of pictures, whatever the batch.</summary>
internal static class BatchNormalizations
{
    /// <summary>One value per channel has no variance: one sample with one pixel left is normalised by the running statistics.</summary>
    public static Tensor Normalize(this BatchNorm2d normalization, Tensor values) =>
        normalization.training && values.size(0) * values.size(2) * values.size(3) == 1
            ? nn.functional.batch_norm(
                values, normalization.running_mean!, normalization.running_var!, normalization.weight, normalization.bias, training: false)
            : normalization.call(values);
}
