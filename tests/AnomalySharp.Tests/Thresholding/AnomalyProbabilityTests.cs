using AnomalySharp.Thresholding;

namespace AnomalySharp.Tests.Thresholding;

public class AnomalyProbabilityTests
{
    [Fact]
    public void It_rises_with_the_score_and_is_one_half_at_the_threshold()
    {
        Random random = new(8);
        float[] scores = [.. Enumerable.Range(0, 1_000).Select(_ => random.NextSingle())];
        AnomalyProbability probability = AnomalyProbability.Fit(scores, 0.9f);
        Array.Sort(scores);
        float[] probabilities = probability.Of(scores);
        Assert.Equal(0.5f, probability.Of(0.9f));
        for (int i = 1; i < scores.Length; i++) Assert.True(probabilities[i] >= probabilities[i - 1]);
        Assert.True(probabilities[0] < 0.1f && probabilities[^1] > 0.5f);
    }

    [Fact]
    public void It_does_not_depend_on_the_unit_of_the_scores()
    {
        float[] scores = [1, 2, 3, 4, 10];
        float[] thousandfold = [.. scores.Select(score => 1000 * score)];
        Assert.Equal(AnomalyProbability.Fit(scores, 5).Of(7), AnomalyProbability.Fit(thousandfold, 5000).Of(7000), 1e-5f);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1e30)]
    public void Equal_scores_and_the_largest_score_give_probabilities(float score)
    {
        AnomalyProbability probability = AnomalyProbability.Fit([score, score, score], score);
        Assert.Equal(0.5f, probability.Of(score));
        Assert.Equal(1, probability.Of(float.MaxValue));
        Assert.Equal(0, probability.Of(float.MinValue));
    }
}
