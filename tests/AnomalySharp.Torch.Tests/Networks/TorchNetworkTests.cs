using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Tests.Common;
using AnomalySharp.Torch.Native;
using AnomalySharp.Torch.Networks;
using TorchSharp;

namespace AnomalySharp.Torch.Tests.Networks;

public class TorchNetworkTests
{
    internal static AutoencoderNetworks Create(int seed = 3, bool normalize = true) => ConvolutionalAutoencoderTests.Create(
        ConvolutionalAutoencoderTests.Architecture(3, 16, 16) with { Hidden = null, BatchNormalization = normalize, Seed = seed });

    [Fact]
    public void Outputs_depend_neither_on_grouping_nor_on_order()
    {
        const int Count = 300, Size = 3 * 16 * 16;
        using AutoencoderNetworks networks = Create();
        float[] input = FiniteDifferences.Normal(1, Count * Size);
        float[] all = Reconstruct(networks, input, Count);
        int[] order = [.. Enumerable.Range(0, Count)];
        new Random(4).Shuffle(order);
        float[] shuffled = [.. order.SelectMany(row => input[(row * Size)..((row + 1) * Size)])];
        float[] shuffledOutput = Reconstruct(networks, shuffled, Count);
        for (int i = 0; i < Count; i++) Assert.Equal(all.AsSpan(order[i] * Size, Size), shuffledOutput.AsSpan(i * Size, Size));
        foreach ((int start, int count) in ((int, int)[])[(0, 1), (7, 5), (100, 128), (160, 129), (299, 1)])
        {
            float[] part = Reconstruct(networks, input.AsSpan(start * Size, count * Size), count);
            Assert.Equal(all[(start * Size)..((start + count) * Size)], part);
        }
    }

    [Fact]
    public void State_round_trip_gives_the_same_outputs_in_another_network()
    {
        using AutoencoderNetworks trained = Create(), other = Create(seed: 99);
        float[] input = FiniteDifferences.Normal(1, 4 * 768);
        trained.Encoder.Forward(input, 4);
        TensorState state = new();
        trained.Encoder.WriteState(state);
        Assert.Equal([64, 3, 3, 3], state.Tensors["stage1.convolution.weight"].Shape);
        Assert.True(state.Contains("stage1.normalization.running_mean"));
        other.Encoder.ReadState(state);
        float[] expected = new float[4 * 8], actual = new float[4 * 8];
        trained.Encoder.Infer(input, 4, expected);
        other.Encoder.Infer(input, 4, actual);
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void A_state_of_another_architecture_is_refused_and_changes_nothing()
    {
        using AutoencoderNetworks networks = Create(), other = Create(seed: 99);
        TensorState state = new(), lacking = new(), wrong = new();
        other.Encoder.WriteState(state);
        foreach ((string name, StoredTensor tensor) in state.Tensors)
        {
            wrong.Add(name, name == "stage2.convolution.weight" ? tensor with { Shape = [.. tensor.Shape.Reverse()] } : tensor);
            if (name != "stage2.convolution.weight") lacking.Add(name, tensor);
        }
        float[] before = networks.Encoder.Parameters.Values.ToArray();
        Assert.Throws<ModelFileException>(() => networks.Encoder.ReadState(lacking));
        Assert.Throws<ModelFileException>(() => networks.Encoder.ReadState(wrong));
        Assert.Equal(before, networks.Encoder.Parameters.Values.ToArray());
    }

    [Fact]
    public void Concurrent_inference_gives_what_one_thread_gives()
    {
        using AutoencoderNetworks networks = Create();
        float[] input = FiniteDifferences.Normal(1, 40 * 768), expected = Reconstruct(networks, input, 40);
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ => Assert.Equal(expected, Reconstruct(networks, input, 40)));
    }

    [Fact]
    public void A_mirrored_network_as_on_a_gpu_does_what_a_direct_one_does()
    {
        TorchRuntime.Prepare();
        AutoencoderArchitecture architecture = ConvolutionalAutoencoderTests.Architecture(2, 9, 6) with { BatchNormalization = true };
        TorchNetwork Network(bool mirrored) => new(
            new ConvolutionalEncoder(architecture, ConvolutionalGeometry.Of(architecture.Shape, architecture.Hidden)),
            architecture.Shape,
            8,
            torch.CPU,
            mirrored);
        using TorchNetwork direct = Network(false), mirrored = Network(true);
        float[] input = FiniteDifferences.Normal(1, 4 * 108), weights = FiniteDifferences.Normal(2, 4 * 8), a = new float[32], b = new float[32];
        for (int step = 0; step < 3; step++)
        {
            foreach (TorchNetwork network in (TorchNetwork[])[direct, mirrored])
            {
                network.Forward(input, 4);
                network.Backward(weights);
                for (int i = 0; i < network.Parameters.Length; i++) network.Parameters.Values[i] -= 0.01f * network.Parameters.Gradients[i];
                network.Parameters.Gradients.Clear();
            }
        }
        direct.Infer(input, 4, a);
        mirrored.Infer(input, 4, b);
        Assert.Equal(a, b);
        TensorState state = new();
        mirrored.WriteState(state);
        using TorchNetwork restored = Network(true);
        restored.ReadState(state);
        Assert.Equal(mirrored.Parameters.Values.ToArray(), restored.Parameters.Values.ToArray());
    }

    internal static float[] Reconstruct(AutoencoderNetworks networks, ReadOnlySpan<float> input, int count)
    {
        float[] code = new float[count * networks.Encoder.OutputSize], output = new float[input.Length];
        networks.Encoder.Infer(input, count, code);
        networks.Decoder.Infer(code, count, output);
        return output;
    }

    [Fact]
    public void A_network_that_was_disposed_of_says_so()
    {
        AutoencoderNetworks networks = Create();
        networks.Dispose();
        Assert.Throws<ObjectDisposedException>(() => networks.Encoder.Infer(new float[768], 1, new float[8]));
        Assert.Throws<ObjectDisposedException>(() => { networks.Encoder.Forward(new float[768], 1); });
        Assert.Throws<ObjectDisposedException>(() => { networks.Encoder.Backward(new float[8]); });
        Assert.Throws<ObjectDisposedException>(() => networks.Encoder.WriteState(new TensorState()));
        Assert.Throws<ObjectDisposedException>(() => networks.Encoder.ReadState(new TensorState()));
    }

    [Fact]
    public void Spans_that_are_too_short_for_the_samples_are_refused()
    {
        using AutoencoderNetworks networks = Create();
        Assert.Throws<ArgumentException>(() => networks.Encoder.Infer(new float[767], 1, new float[8]));
        Assert.Throws<ArgumentException>(() => networks.Encoder.Infer(new float[768], 1, new float[7]));
        Assert.Throws<ArgumentException>(() => { networks.Encoder.Forward(new float[767], 1); });
        networks.Encoder.Forward(new float[2 * 768], 2);
        Assert.Throws<ArgumentException>(() => { networks.Encoder.Backward(new float[15]); });
    }
}
