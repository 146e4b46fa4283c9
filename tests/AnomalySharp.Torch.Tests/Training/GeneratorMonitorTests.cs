using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Tests.Common;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;

namespace AnomalySharp.Torch.Tests.Training;

public class GeneratorMonitorTests
{
    private static readonly SampleShape Shape = new(1, 8, 8);

    private static TorchNetwork Generator(PictureNetworks pictures = PictureNetworks.Dense) =>
        new AdversarialArchitecture { Shape = Shape, Latent = 4, Width = 16, Pictures = pictures, Seed = 2 }.CreateGenerator();

    private static Samples Pictures(float spread) =>
        new(FiniteDifferences.Normal(1, 80 * Shape.Length).Select(value => spread * value).ToArray(), Shape);

    [Fact]
    public void A_generator_that_draws_one_sample_is_told_from_one_that_draws_many()
    {
        using TorchNetwork generator = Generator();
        LatentNoise noise = new(LatentPrior.Normal, 4, 3);
        List<string> warnings = [];
        GeneratorMonitor monitor = new(generator, noise, Pictures(0.3f), epochs: 8);
        monitor.Finish(warnings.Add, "gan", "Try wgan.");
        Assert.Empty(warnings);
        // Without weights the code has no influence.
        foreach (Range range in generator.Weights) generator.Parameters.Values[range].Clear();
        monitor.Finish(warnings.Add, "gan", "Try wgan.");
        string warning = Assert.Single(warnings);
        Assert.Contains("gan: the generator collapsed", warning, StringComparison.Ordinal);
        Assert.EndsWith("Try wgan.", warning, StringComparison.Ordinal);
        Assert.Equal(0, monitor.Diversity, 1e-6);
    }

    [Fact]
    public void Pictures_are_kept_of_the_first_epoch_of_some_on_the_way_and_of_the_end_also_where_training_was_resumed()
    {
        using TorchNetwork generator = Generator();
        LatentNoise noise = new(LatentPrior.Normal, 4, 3);
        GeneratorMonitor monitor = new(generator, noise, Pictures(1), epochs: 8), resumed = new(generator, noise, Pictures(1), epochs: 8);
        for (int epoch = 1; epoch <= 5; epoch++) monitor.Look(epoch);
        TensorState state = new();
        monitor.WriteState(state);
        resumed.ReadState(state);
        for (int epoch = 6; epoch <= 8; epoch++) resumed.Look(epoch);
        resumed.Finish(_ => { }, "gan", "");
        SampleFinding finding = resumed.Generated.Describe()!;
        Assert.Equal(["epoch 1", "epoch 2", "epoch 4", "epoch 8", "the model"], finding.Rows);
        Assert.Equal(5 * 8, finding.Samples.Count);
    }

    [Fact]
    public void The_distance_to_held_out_samples_is_small_for_what_the_generator_draws_and_grows_with_what_it_does_not()
    {
        using TorchNetwork generator = Generator();
        float[] drawn = new float[100 * Shape.Length];
        generator.Infer(new LatentNoise(LatentPrior.Normal, 4, 11).Values(100, 0), 100, drawn);
        GeneratorDistance distance = new(generator, new LatentNoise(LatentPrior.Normal, 4, 3));
        double own = distance.Of(drawn, 100), shifted = distance.Of(drawn.Select(value => value + 0.5f).ToArray(), 100);
        double further = distance.Of(drawn.Select(value => value + 1).ToArray(), 100);
        Assert.True(own < 0.1 * shifted && shifted < 0.5 * further, $"{own}, {shifted}, {further}");
        Assert.Equal(own, distance.Of(drawn, 100));
    }

    [Fact]
    public void The_average_of_weights_follows_them_slowly_and_takes_over_running_statistics()
    {
        using TorchNetwork source = Generator(PictureNetworks.Convolutional), average = Generator(PictureNetworks.Convolutional);
        WeightAverage mean = new(source, average, decay: 0.75);
        mean.Start();
        Assert.Equal(source.Parameters.Values.ToArray(), average.Parameters.Values.ToArray());
        float before = source.Parameters.Values[0];
        source.Parameters.Values[0] = before + 4;
        mean.Step();
        Assert.Equal(before + 1, average.Parameters.Values[0], 1e-5);
        source.Forward(new LatentNoise(LatentPrior.Normal, 4, 3).Values(20, 0), 20);
        mean.EndEpoch();
        Assert.Equal(before + 1, average.Parameters.Values[0], 1e-5);
        TensorState a = new(), b = new();
        source.WriteState(a);
        average.WriteState(b);
        Assert.Equal(a.Get<float>("normalization.batch.running_var"), b.Get<float>("normalization.batch.running_var"));
        Assert.NotEqual(1, b.Get<float>("normalization.batch.running_var")[0]);
    }
}
