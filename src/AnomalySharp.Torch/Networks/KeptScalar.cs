using System.Collections.Concurrent;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

#pragma warning disable RS0030 // The one place where numbers become scalars.

/// <summary>
/// Numbers for libtorch that live at least as long as the operation that reads them. TorchSharp 0.107 hands an operation the native address of a temporary
/// <see cref="Scalar"/> and keeps nothing alive: on a busy machine a collection frees it while the operation has yet to read it, and libtorch fails or reads
/// something else. Implicit conversions and operators with numbers are therefore banned in this project (BannedSymbols.txt).
/// </summary>
internal static class KeptScalar
{
    private static readonly ConcurrentDictionary<double, Scalar> Kept = new();

    /// <summary>The number, made once. For constants only: nothing is ever let go.</summary>
    public static Scalar Of(double value) => Kept.GetOrAdd(value, static one => one);

    /// <summary>The number, for the caller to dispose of after the operation.</summary>
    public static Scalar Once(double value) => value;

    /// <summary>tensor + number.</summary>
    public static Tensor Plus(this Tensor tensor, double number)
    {
        using Scalar scalar = number;
        // With the factor, which TorchSharp makes a scalar of where it is left away.
        return tensor.add(scalar, Of(1));
    }

    /// <summary>tensor + other; TorchSharp's own sum makes a scalar of the factor 1.</summary>
    public static Tensor Plus(this Tensor tensor, Tensor other) => tensor.add(other, Of(1));

    /// <summary>tensor², without the exponent that TorchSharp makes a scalar of.</summary>
    public static Tensor Squared(this Tensor tensor) => tensor * tensor;

    /// <summary>log(1 + exp(tensor)), without the scalars of libtorch's softplus.</summary>
    public static Tensor Softplus(this Tensor tensor) => nn.functional.logsigmoid(tensor.neg()).neg();

    /// <summary>tensor · number.</summary>
    public static Tensor Times(this Tensor tensor, double number)
    {
        using Scalar scalar = number;
        return tensor.mul(scalar);
    }

    /// <summary>tensor / number.</summary>
    public static Tensor Over(this Tensor tensor, double number)
    {
        using Scalar scalar = number;
        return tensor.div(scalar);
    }

    /// <summary>number − tensor.</summary>
    public static Tensor From(this Tensor tensor, double number) => tensor.neg().Plus(number);

    /// <summary>The values, those outside of <paramref name="low"/> to <paramref name="high"/> being replaced by the nearer of the two.</summary>
    public static Tensor Within(this Tensor tensor, double low, double high)
    {
        using Scalar least = low, most = high;
        return tensor.clamp(least, most);
    }

    /// <summary>
    /// The one value of a tensor, which TorchSharp's own conversions read from a temporary scalar: freed too early, it is another number, or the process ends.
    /// </summary>
    public static double Number(this Tensor tensor)
    {
        using Scalar scalar = tensor.ToScalar();
        return scalar.ToDouble();
    }
}
