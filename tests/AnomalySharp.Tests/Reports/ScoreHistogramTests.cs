using AnomalySharp.Reports.Charts;

namespace AnomalySharp.Tests.Reports;

public sealed class ScoreHistogramTests
{
    [Fact]
    public void No_bar_mixes_samples_below_and_above_the_threshold()
    {
        Random random = new(2);
        for (int round = 0; round < 200; round++)
        {
            float[] scores = [.. Enumerable.Range(0, 5 + random.Next(300)).Select(_ => (float)Math.Exp(3 * random.NextDouble() * random.NextDouble()))];
            // A quantile rule puts the threshold on a score, which is then no anomaly.
            float threshold = scores[random.Next(scores.Length)];
            ScoreHistogram histogram = new(scores, threshold);
            Assert.Equal(scores.Length, histogram.Bars.Sum(bar => bar.Count));
            Assert.Equal(scores.Count(score => score > threshold), histogram.Bars.Where(bar => bar.Middle > threshold).Sum(bar => bar.Count));
        }
    }

    [Fact]
    public void One_huge_score_does_not_squeeze_the_others_into_one_bar()
    {
        float[] scores = [.. Enumerable.Range(0, 1000).Select(i => i / 1000f), 1e9f];
        ScoreHistogram histogram = new(scores, 0.95f);
        Assert.True(histogram.Bars.Count(bar => bar.Count > 10) > 10);
        Assert.Equal(1, histogram.Beyond);
    }
}
