using AnomalySharp.Evaluation;

namespace AnomalySharp.Tests.Evaluation;

public class SequenceMetricsTests
{
    private static readonly byte[] Labels = [0, 1, 1, 1, 1, 0, 0, 0, 1, 1];

    [Fact]
    public void Figures_of_an_example_are_those_worked_out_by_hand()
    {
        // Flagged: rows 2 and 4 (two ranges in the first anomaly), 5 (which goes on from 4) and 7.
        float[] scores = [0, 0, 1, 0, 1, 1, 0, 1, 0, 0];
        SequenceMetrics metrics = SequenceMetrics.Compute(scores, Labels, 0.5f, [[.. Enumerable.Range(0, 10)]]);
        Assert.Equal((2, 3), (metrics.Ranges, metrics.FlaggedRanges));
        // The first anomaly: half of it flagged by two ranges, so a quarter; the second: nothing.
        Assert.Equal(0.125, metrics.RangeRecall, 12);
        // {2}: all of it; {4, 5}: half; {7}: nothing.
        Assert.Equal(0.5, metrics.RangePrecision, 12);
        Assert.Equal(2 * 0.125 * 0.5 / 0.625, metrics.RangeF1, 12);
        // All four rows of the first anomaly count; two are missed, two flagged wrongly.
        Assert.Equal(8.0 / (8 + 4), metrics.PointAdjustedF1, 12);
    }

    [Fact]
    public void No_range_goes_over_the_end_of_a_series()
    {
        float[] scores = [0, 1, 1, 1, 1, 0, 0, 0, 1, 1];
        SequenceMetrics metrics = SequenceMetrics.Compute(scores, Labels, 0.5f, [[0, 1, 2], [3, 4, 5, 6, 7, 8], [9]]);
        Assert.Equal((4, 4), (metrics.Ranges, metrics.FlaggedRanges));
        Assert.Equal((1.0, 1.0), (metrics.RangeF1, metrics.PointAdjustedF1));
    }

    [Fact]
    public void Nothing_flagged_is_zero_and_nothing_labelled_is_refused()
    {
        SequenceMetrics metrics = SequenceMetrics.Compute(new float[10], Labels, 0.5f, [[.. Enumerable.Range(0, 10)]]);
        Assert.Equal((0.0, 0.0, 0.0), (metrics.RangeF1, metrics.PointAdjustedF1, metrics.RangePrecision));
        Assert.Throws<DataException>(() => SequenceMetrics.Compute(new float[3], [0, 0, 0], 0, [[0, 1, 2]]));
    }

    [Fact]
    public void Point_adjustment_flatters_random_scores_of_long_anomalies()
    {
        Random random = new(1);
        float[] scores = [.. Enumerable.Range(0, 2000).Select(_ => random.NextSingle())];
        byte[] labels = [.. Enumerable.Range(0, 2000).Select(i => i % 1000 >= 900 ? (byte)1 : (byte)0)];
        SequenceMetrics metrics = SequenceMetrics.Compute(scores, labels, 0.95f, [[.. Enumerable.Range(0, 2000)]]);
        Assert.True(metrics.PointAdjustedF1 > 0.7, $"{metrics.PointAdjustedF1}");
        Assert.True(DetectionMetrics.Compute(scores, labels, 0.95f).F1 < 0.15);
        Assert.True(metrics.RangeF1 < 0.15, $"{metrics.RangeF1}");
    }
}
