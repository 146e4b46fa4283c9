using AnomalySharp.Detectors.Reconstruction;

namespace AnomalySharp.Tests.Reconstruction;

public class CorruptionTests
{
    private const int Count = 100_000;

    private static readonly float[] Clean = [.. Enumerable.Range(0, Count).Select(i => i % 2 == 0 ? 3f : -1f)];

    [Theory, InlineData(0), InlineData(0.1), InlineData(0.3), InlineData(0.8)]
    public void Masking_zeroes_the_share_and_leaves_the_others_as_they_are(double level)
    {
        float[] noisy = Apply(CorruptionKind.Masking, level, 0);
        Assert.All(Enumerable.Range(0, Count), i => Assert.True(noisy[i] == 0 || noisy[i] == Clean[i]));
        // Five standard deviations of the binomial share.
        double share = noisy.Count(value => value == 0) / (double)Count, spread = Math.Sqrt(level * (1 - level) / Count);
        Assert.InRange(share, level - 5 * spread, level + 5 * spread);
        Assert.Equal((1 - level) * 1, noisy.Average(), 5 * 3 * spread + 1e-5);
    }

    [Fact]
    public void Noise_is_drawn_anew_for_every_step_and_again_the_same_for_the_same_step()
    {
        foreach (CorruptionKind kind in Enum.GetValues<CorruptionKind>())
        {
            float[] first = Apply(kind, 0.3, 7);
            Assert.Equal(first, Apply(kind, 0.3, 7));
            int equal = Apply(kind, 0.3, 8).Zip(first).Count(pair => pair.First == pair.Second);
            // Independent masks agree where both keep (0.49) or both replace alike.
            Assert.InRange(equal / (double)Count, 0, 0.6);
            Assert.NotEqual(first, Apply(kind, 0.3, 7, seed: 2));
        }
    }

    [Fact]
    public void Gaussian_noise_has_the_standard_deviation_that_was_asked_for()
    {
        double[] noise = [.. Apply(CorruptionKind.Gaussian, 0.5, 3).Zip(Clean).Select(pair => (double)pair.First - pair.Second)];
        Assert.Equal(0, noise.Average(), 0.01);
        Assert.Equal(0.25, noise.Average(value => value * value), 0.01);
        Assert.Equal(3 * Math.Pow(0.25, 2), noise.Average(value => Math.Pow(value, 4)), 0.01);
    }

    [Fact]
    public void Salt_and_pepper_puts_half_of_the_replaced_values_at_each_end_of_their_column()
    {
        float[] noisy = new float[Count];
        new Corruption(CorruptionKind.SaltAndPepper, 0.4, 1).Apply(Clean, 0, [-10, -20], [10, 20], noisy);
        for (int column = 0; column < 2; column++)
        {
            float[] values = [.. noisy.Where((_, i) => i % 2 == column)];
            float end = column == 0 ? 10 : 20;
            Assert.Equal(0.2, values.Count(value => value == -end) / (Count / 2.0), 0.01);
            Assert.Equal(0.2, values.Count(value => value == end) / (Count / 2.0), 0.01);
            Assert.Equal(0.6, values.Count(value => value == Clean[column]) / (Count / 2.0), 0.01);
        }
    }

    [Fact]
    public void Extremes_are_those_of_each_column()
    {
        float[] low = new float[2], high = new float[2];
        Corruption.Extremes([1, 5, -3, 7, 2, -8], low, high);
        Assert.Equal([-3, -8], low);
        Assert.Equal([2, 7], high);
    }

    [Fact]
    public void A_probability_of_one_is_refused_and_a_large_standard_deviation_is_not()
    {
        DenoisingAutoencoderOptions options = new() { NoiseLevel = 1 };
        Assert.Contains("noiseLevel", Assert.Throws<OptionException>(options.CreateDetector).Message, StringComparison.Ordinal);
        (options with { Corruption = CorruptionKind.Gaussian }).CreateDetector().Dispose();
    }

    private static float[] Apply(CorruptionKind kind, double level, int step, int seed = 1)
    {
        float[] noisy = new float[Count];
        new Corruption(kind, level, seed).Apply(Clean, step, [-1, -2], [1, 2], noisy);
        return noisy;
    }
}
