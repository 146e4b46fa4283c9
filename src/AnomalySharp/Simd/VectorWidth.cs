using System.Runtime.Intrinsics;

namespace AnomalySharp.Simd;

/// <summary>The vector registers that kernels are compiled for.</summary>
internal enum VectorWidth
{
    /// <summary>4 floats: what every processor has.</summary>
    Portable,

    /// <summary>8 floats.</summary>
    Bits256,

    /// <summary>16 floats.</summary>
    Bits512,
}

/// <summary>What this processor has.</summary>
internal static class VectorWidths
{
    /// <summary>The widest in hardware. Asked for explicitly: wider vectors work everywhere, and are many times slower.</summary>
    public static VectorWidth Widest { get; } = Vector512.IsHardwareAccelerated ? VectorWidth.Bits512
        : Vector256.IsHardwareAccelerated ? VectorWidth.Bits256
        : VectorWidth.Portable;
}
