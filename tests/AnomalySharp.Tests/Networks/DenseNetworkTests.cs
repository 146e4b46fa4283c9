using AnomalySharp.Networks;
using AnomalySharp.Networks.Simd;
using AnomalySharp.Persistence;
using AnomalySharp.Tests.Common;

namespace AnomalySharp.Tests.Networks;

public class DenseNetworkTests
{
    private static readonly Dictionary<string, DenseMath> Paths = new()
    {
        ["Vector512"] = DenseMath.Vector512Bits,
        ["Vector256"] = DenseMath.Vector256Bits,
        ["portable"] = DenseMath.Portable,
    };

    public static TheoryData<string> AllPaths => [.. Paths.Keys];

    public static TheoryData<string, Activation> AllFunctions
    {
        get
        {
            TheoryData<string, Activation> data = [];
            foreach (string path in Paths.Keys)
            {
                foreach (Activation activation in Enum.GetValues<Activation>()) data.Add(path, activation);
            }
            return data;
        }
    }

    internal static DenseNetwork Create(string path, int inputs, IReadOnlyList<DenseLayer> layers, int seed = 5) => new(inputs, layers, seed, Paths[path]);

    [Theory, MemberData(nameof(AllFunctions))]
    public void Gradients_are_the_slopes_of_the_loss_for_every_function(string path, Activation activation)
    {
        foreach (bool bias in (bool[])[true, false])
        {
            using DenseNetwork network = Create(path, 7, [new DenseLayer(50, activation) { Bias = bias }, new DenseLayer(19, activation) { Bias = bias }, new DenseLayer(3, activation)]);
            Randomize(network);
            FiniteDifferences.Check(network, 13);
        }
    }

    [Theory, MemberData(nameof(AllFunctions))]
    public void Gradients_are_the_slopes_of_the_loss_with_batch_normalisation(string path, Activation activation)
    {
        using DenseNetwork network = Create(
            path, 9, [new DenseLayer(33, activation) { BatchNormalization = true }, new DenseLayer(20, activation) { BatchNormalization = true }, new DenseLayer(5)]);
        Randomize(network);
        FiniteDifferences.Check(network, 21, tolerance: 4e-2);
    }

    [Theory, MemberData(nameof(AllPaths))]
    public void Gradients_agree_with_a_plain_loop_in_double_precision(string path)
    {
        // Wider and deeper than one block of the products, and with rows and columns that fill no tile.
        const int Inputs = 265, Outputs = 43, Count = 261;
        using DenseNetwork network = Create(path, Inputs, [new DenseLayer(Outputs, Activation.LeakyRelu)]);
        Randomize(network);
        float[] x = FiniteDifferences.Normal(1, Count * Inputs), dy = FiniteDifferences.Normal(2, Count * Outputs);
        float[] weight = State(network).Get<float>("layer1.weight"), bias = State(network).Get<float>("layer1.bias");
        float[] y = network.Forward(x, Count).ToArray(), dx = network.Backward(dy, needInputGradient: true).ToArray();
        double[] expected = new double[Outputs * Inputs], expectedInput = new double[Count * Inputs];
        for (int n = 0; n < Count; n++)
        {
            for (int o = 0; o < Outputs; o++)
            {
                double z = bias[o];
                for (int i = 0; i < Inputs; i++) z += (double)x[n * Inputs + i] * weight[o * Inputs + i];
                Assert.Equal(z > 0 ? z : 0.01 * z, y[n * Outputs + o], 1e-3);
                double dz = dy[n * Outputs + o] * (z > 0 ? 1 : 0.01);
                for (int i = 0; i < Inputs; i++)
                {
                    expected[o * Inputs + i] += dz * x[n * Inputs + i];
                    expectedInput[n * Inputs + i] += dz * weight[o * Inputs + i];
                }
            }
        }
        for (int i = 0; i < dx.Length; i++) Assert.Equal(expectedInput[i], dx[i], 1e-3);
        network.Parameters.Gradients.CopyTo(network.Parameters.Values);
        float[] gradient = State(network).Get<float>("layer1.weight");
        for (int i = 0; i < gradient.Length; i++) Assert.Equal(expected[i], gradient[i], 1e-2);
    }

