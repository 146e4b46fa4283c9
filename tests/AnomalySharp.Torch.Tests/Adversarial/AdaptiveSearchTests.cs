using AnomalySharp.Tests.Common;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Tests.Adversarial;

public class AdaptiveSearchTests
{
    [Fact]
    public void With_a_linear_generator_that_stays_what_is_left_is_the_distance_from_its_plane()
    {
        LinearGenerator module = new();
        using TorchNetwork generator = new(module, new SampleShape(2), 5);
        generator.Enter(training: false);
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(FiniteDifferences.Normal(4, 15), 3, 5);
        AdaptiveSearch search = new(module, new LatentNoise(LatentPrior.Normal, 2, 1)) { Steps = 400, Restarts = 1, CodeRate = 0.05, WeightRate = 0 };

        float[] found = TorchNetwork.Floats(search.Run(x).Losses).ToArray();
        // The plane is that of the first two values: what is left are the other three.
        for (int i = 0; i < 3; i++) Assert.Equal(x[i].narrow(0, 2, 3).square().sum().Number() / 5, found[i], 1e-4f);
    }

    [Theory]
    [InlineData(PictureNetworks.Convolutional)]
    [InlineData(PictureNetworks.Residual)]
    [InlineData(PictureNetworks.Dense)]
    public void Copies_that_bend_come_nearer_and_the_generator_stays_as_it_is(PictureNetworks kind)
    {
        using TorchNetwork generator = Picture(kind);
        float[] weights = generator.Parameters.Values.ToArray();
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(FiniteDifferences.Normal(4, 3 * 121), 3, 1, 11, 11).clamp(-1, 1);

        float[] fixedOnes = Losses(0), bent = Losses(0.01);
        Assert.All(Enumerable.Range(0, 3), i => Assert.True(bent[i] < fixedOnes[i], $"{bent[i]} after bending, {fixedOnes[i]} without."));
        Assert.Equal(weights, generator.Parameters.Values.ToArray());

        float[] Losses(double rate) => TorchNetwork.Floats(
            new AdaptiveSearch((GeneratorModule)generator.Module, new LatentNoise(LatentPrior.Normal, 4, 1))
            {
                Steps = 5,
                Restarts = 2,
                CodeRate = 0.05,
                WeightRate = rate,
            }.Run(x).Losses).ToArray();
    }

    [Theory]
    [InlineData(PictureNetworks.Convolutional)]
    [InlineData(PictureNetworks.Residual)]
    [InlineData(PictureNetworks.Dense)]
    public void Copies_that_were_not_moved_draw_what_the_generator_draws(PictureNetworks kind)
    {
        using TorchNetwork generator = Picture(kind);
        GeneratorModule module = (GeneratorModule)generator.Module;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor z = tensor(FiniteDifferences.Normal(5, 12), 3, 4);

        Tensor difference = new OwnWeights(module, 3).Run(module, z) - module.call(z);
        Assert.InRange(difference.abs().max().Number(), 0, 1e-5f);
    }

    private static TorchNetwork Picture(PictureNetworks kind)
    {
        // libtorch 2.10 itself draws by chance where transposed convolutions have channels that are no multiple of 16: it reads what it did not fill.
        AdversarialArchitecture architecture = new() { Shape = new SampleShape(1, 11, 11), Latent = 4, Width = 16, Pictures = kind, Seed = 2 };
        TorchNetwork generator = architecture.CreateGenerator();
        // Running statistics other than those at the start.
        generator.Forward(FiniteDifferences.Normal(6, 64), 16);
        generator.Enter(training: false);
        return generator;
    }

    /// <summary>(z₁, z₂, 0, 0, 0), at another scale.</summary>
    private sealed class LinearGenerator : GeneratorModule
    {
        private readonly PaddedLinear _layer = new(2, 5, bias: false);

        public LinearGenerator()
        {
            using (no_grad())
            {
                _layer.Weight.zero_();
                _layer.Weight[0, 0] = 2;
                _layer.Weight[1, 1] = 3;
            }
            register_module("layer", _layer);
        }

        public override Tensor Run(Tensor code, LayerCall apply) => apply(_layer, code);
    }
}
