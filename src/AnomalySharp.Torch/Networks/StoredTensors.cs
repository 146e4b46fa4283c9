using System.Runtime.InteropServices;
using AnomalySharp.Persistence;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>Tensors of libtorch to and from a state: row-major, whatever their layout in memory.</summary>
internal static class StoredTensors
{
    /// <summary>Stores a copy of a float32 or int64 tensor.</summary>
    public static void Write(TensorState state, string name, Tensor tensor)
    {
        using IDisposable noGradient = no_grad();
        using Tensor detached = tensor.detach();
        using Tensor here = detached.cpu();
        using Tensor rowMajor = here.contiguous();
        int[] shape = [.. tensor.shape.Select(extent => checked((int)extent))];
        if (tensor.dtype == ScalarType.Float32) state.Set<float>(name, MemoryMarshal.Cast<byte, float>(rowMajor.bytes), shape);
        else if (tensor.dtype == ScalarType.Int64) state.Set<long>(name, MemoryMarshal.Cast<byte, long>(rowMajor.bytes), shape);
        else throw new NotSupportedException($"'{name}' is {tensor.dtype}; a state holds float32 and int64 tensors.");
    }

    /// <summary>Reads an array of the kind and shape of <paramref name="like"/>; the caller disposes of it.</summary>
    /// <exception cref="ModelFileException">Missing, or of another kind or shape.</exception>
    public static Tensor Read(TensorState state, string name, Tensor like)
    {
        int length = checked((int)like.numel());
        if (state.Tensors.TryGetValue(name, out StoredTensor? stored) && !stored.Shape.Select(extent => (long)extent).SequenceEqual(Extents(like)))
        {
            string expected = string.Join(',', Extents(like));
            string found = string.Join(',', stored.Shape);
            throw new ModelFileException($"The model's array '{name}' has the shape [{found}] where [{expected}] is needed.");
        }
        return like.dtype == ScalarType.Int64
            ? tensor(state.Get<long>(name, length), like.shape)
            : tensor(state.Get<float>(name, length), like.shape);
    }

    // A state has no arrays without extents: one number is stored as an array of one.
    private static long[] Extents(Tensor tensor) => tensor.shape is [] ? [1] : tensor.shape;
}
