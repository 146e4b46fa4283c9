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
        const int Batches = 100;
        Samples batch = EasyData.Create(tested.Kind, 256, 0, seed: 9);
        // Scores that stay alive would come to all of this; what the runtime itself keeps is far less.
        long scores = (long)Batches * batch.Count * sizeof(float);
        Score(10);
        List<MemoryInUse> grown = [Grown()];
        // The middle one of three: the collector's count of the same objects moves, up and down, by more than this.
        if (grown[0].Managed >= scores / 2) grown = [.. ((List<MemoryInUse>)[grown[0], Grown(), Grown()]).OrderBy(one => one.Managed)];
        long managed = grown[grown.Count / 2].Managed;
        Assert.True(managed < scores / 2, $"{managed} more bytes are alive after {Batches} batches.");
        // Of the 150 cases the one that grew most, adgan on a table, grew by 6.5 MB in the first 100 batches, and by 2.7 MB in the first 400.
        if (grown.Min(one => one.Native) is { } native) Assert.True(native < 8_000_000, $"{native / 1e6:F1} MB more are allocated natively after {Batches} batches.");

        MemoryInUse Grown()
        {
            MemoryInUse before = MemoryInUse.Measure();
            Score(Batches);
            MemoryInUse after = MemoryInUse.Measure();
            return new MemoryInUse(after.Managed - before.Managed, after.Native - before.Native);
        }

        void Score(int times)
        {
            for (int i = 0; i < times; i++) tested.Shared.Score(batch);
        }
    }
}
