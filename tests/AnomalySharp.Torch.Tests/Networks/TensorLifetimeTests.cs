using AnomalySharp.Tests.Common;
using AnomalySharp.Tests.Contract;
using TorchSharp;

namespace AnomalySharp.Torch.Tests.Networks;

/// <summary>Tensors are disposed of, not left to the collector, which knows nothing of their native memory. Runs alone: other tests would make tensors meanwhile.</summary>
[Collection<RunsAlone>]
public class TensorLifetimeTests
{
    public static TheoryData<string> Cases => DetectorContract.Cases;

    [Theory, MemberData(nameof(Cases))]
    public void No_tensor_outlives_the_scores_and_explanations_that_it_was_made_for(string name)
    {
        ContractCase tested = ContractCase.All[name];
        Samples few = tested.First(tested.Test, 20);
        Use();
        MemoryInUse.Settle();
        long before = torch.Tensor.TotalCount;
        Use();
        // At once: a collection would take with it what was forgotten.
        Assert.Equal(before, torch.Tensor.TotalCount);

        void Use()
        {
            tested.Shared.Score(few);
            tested.Shared.Attribute(few);
        }
    }
}
