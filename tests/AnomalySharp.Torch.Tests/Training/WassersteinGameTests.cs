using AnomalySharp.Networks;
using AnomalySharp.Tests.Common;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Tests.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Tests.Training;

public class WassersteinGameTests
{
    /// <summary>The optimum of aΔ − λ(a − 1)² is a = 1 + Δ/2λ.</summary>
    [Theory]
    [InlineData(2, 1.1)]
    [InlineData(5, 1.25)]
    public void With_a_gradient_penalty_a_linear_critic_between_two_points_has_the_slope_that_the_penalty_allows(float distance, double slope)
    {
        (double learnt, double gap) = Play(distance, penalty: 10, network => Optimizer.Sgd([network], 0.02, momentum: 0), steps: 100);
        Assert.Equal(-slope, learnt, 1e-3);
        Assert.Equal(slope * distance, gap, 5e-3);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void With_clipped_weights_its_slope_is_the_largest_allowed(float distance)
    {
        (double learnt, double gap) = Play(distance, penalty: null, network => Optimizer.RmsProp([network], 1e-3), steps: 100);
        Assert.Equal(-0.01, learnt, 1e-7);
        Assert.Equal(0.01 * distance, gap, 1e-6);
    }

    [Fact]
    public void The_generator_moves_once_in_so_many_steps_and_each_optimiser_moves_its_own_network()
    {
        using TorchNetwork generator = new(new Shift(3), new SampleShape(1), 1);
        FeatureModel critic = Critic();
        using TorchNetwork owned = critic.Network;
        LatentNoise noise = new(LatentPrior.Normal, 1, 0);
        WassersteinGame game = new(generator, critic, noise, 5, network => Optimizer.Sgd([network], 0.01), penalty: 10);
        List<float> shifts = [];
        for (int step = 0; step < 10; step++)
        {
            float before = critic.Network.Parameters.Values[0];
            Step(game, step);
            Assert.NotEqual(before, critic.Network.Parameters.Values[0]);
            shifts.Add(generator.Parameters.Values[0]);
        }
        Assert.Equal([3, 3, 3, 3], shifts[..4]);
        Assert.All(shifts[4..9], shift => Assert.Equal(shifts[4], shift));
        // Towards the real samples, which are at 0.
        Assert.True(shifts[4] < 3 && shifts[9] < shifts[4], $"{shifts[4]}, {shifts[9]}");
        IReadOnlyDictionary<string, double> measures = game.Measures.EndEpoch();
        Assert.Equal(["critic", "distance", "generator", "gradient of the critic", "gradient of the generator"], measures.Keys.Order());
    }

    private static (double Slope, double Gap) Play(float distance, double? penalty, Func<Network, Optimizer> optimizer, int steps)
    {
        using TorchNetwork generator = new(new Shift(distance), new SampleShape(1), 1);
        FeatureModel critic = Critic();
        using TorchNetwork owned = critic.Network;
        WassersteinGame game = new(generator, critic, new LatentNoise(LatentPrior.Normal, 1, 0), int.MaxValue, optimizer, penalty);
        for (int step = 0; step < steps; step++) Step(game, step);
        float[] at = new float[2];
        critic.Network.Infer([0, 1], 2, at);
        game.Measures.EndEpoch();
        Step(game, steps);
        return (at[1] - at[0], game.Measures.EndEpoch()["distance"]);
    }

    private static void Step(AdversarialGame game, int step) =>
        game.Step(new TrainingBatch { Values = new float[4], Rows = new int[4], Step = step });

    private static FeatureModel Critic()
    {
        FeatureNetwork module = new(new Same(), 1, bounded: false, new Random(1));
        return new FeatureModel(module, new TorchNetwork(module, new SampleShape(1), 1));
    }

    /// <summary>Draws one point.</summary>
    private sealed class Shift : nn.Module<Tensor, Tensor>
    {
        private readonly Parameter _shift;

        public Shift(float shift) : base("shift")
        {
            _shift = nn.Parameter(full(1, shift));
            register_parameter("shift", _shift);
        }

        public override Tensor forward(Tensor code) => (code * 0) + get_parameter("shift")!;
    }

    private sealed class Same() : FeatureTrunk("same")
    {
        public override int Width => 1;

        public override Tensor forward(Tensor input) => input;
    }
}

[Collection<RunsAlone>]
public class AdversarialMemoryTests
{
    /// <summary>The gradient penalty differentiates a gradient: whatever kept one of the two graphs alive would grow with every step.</summary>
    [Fact]
    public void Memory_does_not_grow_with_two_thousand_steps_of_the_gradient_penalty()
    {
        SampleShape shape = new(1, 16, 16);
        AdversarialArchitecture architecture = new() { Shape = shape, Latent = 4, Width = 2, Pictures = PictureNetworks.Convolutional, Seed = 1 };
        using TorchNetwork generator = architecture.CreateGenerator();
        FeatureModel critic = architecture.CreateCritic(FeatureNormalization.Sample);
        using TorchNetwork owned = critic.Network;
        LatentNoise noise = new(LatentPrior.Normal, 4, 0);
        WassersteinGame game = new(generator, critic, noise, 5, network => Optimizer.Adam([network], 1e-4), penalty: 10);
        float[] values = new float[2 * shape.Length];
        Run(0, 200);
        long? before = MemoryInUse.Measure().Native;
        long tensors = torch.Tensor.TotalCount;
        Run(200, 2000);
        Assert.Equal(tensors, torch.Tensor.TotalCount);
        // One kept graph per step (its feature maps alone are some 20 kB) would come to 40 MB, and tensors are counted besides.
        if (MemoryInUse.Measure().Native - before is { } grown) Assert.True(grown < 5_000_000, $"{grown / 1e6:F1} MB more after 2000 steps.");

        void Run(int first, int steps)
        {
            for (int step = first; step < first + steps; step++) game.Step(new TrainingBatch { Values = values, Rows = new int[2], Step = step });
        }
    }
}
