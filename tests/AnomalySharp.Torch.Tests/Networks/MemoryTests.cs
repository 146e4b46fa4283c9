using AnomalySharp.Networks;
using AnomalySharp.Tests.Common;
using AnomalySharp.Torch.Native;
using TorchSharp;

namespace AnomalySharp.Torch.Tests.Networks;

/// <summary>Runs alone: other tests would allocate meanwhile.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class RunsAlone;

[Collection<RunsAlone>]
public class MemoryTests
{
    [Fact]
    public void The_memory_of_a_tensor_is_in_use_until_it_is_disposed_of()
    {
        const long Size = 64 << 20, Other = 2 << 20;
        Make().Dispose();
        long before = MemoryInUse.RequireNative();
        torch.Tensor tensor = Make();
        Assert.InRange(MemoryInUse.RequireNative() - before, Size - Other, Size + Other);
        tensor.Dispose();
        Assert.InRange(MemoryInUse.RequireNative() - before, -Other, Other);

        static torch.Tensor Make()
        {
            TorchRuntime.Prepare();
            return torch.zeros(Size, torch.uint8);
        }
    }

    [Fact]
    public void Memory_does_not_grow_with_steps_or_with_scored_batches()
    {
        using AutoencoderNetworks networks = ConvolutionalAutoencoderTests.Create(
            ConvolutionalAutoencoderTests.Architecture(3, 16, 16) with { Hidden = [4, 4], BatchNormalization = true });
        float[] input = FiniteDifferences.Normal(1, 64 * 768);
        Run(100);
        long? before = MemoryInUse.Measure().Native;
        long tensors = torch.Tensor.TotalCount;
        Run(600);
        // Before any garbage collection: a tensor that waits for its finaliser holds native memory that the collector knows nothing of.
        Assert.Equal(tensors, torch.Tensor.TotalCount);
        // One kept batch per step (0.2 MB) would come to 118 MB.
        if (MemoryInUse.Measure().Native - before is { } grown) Assert.True(grown < 5_000_000, $"{grown / 1e6:F1} MB more after 600 steps.");

        void Run(int steps)
        {
            for (int i = 0; i < steps; i++)
            {
                ReadOnlySpan<float> output = networks.Decoder.Forward(networks.Encoder.Forward(input, 64), 64);
                networks.Encoder.Backward(networks.Decoder.Backward(output, needInputGradient: true));
                if (i % 5 == 0) TorchNetworkTests.Reconstruct(networks, input, 64);
            }
        }
    }
}
