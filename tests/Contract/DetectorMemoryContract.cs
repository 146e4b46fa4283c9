using AnomalySharp.Tests.Common;

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
        Samples batch = EasyData.Create(tested.Kind, 256, 0, seed: 9);
        // Scores that stay alive would come to all of this; what the runtime itself keeps is far less.
        long scores = (long)Batches * batch.Count * sizeof(float), managed, native;
        Score(10);
        int round = 0;
        // What stays alive stays in every round; the collector counts what lies between pinned objects, up to a megabyte, now as used, now as free.
        do
        {
            MemoryInUse before = MemoryInUse.Measure();
            Score(Batches);
            MemoryInUse after = MemoryInUse.Measure();
            managed = after.Managed - before.Managed;
            native = after.Native - before.Native;
        }
        while (managed >= scores / 2 && ++round < Rounds);
        Assert.True(managed < scores / 2, $"{managed} more bytes are alive after {Batches} batches.");
        // Native memory, which the collector does not see: a network's layers, kept for every batch, would come to hundreds of megabytes.
        Assert.True(native < 12_000_000, $"{native / 1e6:F1} MB more are allocated natively after {Batches} batches.");

        void Score(int times)
        {
            for (int i = 0; i < times; i++) tested.Shared.Score(batch);
        }
    }
}
