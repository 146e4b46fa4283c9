using AnomalySharp.Tests.Common;
using AnomalySharp.Tests.Contract;
using AnomalySharp.Torch.Detectors.Adversarial;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Tests.Adversarial;

public class GanomalyTests
{
    [Theory]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(64)]
    public void Codes_and_pictures_have_their_shapes_at_every_size(int size)
    {
        AdversarialArchitecture architecture = Architecture(new SampleShape(3, size, size));
        using TorchNetwork decoder = architecture.CreateGenerator();
        FeatureModel first = architecture.CreateFreeEncoder(10), second = architecture.CreateFreeEncoder(10, number: 1);
        using TorchNetwork one = first.Network, two = second.Network;
        using DisposeScope scope = NewDisposeScope();
        Tensor z = first.Module.call(zeros(2, 3, size, size)), again = decoder.Module.call(z);

        Assert.Equal([2L, 10], z.shape);
        Assert.Equal([2L, 3, size, size], again.shape);
        Assert.Equal([2L, 10], second.Module.call(again).shape);
        Assert.NotEqual(one.Parameters.Values.ToArray(), two.Parameters.Values.ToArray());
    }

    [Fact]
    public void Equal_encoders_around_a_perfect_decoder_leave_no_difference_and_no_feature_differs_for_an_equal_picture()
    {
        AdversarialArchitecture architecture = Architecture(new SampleShape(6));
        FeatureModel first = architecture.CreateFreeEncoder(3), second = architecture.CreateFreeEncoder(3);
        FeatureModel critic = architecture.CreateCritic(FeatureNormalization.None);
        using TorchNetwork one = first.Network, two = second.Network, judge = critic.Network;
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(FiniteDifferences.Normal(1, 30), 5, 6), other = tensor(FiniteDifferences.Normal(2, 30), 5, 6);

        // G(x) = x.
        Assert.Equal(0, PerSample.SquareMean(first.Module.call(x), second.Module.call(x)).sum().Number());
        Assert.Equal(0, GanomalyGame.FeatureMatching(critic.Module.Features(x), critic.Module.Features(x)).Number());
        Assert.True(GanomalyGame.FeatureMatching(critic.Module.Features(x), critic.Module.Features(other)).Number() > 0);
    }

    [Theory]
    [InlineData(CodeDistance.Square)]
    [InlineData(CodeDistance.Absolute)]
    public void Other_digits_than_those_it_learnt_from_have_codes_that_differ(CodeDistance score)
    {
        Samples digits = Digits.Fours.WithValues(Digits.Fours.Values, new SampleShape(1, 8, 8));
        int[] fours = [.. Enumerable.Range(0, digits.Count).Where(i => digits.Labels![i] == 0)];
        GanomalyOptions options = new() { Latent = 16, Width = 16, Epochs = 40, BatchSize = 32, LearningRate = 1e-3, Score = score };
        using Detector detector = options.CreateDetector();
        detector.Fit(digits.Select(fours), new FitContext { Seed = 1 });

        Assert.InRange(EasyData.RocAuc(detector.Score(digits), digits.Labels!), 0.9, 1);
    }

    [Fact]
    public void A_discriminator_that_is_always_right_starts_anew()
    {
        AdversarialArchitecture architecture = Architecture(new SampleShape(4));
        FeatureModel first = architecture.CreateFreeEncoder(10), second = architecture.CreateFreeEncoder(10, number: 1);
        FeatureModel critic = architecture.CreateCritic(FeatureNormalization.None);
        using TorchNetwork decoder = architecture.CreateGenerator(), one = first.Network, two = second.Network, judge = critic.Network;
        float[] start = judge.Parameters.Values.ToArray();
        // The others stay as they are, and all real samples are the same: D separates the two.
        GanomalyOptions options = new() { LearningRate = 0.03, AdversarialWeight = 0, ReconstructionWeight = 0, EncodingWeight = 0 };
        GanomalyGame game = new(one, decoder, two, critic, options);
        float[] real = [3, 3, 3, 3, 3, 3, 3, 3];
        for (int step = 0; step < 100; step++) game.Step(new TrainingBatch { Values = real, Rows = [0, 1], Step = step });
        Assert.NotEqual(start, judge.Parameters.Values.ToArray());
        game.Measures.EndEpoch();
        Assert.Null(game.Trouble);
        // The same judgement, a million times as sure.
        foreach (ref float value in judge.Parameters.Values) value *= 100;
        game.Step(new TrainingBatch { Values = real, Rows = [0, 1], Step = 100 });

        Assert.Equal(start, judge.Parameters.Values.ToArray());
        game.Measures.EndEpoch();
        Assert.Contains("is started anew", game.Trouble, StringComparison.Ordinal);
        // Of the last epoch alone.
        game.Step(new TrainingBatch { Values = real, Rows = [0, 1], Step = 101 });
        game.Measures.EndEpoch();
        Assert.Null(game.Trouble);
    }

    private static AdversarialArchitecture Architecture(SampleShape shape) => new() { Shape = shape, Latent = 10, Width = 4, Seed = 3 };
}
