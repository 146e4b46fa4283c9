using System.Runtime.InteropServices;

namespace AnomalySharp.Networks;

/// <summary>Floats that start at a multiple of 64 bytes and do not move.</summary>
internal sealed unsafe class AlignedBuffer : IDisposable
{
    private int _length;

    public float* Pointer { get; private set; }

    public Span<float> Span => new(Pointer, _length);

    public AlignedBuffer(int length = 0) => Require(length);

    ~AlignedBuffer() => NativeMemory.AlignedFree(Pointer);

    /// <summary>Makes room for at least <paramref name="length"/> floats; where it grows, what was in it is lost and all are zero.</summary>
    public void Require(int length)
    {
        if (length <= _length) return;
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
        _length = 0;
        nuint bytes = ((nuint)length * sizeof(float) + 63) / 64 * 64;
        Pointer = (float*)NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(Pointer, bytes);
        _length = length;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
        _length = 0;
        GC.SuppressFinalize(this);
    }
}

/// <summary>Memory of the calling thread for one call of a network, kept for the next.</summary>
internal static unsafe class ThreadScratch
{
    [ThreadStatic]
    private static float[]? t_memory;

    /// <summary>At least <paramref name="length"/> floats from a multiple of 64 bytes on, holding anything; valid until the thread's next
    /// call.</summary>
    public static float* Get(int length)
    {
        float[]? memory = t_memory;
        if (memory is null || memory.Length < length + 16) t_memory = memory = GC.AllocateUninitializedArray<float>(length + 16, pinned: true);
        return (float*)(((nint)Marshal.UnsafeAddrOfPinnedArrayElement(memory, 0) + 63) & ~63);
    }
}
