using System.Runtime.InteropServices;

namespace AnomalySharp.Tests.Common;

/// <summary>
/// Memory that something still holds, in bytes. Resident memory would not do: it has what the collector and the allocator keep for later, which differs by more
/// than a leak and grows with the processor's caches.
/// </summary>
/// <param name="Managed">Objects that are alive.</param>
/// <param name="Native">What glibc's allocator has given out, on whichever thread, and not got back; 0 with another C library.</param>
internal readonly record struct MemoryInUse(long Managed, long Native)
{
    /// <summary>As it is once nothing waits for its finaliser.</summary>
    public static MemoryInUse Measure()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return new MemoryInUse(GC.GetTotalMemory(forceFullCollection: true), Allocated());
    }

    private static long Allocated()
    {
        if (!NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "mallinfo2", out nint mallinfo)) return 0;
        AllocatorState state = Marshal.GetDelegateForFunctionPointer<MallInfo>(mallinfo)();
        return (long)(state.InBlocks + state.InMappings);
    }

    private delegate AllocatorState MallInfo();

    /// <summary>glibc's <c>struct mallinfo2</c>, field by field.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct AllocatorState
    {
        public readonly nuint Arena, FreeBlocks, FreeFastBlocks, Mappings, InMappings, Unused, InFreeFastBlocks, InBlocks, InFreeBlocks, Releasable;
    }
}
