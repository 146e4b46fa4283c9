using AnomalySharp.Networks;
using AnomalySharp.Tests.Common;
using AnomalySharp.Tests.Contract;
using AnomalySharp.Torch.Detectors.OneClass;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Tests.OneClass;

public class FenceGanTests
{
    private const float Center = 20;

    [Theory]
    [InlineData(1)]
    [InlineData(7.5)]
    public void The_dispersion_loss_of_a_circle_is_one_by_its_radius(double radius)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor angles = arange(8).to(ScalarType.Float32) * (2 * Math.PI / 8);
        Tensor circle = (radius * stack([angles.cos(), angles.sin()], 1)) + Center;

        Assert.Equal(1 / radius, FenceGame.Dispersion(circle).Number(), 1e-5);
    }

    [Fact]
    public void Samples_that_are_further_apart_have_less_dispersion_loss_and_its_gradient_drives_them_apart()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor samples = tensor(FiniteDifferences.Normal(1, 40), 10, 4).requires_grad_();
        Tensor loss = FenceGame.Dispersion(samples);

        Assert.Equal(loss.Number() / 3, FenceGame.Dispersion(3 * samples).Number(), 1e-5);
        Tensor gradient = autograd.grad([loss], [samples])[0], around = samples - samples.mean([0], keepdim: true);
        Assert.All(TorchNetwork.Floats((gradient * around).sum(1).contiguous()).ToArray(), along => Assert.True(along < 0));
        // Moving all of them together changes nothing: the gradient flows through the mean, too.
        Assert.True(gradient.sum(0).abs().max().Number() < 1e-6f);
    }

    [Theory]
    [InlineData(0.5, 0.6931472)]
    [InlineData(0.1, 0.3250830)]
    public void The_encirclement_is_least_where_the_discriminator_says_alpha(double alpha, double entropy)
    {
        using DisposeScope scope = NewDisposeScope();
        double logit = Math.Log(alpha / (1 - alpha));

        Assert.Equal(entropy, Loss(logit), 1e-6);
        Assert.True(Loss(logit - 0.1) > entropy && Loss(logit + 0.1) > entropy);

        double Loss(double at) => FenceGame.Encircling(tensor(new[] { (float)at }), alpha, Encirclement.CrossEntropy).Number();
    }

    [Fact]
    public void The_fence_is_a_ring_around_the_samples_and_without_dispersion_it_falls_in()
    {
        Ring fence = Ring.Train(beta: 15), fallen = Ring.Train(beta: 0);

        Assert.InRange(fence.Radius, 7, 13);
        Assert.InRange(fence.Sectors, 10, 12);
        Assert.InRange(fence.RocAuc, 0.99, 1);
        Assert.True(fallen.Sectors < fence.Sectors, $"{fallen.Sectors} sectors without dispersion, {fence.Sectors} with it.");
        Assert.True(fallen.Radius < fence.Radius);
    }

    /// <summary>The paper's two dimensions: normal samples from N((20, 20), 3²·I), G(z) = z + MLP(z) with z from N(0, 8²·I).</summary>
    /// <param name="Radius">Mean distance of drawn samples from (20, 20).</param>
    /// <param name="Sectors">Of twelve of 30 degrees, those with drawn samples.</param>
    /// <param name="RocAuc">Of D on normal samples against uniform ones at least 12 away.</param>
    private sealed record Ring(double Radius, int Sectors, double RocAuc)
    {
        private const int Batch = 100, Steps = 3000;

        public static Ring Train(double beta)
        {
            Random random = new(1);
            using TorchNetwork generator = new(new Shift(random), new SampleShape(2), 2);
            FeatureNetwork module = new(new Hidden(random), 1, bounded: false, random);
            using TorchNetwork network = new(module, new SampleShape(2), 1);
            FeatureModel critic = new(module, network);
            FenceGanOptions options = new() { Alpha = 0.5, Gamma = 0.1, LearningRate = 2e-3, CriticRate = 2e-3, BatchSize = Batch };
            FenceGame game = new(generator, critic, new LatentNoise(LatentPrior.Normal, 2, 5), options, beta);
            int[] rows = new int[Batch];
            for (int step = 0; step < Steps; step++)
            {
                TrainingBatch batch = new() { Values = Normal(Batch, step), Rows = rows, Step = step };
                if (step < 20) game.StepCritic(batch);
                else game.Step(batch);
            }
            float[] drawn = new float[2 * 500], codes = new LatentNoise(LatentPrior.Normal, 2, 6).Values(500, 0);
            generator.Infer(codes, 500, drawn);
            return new Ring(
                Enumerable.Range(0, 500).Average(i => Math.Sqrt(Math.Pow(drawn[2 * i] - Center, 2) + Math.Pow(drawn[(2 * i) + 1] - Center, 2))),
                Enumerable.Range(0, 500).Select(i => Sector(drawn[2 * i] - Center, drawn[(2 * i) + 1] - Center)).Distinct().Count(),
                Separation(network));
        }

        private static int Sector(float x, float y) => (int)((Math.Atan2(y, x) + Math.PI) * 5.999 / Math.PI);

        private static double Separation(TorchNetwork critic)
        {
            float[] normal = Normal(500, -1);
            Random random = new(9);
            List<float> far = [];
            while (far.Count < 1000)
            {
                float x = random.NextSingle() * 50 - 5, y = random.NextSingle() * 50 - 5;
                if (Math.Pow(x - Center, 2) + Math.Pow(y - Center, 2) >= 144) far.AddRange([x, y]);
            }
            float[] judged = new float[1000];
            critic.Infer((float[])[.. normal, .. far], 1000, judged);
            byte[] labels = new byte[1000];
            labels.AsSpan(500).Fill(1);
            return EasyData.RocAuc(judged.Select(value => -value).ToArray(), labels);
        }

        private static float[] Normal(int count, int number)
        {
            float[] values = new float[2 * count];
            GaussianNoise.Fill(values, 11, number);
            return [.. values.Select(value => Center + (3 * value))];
        }
    }

    /// <summary>z·8 + MLP(z·8), of two layers of 10.</summary>
    private sealed class Shift : nn.Module<Tensor, Tensor>
    {
        private readonly PaddedLinear _first, _second, _output;

        public Shift(Random random) : base("shift")
        {
            (_first, _second, _output) = (Layer(2, 10, random), Layer(10, 10, random), Layer(10, 2, random));
            RegisterComponents();
        }

        public override Tensor forward(Tensor code)
        {
            Tensor z = 8 * code;
            return z + _output.call(nn.functional.relu(_second.call(nn.functional.relu(_first.call(z)))));
        }
    }

    /// <summary>Two layers of 15.</summary>
    private sealed class Hidden : FeatureTrunk
    {
        private readonly PaddedLinear _first, _second;

        public Hidden(Random random) : base("hidden")
        {
            (_first, _second) = (Layer(2, 15, random), Layer(15, 15, random));
            RegisterComponents();
        }

        public override int Width => 15;

        public override Tensor forward(Tensor samples) => nn.functional.relu(_second.call(nn.functional.relu(_first.call(samples))));
    }

    private static PaddedLinear Layer(int inputs, int outputs, Random random) => PaddedLinear.Create(inputs, outputs, Activation.Relu, random);
}
