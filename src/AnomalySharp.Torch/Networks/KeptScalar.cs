using System.Collections.Concurrent;
using TorchSharp;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// Numbers for libtorch that live as long as the process. TorchSharp 0.107 hands an operation a temporary <see cref="Scalar"/>'s native address and keeps
/// nothing alive: on a busy machine a collection frees it while the operation has yet to read it, and libtorch fails or reads something else. Constants of
/// what runs in every step are therefore kept.
/// </summary>
internal static class KeptScalar
{
    private static readonly ConcurrentDictionary<double, Scalar> Kept = new();

    /// <summary>The number, made once. For constants only: nothing is ever let go.</summary>
    public static Scalar Of(double value) => Kept.GetOrAdd(value, static one => one);
}
