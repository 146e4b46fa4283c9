using System.Diagnostics;

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
        const int Batches = 100, Rounds = 3;
        const long MostResident = 25_000_000;
        Samples batch = EasyData.Create(tested.Kind, 256, 0, seed: 9);
        Score(10);
        // What grows with the number of batches grows in every round; what the allocator takes once does not.
        (long managed, long resident) growth = (0, 0);
        for (int round = 0; round < Rounds; round++)
        {
            (long managed, long resident) = Measure();
            Score(Batches);
            (long managedAfter, long residentAfter) = Measure();
            growth = (managedAfter - managed, residentAfter - resident);
            if (growth.resident < MostResident) break;
        }
        // Scores that stay alive would come to all of this; what the runtime itself keeps is far less.
        long scores = (long)Batches * batch.Count * sizeof(float);
        Assert.True(growth.managed < scores / 2, $"{growth.managed} more bytes are alive after {Batches} batches.");
        // For native memory, which the collector does not see: a network's layers, kept for every batch, would come to hundreds of megabytes.
        Assert.True(growth.resident < MostResident, $"{growth.resident / 1e6:F1} MB more resident after {Batches} batches, and so in each of {Rounds} rounds.");

        void Score(int times)
        {
            for (int i = 0; i < times; i++) tested.Shared.Score(batch);
        }
    }

    private static (long Managed, long Resident) Measure()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long managed = GC.GetTotalMemory(forceFullCollection: true);
        using Process process = Process.GetCurrentProcess();
        return (managed, process.WorkingSet64);
    }
}
