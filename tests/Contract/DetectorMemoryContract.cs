using System.Diagnostics;
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
        (long managed, long resident) = Measure();
        Score(Batches);
        (long managedAfter, long residentAfter) = Measure();
        // Scores that stay alive would come to all of this; what the runtime itself keeps is far less.
        long scores = (long)Batches * batch.Count * sizeof(float);
        Assert.True(managedAfter - managed < scores / 2, $"{managedAfter - managed} more bytes are alive after {Batches} batches.");
        // For native memory, which the collector does not see: a network's layers, kept for every batch, would come to hundreds of megabytes.
        Assert.True(residentAfter - resident < 25_000_000, $"{(residentAfter - resident) / 1e6:F1} MB more resident after {Batches} batches.");

        void Score(int times)
        {
            for (int i = 0; i < times; i++) tested.Shared.Score(batch);
        }
    }

    private delegate int Trim(nuint kept);

    private static (long Managed, long Resident) Measure()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long managed = GC.GetTotalMemory(forceFullCollection: true);
        // What glibc keeps of freed memory, up to the 64 MB at a time that libtorch's runtime is set to take, is not in use.
        if (NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "malloc_trim", out nint trim)) Marshal.GetDelegateForFunctionPointer<Trim>(trim)(0);
        using Process process = Process.GetCurrentProcess();
        return (managed, process.WorkingSet64);
    }
}
