using System.Runtime.InteropServices;

namespace AnomalySharp.Tests.Common;

/// <summary>
/// Memory that something still holds, in bytes. Resident memory would not do: it has what the collector and the allocator keep for later, which differs by more
/// than a leak and grows with the processor's caches.
/// </summary>
/// <param name="Managed">
/// What the collector takes living objects to have. It counts the room between pinned objects now with them, now not: the same objects were seen to have 0.8 and
/// 1.2 MB more from one time to the next.
/// </param>
/// <param name="Native">
/// What glibc's allocator has given out, on whichever thread, and not got back (its small caches of threads count as given out); null with a C library that does
/// not tell.
/// </param>
internal readonly record struct MemoryInUse(long Managed, long? Native)
{
    /// <summary>
    /// Lets the collector take what nothing refers to, and finalisers give their native memory back: what earlier tests have left would else go at any time between
    /// two measurements.
    /// </summary>
    public static void Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    /// <summary>As it is once nothing waits for its finaliser.</summary>
    public static MemoryInUse Measure()
    {
        Settle();
        return new MemoryInUse(GC.GetTotalMemory(forceFullCollection: true), Allocated());
    }

    /// <summary>What is held natively; skips the test where that cannot be told.</summary>
    public static long RequireNative()
    {
        long? native = Measure().Native;
        Assert.SkipUnless(native is not null, "The C library does not tell what it has given out (glibc does, from 2.33 on).");
        return native!.Value;
    }

    private static long? Allocated()
    {
        if (!NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "mallinfo2", out nint mallinfo)) return null;
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
