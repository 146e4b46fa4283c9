namespace AnomalySharp.Tests.Models;

public class ScoredSamplesTests
{
    private static ScoredSamples Of(float[] scores) => new() { Scores = scores, Probabilities = new float[scores.Length], Threshold = 0 };

    [Fact]
    public void The_most_anomalous_are_those_that_a_full_stable_sort_puts_first()
    {
        Random random = new(2);
        float[] scores = [.. Enumerable.Range(0, 5_000).Select(_ => (float)(random.Next(-300, 300) / 10.0)), float.MaxValue, float.MinValue, -0f, 0f];
        int[] expected = [.. Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]).ThenBy(i => i)];
        foreach (int count in new[] { 0, 1, 7, 1_000, 4_000, scores.Length, int.MaxValue })
        {
            Assert.Equal(expected.Take(count), Of(scores).MostAnomalous(count));
        }
    }

    [Fact]
    public void Rising_and_falling_scores_are_selected_alike()
    {
        float[] rising = [.. Enumerable.Range(0, 1_000).Select(i => (float)i)];
        Assert.Equal([999, 998, 997], Of(rising).MostAnomalous(3));
        Assert.Equal([0, 1, 2], Of([.. rising.Reverse()]).MostAnomalous(3));
    }

    [Fact]
    public void No_samples_give_no_positions() => Assert.Empty(Of([]).MostAnomalous(5));
}
