using AnomalySharp.Networks;
using AnomalySharp.Networks.Simd;
using AnomalySharp.Persistence;
using AnomalySharp.Tests.Common;
using AnomalySharp.Torch.Native;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Tests.Networks;

/// <summary>The managed networks and optimisers against libtorch, from the same weights.</summary>
public class DenseNetworkAgainstTorchTests
{
    private const int Inputs = 11, Hidden = 37, Outputs = 5, Count = 29;

    public static TheoryData<Activation, bool> AllFunctions
    {
        get
        {
            TheoryData<Activation, bool> data = [];
            foreach (Activation activation in Enum.GetValues<Activation>())
            {
                data.Add(activation, true);
                data.Add(activation, false);
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(AllFunctions))]
    public void Outputs_gradients_and_running_statistics_are_those_of_libtorch(Activation activation, bool normalized)
    {
        TorchRuntime.Prepare();
        foreach (DenseMath math in (DenseMath[])[DenseMath.Vector512Bits, DenseMath.Vector256Bits, DenseMath.Portable])
        {
            DenseLayer layer = new(Hidden, activation) { BatchNormalization = normalized };
            using DenseNetwork network = new(Inputs, [layer, new DenseLayer(Outputs, activation)], 3, math);
            using DisposeScope scope = NewDisposeScope();
            TensorState state = State(network);
            Parameter[] weights = [.. ((string[])["layer1.weight", "layer2.weight", "layer2.bias"]).Select(name => Parameter(state, name))];
            Parameter[] first = normalized
                ? [Parameter(state, "layer1.normalization.weight"), Parameter(state, "layer1.normalization.bias")]
                : [Parameter(state, "layer1.bias")];
            Tensor mean = zeros(Hidden), variance = ones(Hidden);
            float[] x = FiniteDifferences.Normal(1, Count * Inputs), dy = FiniteDifferences.Normal(2, Count * Outputs);
            Tensor input = tensor(x, [Count, Inputs]).requires_grad_();
            Tensor linear = nn.functional.linear(input, weights[0], normalized ? null : first[0]);
            Tensor hidden = normalized ? nn.functional.batch_norm(linear, mean, variance, first[0], first[1], training: true) : linear;
            Tensor output = activation.Apply(nn.functional.linear(activation.Apply(hidden), weights[1], weights[2]));
            output.backward([tensor(dy, [Count, Outputs])]);

            Near(output, network.Forward(x, Count));
            Near(input.grad!, network.Backward(dy, needInputGradient: true));
            TensorState after = State(network);
            if (normalized)
            {
                Near(mean, after.Get<float>("layer1.normalization.running_mean"));
                Near(variance, after.Get<float>("layer1.normalization.running_var"));
            }
            // The gradients lie where the parameters lie: read as parameters, they have names and no padding.
            network.Parameters.Gradients.CopyTo(network.Parameters.Values);
            TensorState gradients = State(network);
            Near(weights[0].grad!, gradients.Get<float>("layer1.weight"));
            Near(weights[1].grad!, gradients.Get<float>("layer2.weight"));
            Near(weights[2].grad!, gradients.Get<float>("layer2.bias"));
            Near(first[0].grad!, gradients.Get<float>(normalized ? "layer1.normalization.weight" : "layer1.bias"));
            if (normalized) Near(first[1].grad!, gradients.Get<float>("layer1.normalization.bias"));
        }
    }

    [Theory, InlineData(OptimizerKind.Adam), InlineData(OptimizerKind.AdamW), InlineData(OptimizerKind.Sgd), InlineData(OptimizerKind.RmsProp), InlineData(OptimizerKind.Adadelta)]
    public void Optimisers_step_like_those_of_libtorch(OptimizerKind kind)
    {
        TorchRuntime.Prepare();
        using DenseNetwork network = new(8, [new DenseLayer(16) { Bias = false }]);
        using DisposeScope scope = NewDisposeScope();
        Parameter parameter = new(tensor(network.Parameters.Values.ToArray()));
        const double Rate = 0.01, Decay = 0.05;
        (Optimizer ours, optim.Optimizer theirs) = kind switch
        {
            OptimizerKind.Adam => (Optimizer.Adam([network], Rate, weightDecay: Decay), (optim.Optimizer)optim.Adam([parameter], Rate, weight_decay: Decay)),
            OptimizerKind.AdamW => (Optimizer.AdamW([network], Rate, weightDecay: Decay), optim.AdamW([parameter], Rate, weight_decay: Decay)),
            OptimizerKind.Sgd => (Optimizer.Sgd([network], Rate, 0.9, Decay), optim.SGD([parameter], Rate, 0.9, weight_decay: Decay)),
            OptimizerKind.RmsProp => (Optimizer.RmsProp([network], Rate, 0.99, weightDecay: Decay), optim.RMSProp([parameter], Rate, 0.99, weight_decay: Decay)),
            _ => (Optimizer.Adadelta([network], Rate, 0.9, weightDecay: Decay), optim.Adadelta([parameter], Rate, 0.9, weight_decay: Decay)),
        };
        for (int step = 0; step < 20; step++)
        {
            float[] gradient = FiniteDifferences.Normal(step, network.Parameters.Length);
            gradient.CopyTo(network.Parameters.Gradients);
            using Tensor copy = tensor(gradient);
            parameter.grad = copy;
            ours.Step();
            theirs.step();
        }
        Near(parameter, network.Parameters.Values);
        theirs.Dispose();
    }

    private static Parameter Parameter(TensorState state, string name) =>
        new(tensor(state.Get<float>(name), [.. state.Tensors[name].Shape.Select(extent => (long)extent)]));

    private static TensorState State(Network network)
    {
        TensorState state = new();
        network.WriteState(state);
        return state;
    }

    private static void Near(Tensor expected, ReadOnlySpan<float> actual)
    {
        using Tensor plain = expected.detach().contiguous();
        float[] values = plain.data<float>().ToArray();
        Assert.Equal(values.Length, actual.Length);
        for (int i = 0; i < values.Length; i++) Assert.Equal(values[i], actual[i], 1e-4 * Math.Max(1, Math.Abs(values[i])));
    }
}
