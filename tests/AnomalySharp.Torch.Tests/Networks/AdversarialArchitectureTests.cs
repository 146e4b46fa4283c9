using AnomalySharp.Persistence;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;

namespace AnomalySharp.Torch.Tests.Networks;

public class AdversarialArchitectureTests
{
    private static readonly int[][] Sizes = [[1, 28, 28], [3, 32, 32], [1, 64, 64], [2, 9, 13], [1, 8, 8], [1, 5, 40], [1, 1, 3]];

    public static TheoryData<PictureNetworks, int> Pictures =>
        [.. Enum.GetValues<PictureNetworks>().SelectMany(kind => Sizes.Select((_, i) => new TheoryDataRow<PictureNetworks, int>(kind, i)))];

    [Theory, MemberData(nameof(Pictures))]
    public void Networks_fit_pictures_of_any_size(PictureNetworks kind, int size)
    {
        SampleShape shape = new(Sizes[size]);
        AdversarialArchitecture architecture = new() { Shape = shape, Latent = 5, Width = 2, Pictures = kind, Seed = 1 };
        using TorchNetwork generator = architecture.CreateGenerator();
        using TorchNetwork critic = architecture.CreateCritic(FeatureNormalization.Sample).Network, encoder = architecture.CreateEncoder().Network;
        float[] pictures = new float[3 * shape.Length], values = new float[3], codes = new float[15];
        generator.Forward(new LatentNoise(LatentPrior.Normal, 5, 1).Values(3, 0), 3).CopyTo(pictures);
        Assert.All(pictures, value => Assert.InRange(value, -1, 1));
        critic.Forward(pictures, 3).CopyTo(values);
        encoder.Forward(pictures, 3).CopyTo(codes);
        Assert.All(values, value => Assert.True(float.IsFinite(value)));
        Assert.All(codes, value => Assert.InRange(value, -1, 1));
        // One sample alone has no batch to be normalised over where one pixel is left.
        Assert.Equal(5, encoder.Forward(pictures.AsSpan(0, shape.Length), 1).Length);
    }

    [Theory]
    [InlineData(1, 28, "28 14 7")]
    [InlineData(1, 32, "32 16 8 4")]
    [InlineData(1, 64, "64 32 16 8 4")]
    [InlineData(1, 13, "13 6")]
    public void Stages_halve_down_to_four_to_seven_pixels(int channels, int size, string extents) =>
        Assert.Equal(extents, string.Join(' ', HalvingGeometry.Of(new SampleShape(channels, size, size)).Heights));

    /// <summary>The widths of the paper's table: 64, 128, 256, 512 and 512 channels at 64×64, so 4·4·512 features.</summary>
    [Fact]
    public void The_residual_networks_of_64_pixels_are_the_papers()
    {
        AdversarialArchitecture paper = new() { Shape = new SampleShape(1, 64, 64), Latent = 128, Width = 64, Pictures = PictureNetworks.Residual };
        Assert.Equal([64, 128, 256, 512, 512], Enumerable.Range(0, 5).Select(paper.Channels));
        FeatureModel critic = paper.CreateCritic(FeatureNormalization.Sample);
        using TorchNetwork network = critic.Network;
        Assert.Equal(8192, critic.Module.Width);
        TensorState state = new();
        network.WriteState(state);
        Assert.Equal([512, 512, 3, 3], state.Tensors["trunk.stage4._changed.weight"].Shape);
        Assert.False(state.Contains("trunk.stage4._same.bias"));
        Assert.All(state.Get<float>("trunk.stage2._between.sample.weight"), factor => Assert.Equal(1, factor));
    }
}