    [Theory, MemberData(nameof(AllFunctions))]
    public void Functions_are_accurate_to_a_millionth_and_keep_infinity_and_nan(string path, Activation activation)
    {
        float[] x = [.. Enumerable.Range(-4000, 8001).Select(i => i * 0.025f), 0];
        foreach (float value in x)
        {
            double expected = activation switch
            {
                Activation.Relu => Math.Max(0, value),
                Activation.LeakyRelu => value > 0 ? value : 0.01 * value,
                Activation.Elu => value > 0 ? value : Math.Exp(value) - 1,
                Activation.Tanh => Math.Tanh(value),
                Activation.Sigmoid => 1 / (1 + Math.Exp(-value)),
                Activation.Softplus => value > 30 ? value : Math.Log(1 + Math.Exp(value)),
                _ => value,
            };
            Assert.Equal(expected, Activate(path, activation, value), 1e-6 * Math.Max(1, Math.Abs(expected)));
        }
        Assert.True(float.IsNaN(Activate(path, activation, float.NaN)));
        Assert.False(float.IsNaN(Activate(path, activation, float.NegativeInfinity)));
        Assert.False(float.IsNaN(Activate(path, activation, 3e38f)));
    }

    [Theory, MemberData(nameof(AllPaths))]
    public void Outputs_do_not_depend_on_grouping_to_the_last_bit(string path)
    {
        const int Count = 333, Inputs = 300;
        using DenseNetwork network = Create(
            path, Inputs, [new DenseLayer(70, Activation.Tanh) { BatchNormalization = true }, new DenseLayer(33, Activation.Relu), new DenseLayer(17, Activation.Sigmoid)]);
        Randomize(network);
        float[] x = FiniteDifferences.Normal(3, Count * Inputs), all = Infer(network, x, Count);
        foreach ((int start, int count) in ((int, int)[])[(0, 1), (5, 1), (7, 3), (11, 8), (100, 13), (128, 200), (332, 1)])
        {
            Assert.Equal(all[(start * 17)..((start + count) * 17)], Infer(network, x[(start * Inputs)..((start + count) * Inputs)], count));
        }
    }

    [Theory, MemberData(nameof(AllPaths))]
    public void Padding_of_parameters_and_gradients_stays_zero(string path)
    {
        using DenseNetwork network = Create(path, 3, [new DenseLayer(5, Activation.Sigmoid), new DenseLayer(2, Activation.Softplus) { BatchNormalization = true }, new DenseLayer(1)]);
        network.Forward(FiniteDifferences.Normal(1, 33), 11);
        network.Backward(FiniteDifferences.Normal(2, 11));
        int learnt = State(network).Tensors.Where(tensor => !tensor.Key.Contains("running", StringComparison.Ordinal)).Sum(tensor => tensor.Value.Bytes.Length / 4);
        int nonzero = 0;
        foreach (float gradient in network.Parameters.Gradients) nonzero += gradient == 0 ? 0 : 1;
        Assert.InRange(nonzero, 1, learnt);
        foreach (float value in network.Parameters.Values) nonzero += float.IsFinite(value) ? 0 : 1;
        Assert.InRange(nonzero, 1, learnt);
    }

    [Fact]
    public void Dropout_drops_its_share_in_training_only_and_the_mask_follows_from_the_batch_number()
    {
        using DenseNetwork network = new(4, [new DenseLayer(400) { Dropout = 0.25f, Bias = false }]), twin = new(4, [new DenseLayer(400) { Dropout = 0.25f, Bias = false }]);
        float[] x = [.. Enumerable.Repeat(1f, 4 * 50)], first = network.Forward(x, 50).ToArray(), second = network.Forward(x, 50).ToArray();
        Assert.InRange(first.Count(value => value == 0) / 20000.0, 0.23, 0.27);
        Assert.NotEqual(first, second);
        float[] whole = Infer(network, x, 50);
        for (int i = 0; i < first.Length; i++) Assert.True(first[i] == 0 || Math.Abs(first[i] - whole[i] / 0.75f) < 1e-5);
        // What was read back goes on with the second mask.
        twin.Forward(x, 50);
        TensorState state = State(twin);
        using DenseNetwork resumed = new(4, [new DenseLayer(400) { Dropout = 0.25f, Bias = false }]);
        resumed.ReadState(state);
        Assert.Equal(second, resumed.Forward(x, 50).ToArray());
    }

