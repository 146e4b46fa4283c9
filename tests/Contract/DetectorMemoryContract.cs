using System.Runtime.InteropServices;

namespace AnomalySharp.Tests.Contract;

/// <summary>Runs alone: other tests would allocate meanwhile.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class MeasuresMemory;

/// <summary>Memory does not grow with the number of scored batches, managed or native.</summary>
[Collection<MeasuresMemory>]
public class DetectorMemoryContract
{
    public static TheoryData<string> Cases => DetectorContract.Cases;

    [Theory(SkipTestWithoutData = true), MemberData(nameof(Cases))]
    public void Memory_does_not_grow_with_the_number_of_scored_batches(string name)
    {
        ContractCase tested = ContractCase.All[name];
        const int Batches = 100;
        Samples batch = EasyData.Create(tested.Kind, 256, 0, seed: 9);
        Score(10);
        (long managed, long native) = Measure();
        Score(Batches);
        (long managedAfter, long nativeAfter) = Measure();
        // Scores that stay alive would come to all of this; what the runtime itself keeps is far less.
        long scores = (long)Batches * batch.Count * sizeof(float);
        Assert.True(managedAfter - managed < scores / 2, $"{managedAfter - managed} more bytes are alive after {Batches} batches.");
        // Native memory, which the collector does not see: a network's layers, kept for every batch, would come to hundreds of megabytes.
        Assert.True(nativeAfter - native < 12_000_000, $"{(nativeAfter - native) / 1e6:F1} MB more are allocated natively after {Batches} batches.");

        void Score(int times)
        {
            for (int i = 0; i < times; i++) tested.Shared.Score(batch);
        }
    }

    private static (long Managed, long Native) Measure()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return (GC.GetTotalMemory(forceFullCollection: true), NativeBytes());
    }

    /// <summary>
    /// What glibc's allocator has given out and not got back; 0 with another C library. Resident memory would not do: it has what the collector and the allocator
    /// keep for later, which differs by more than a leak and grows with the processor's caches.
    /// </summary>
    private static long NativeBytes()
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