    [Theory, MemberData(nameof(AllPaths))]
    public void Gradients_through_dropout_are_the_slopes_for_the_same_mask(string path)
    {
        using DenseNetwork network = Create(path, 6, [new DenseLayer(40, Activation.Sigmoid) { Dropout = 0.3f }, new DenseLayer(20, Activation.Tanh) { Dropout = 0.5f }, new DenseLayer(2)]);
        TensorState first = State(network);
        float[] x = FiniteDifferences.Normal(1, 60), w = FiniteDifferences.Normal(2, 20);
        network.Forward(x, 10);
        float[] dx = network.Backward(w, needInputGradient: true).ToArray(), direction = FiniteDifferences.Normal(3, 60);
        double Loss(double h)
        {
            network.ReadState(first);
            float[] moved = [.. x.Select((value, i) => (float)(value + h * direction[i]))];
            return FiniteDifferences.Dot(network.Forward(moved, 10), w);
        }
        Assert.Equal(FiniteDifferences.Dot(dx, direction), (Loss(1e-2) - Loss(-1e-2)) / 2e-2, 2e-3);
    }

    [Fact]
    public void Batch_normalisation_of_one_row_uses_the_running_statistics_and_leaves_them_alone()
    {
        using DenseNetwork network = new(3, [new DenseLayer(8, Activation.Relu) { BatchNormalization = true }, new DenseLayer(2)]);
        network.Forward(FiniteDifferences.Normal(1, 60), 20);
        float[] row = FiniteDifferences.Normal(2, 3), before = State(network).Get<float>("layer1.normalization.running_var");
        float[] trained = network.Forward(row, 1).ToArray();
        Assert.Equal(Infer(network, row, 1), trained, (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal(before, State(network).Get<float>("layer1.normalization.running_var"));
        FiniteDifferences.Check(network, 1);
    }

    [Fact]
    public void Gradients_of_two_batches_add_up()
    {
        using DenseNetwork network = new(5, [new DenseLayer(9, Activation.Tanh), new DenseLayer(4)]);
        float[] x = FiniteDifferences.Normal(1, 50), dy = FiniteDifferences.Normal(2, 40);
        network.Forward(x, 10);
        network.Backward(dy);
        float[] once = network.Parameters.Gradients.ToArray();
        network.Backward(dy.AsSpan());
        Assert.Equal(once.Select(value => 2 * value), network.Parameters.Gradients.ToArray(), (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Fact]
    public void A_state_of_another_architecture_is_refused_and_changes_nothing()
    {
        using DenseNetwork network = new(4, [new DenseLayer(6), new DenseLayer(2)]), wider = new(4, [new DenseLayer(6), new DenseLayer(3)], 9);
        using DenseNetwork swapped = new(6, [new DenseLayer(4), new DenseLayer(2)], 9);
        float[] before = network.Parameters.Values.ToArray();
        Assert.Throws<ModelFileException>(() => network.ReadState(State(wider)));
        Assert.Throws<ModelFileException>(() => network.ReadState(State(swapped)));
        Assert.Throws<ModelFileException>(() => network.ReadState(new TensorState()));
        Assert.Equal(before, network.Parameters.Values.ToArray());
    }

    [Fact]
    public void Concurrent_inference_gives_what_one_thread_gives()
    {
        using DenseNetwork network = new(20, [new DenseLayer(64, Activation.Relu), new DenseLayer(20)]);
        float[] x = FiniteDifferences.Normal(1, 20 * 500), expected = Infer(network, x, 500);
        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ => Assert.Equal(expected, Infer(network, x, 500)));
    }

    [Fact]
    public void Impossible_layers_are_refused()
    {
        Assert.Throws<OptionException>(() => new DenseNetwork(3, []));
        Assert.Throws<OptionException>(() => new DenseNetwork(3, [new DenseLayer(0)]));
        Assert.Throws<OptionException>(() => new DenseNetwork(0, [new DenseLayer(2)]));
        Assert.Throws<OptionException>(() => new DenseNetwork(3, [new DenseLayer(2) { Dropout = 1 }]));
    }

    internal static float[] Infer(Network network, float[] input, int count)
    {
        float[] output = new float[count * network.OutputSize];
        network.Infer(input, count, output);
        return output;
    }

    internal static TensorState State(Network network)
    {
        TensorState state = new();
        network.WriteState(state);
        return state;
    }

    /// <summary>Biases, γ and β are not what they start as, so that their part in the gradients shows.</summary>
    internal static void Randomize(Network network)
    {
        TensorState random = new();
        int seed = 30;
        foreach ((string name, StoredTensor tensor) in State(network).Tensors)
        {
            if (name.Contains("running_var", StringComparison.Ordinal) || name.StartsWith("dropout", StringComparison.Ordinal))
            {
                random.Add(name, tensor);
                continue;
            }
            int length = tensor.Shape.Aggregate(1, (product, extent) => product * extent);
            float scale = tensor.Shape.Count == 2 ? 1 / MathF.Sqrt(tensor.Shape[1]) : 0.5f;
            random.Set<float>(name, FiniteDifferences.Normal(seed++, length).Select(value => value * scale).ToArray(), [.. tensor.Shape]);
        }
        network.ReadState(random);
    }

    private static float Activate(string path, Activation activation, float value)
    {
        using AlignedBuffer buffer = new(16);
        buffer.Span.Fill(value);
        unsafe
        {
            Paths[path].Activate(activation, buffer.Pointer, 16);
        }
        for (int i = 1; i < 16; i++) Assert.Equal(buffer.Span[0], buffer.Span[i]);
        return buffer.Span[0];
    }

    [Fact]
    public void A_network_that_was_disposed_of_says_so_instead_of_ending_the_process()
    {
        DenseNetwork network = new(3, [new DenseLayer(2, Activation.Tanh)]);
        network.Forward(new float[3], 1);
        network.Dispose();
        Assert.Throws<ObjectDisposedException>(() => network.Infer(new float[3], 1, new float[2]));
        Assert.Throws<ObjectDisposedException>(() => { network.Forward(new float[3], 1); });
        Assert.Throws<ObjectDisposedException>(() => { network.Backward(new float[2]); });
        Assert.Throws<ObjectDisposedException>(() => network.WriteState(new TensorState()));
        Assert.Throws<ObjectDisposedException>(() => network.ReadState(new TensorState()));
    }

    [Fact]
    public void A_tied_network_says_that_the_encoder_whose_weights_it_uses_was_disposed_of()
    {
        DenseNetwork encoder = new(3, [new DenseLayer(2, Activation.Tanh)]);
        using DenseNetwork decoder = DenseNetwork.Tied(encoder, [new DenseLayer(3, Activation.Identity)]);
        encoder.Dispose();
        Assert.Throws<ObjectDisposedException>(() => decoder.Infer(new float[2], 1, new float[3]));
        Assert.Throws<ObjectDisposedException>(() => { decoder.Forward(new float[2], 1); });
    }

    [Fact]
    public void Spans_that_are_too_short_for_the_samples_are_refused()
    {
        using DenseNetwork network = new(16, [new DenseLayer(16, Activation.Tanh)]);
        Assert.Equal("input", Assert.Throws<ArgumentException>(() => network.Infer(new float[31], 2, new float[32])).ParamName);
        Assert.Equal("output", Assert.Throws<ArgumentException>(() => network.Infer(new float[32], 2, new float[31])).ParamName);
        Assert.Equal("input", Assert.Throws<ArgumentException>(() => { network.Forward(new float[31], 2); }).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Infer(new float[32], -1, new float[32]));
        Assert.Throws<ArgumentOutOfRangeException>(() => { network.Forward(new float[32], 0); });
        network.Forward(new float[32], 2);
        Assert.Equal("outputGradient", Assert.Throws<ArgumentException>(() => { network.Backward(new float[31]); }).ParamName);
    }

    [Fact]
    public void Widths_that_make_too_many_weights_are_refused_with_their_number_and_the_options()
    {
        string message = Assert.Throws<OptionException>(() => new DenseNetwork(10, [new DenseLayer(65_536), new DenseLayer(65_536)])).Message;
        Assert.Contains("10 values through layers of 65536,65536", message, StringComparison.Ordinal);
        Assert.Contains("4,295,622,656 weights", message, StringComparison.Ordinal);
        Assert.Contains("'hidden'", message, StringComparison.Ordinal);
    }
}
