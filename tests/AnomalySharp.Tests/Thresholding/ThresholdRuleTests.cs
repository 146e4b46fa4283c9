using AnomalySharp.Thresholding;

namespace AnomalySharp.Tests.Thresholding;

public class ThresholdRuleTests
{
    private static float[] Distinct(int count)
    {
        float[] scores = [.. Enumerable.Range(0, count).Select(i => i * 0.25f - 3)];
        new Random(5).Shuffle(scores);
        return scores;
    }

    private static int Flagged(float[] scores, ThresholdRule rule, double? contamination = null, byte[]? labels = null)
    {
        float threshold = rule.Find(scores, labels, contamination);
        return scores.Count(score => score > threshold);
    }

    [Theory]
    [InlineData(0.01, 1)]
    [InlineData(0.024, 2)]
    [InlineData(0.025, 3)]
    [InlineData(0.1, 10)]
    [InlineData(0.5, 50)]
    [InlineData(0.004, 0)]
    public void Contamination_flags_exactly_its_share_where_no_scores_tie(double contamination, int expected) =>
        Assert.Equal(expected, Flagged(Distinct(100), new(ThresholdKind.Contamination), contamination));

    [Fact]
    public void Contamination_with_all_scores_equal_flags_nothing() =>
        Assert.Equal(0, Flagged([2, 2, 2, 2], new(ThresholdKind.Contamination), 0.5));

    [Fact]
    public void Contamination_flags_a_tie_as_a_whole_if_that_comes_nearer_to_its_share()
    {
        float[] scores = [.. Distinct(92), .. Enumerable.Repeat(100f, 8)];
        Assert.Equal(8, Flagged(scores, new(ThresholdKind.Contamination), 0.07));
        Assert.Equal(0, Flagged(scores, new(ThresholdKind.Contamination), 0.03));
    }

    [Fact]
    public void Quantile_flags_what_lies_above_it() => Assert.Equal(5, Flagged(Distinct(101), new(ThresholdKind.Quantile, 0.95)));

    [Fact]
    public void Mean_sigma_is_the_formula() =>
        Assert.Equal(3 + 2 * MathF.Sqrt(2), new ThresholdRule(ThresholdKind.MeanSigma, 2).Find([1, 2, 3, 4, 5], null, null), 1e-5);

    [Fact]
    public void Median_mad_looks_at_the_upper_half_only()
    {
        ThresholdRule rule = new(ThresholdKind.MedianMad, 2);
        float threshold = rule.Find([1, 2, 3, 4, 5], null, null);
        Assert.Equal(3 + 2 * 1.4826f, threshold, 1e-5);
        Assert.Equal(threshold, rule.Find([-1000, -500, 3, 4, 5], null, null));
    }

    [Fact]
    public void Median_mad_does_not_flag_half_of_the_scores_where_most_are_equal()
    {
        float[] scores = [.. Enumerable.Repeat(1f, 80), .. Enumerable.Range(0, 20).Select(i => 1 + i * 0.1f)];
        Assert.InRange(Flagged(scores, new(ThresholdKind.MedianMad)), 1, 15);
    }

    [Fact]
    public void Labelled_rules_separate_what_can_be_separated()
    {
        float[] scores = [5, 1, 2, 9, 3, 8];
        byte[] labels = [0, 0, 0, 1, 0, 1];
        // Halfway between the highest normal score and the lowest abnormal one.
        Assert.Equal(6.5f, new ThresholdRule(ThresholdKind.Youden).Find(scores, labels, null));
        Assert.Equal(6.5f, new ThresholdRule(ThresholdKind.BestF1).Find(scores, labels, null));
    }

    [Fact]
    public void Labelled_rules_find_the_best_of_all_thresholds()
    {
        Random random = new(3);
        for (int run = 0; run < 50; run++)
        {
            float[] scores = [.. Enumerable.Range(0, 30).Select(_ => (float)random.Next(12))];
            byte[] labels = [.. scores.Select((score, i) => (byte)(i == 0 || (i != 1 && random.Next(15) < score) ? 1 : 0))];
            double Youden(float t) => Rate(1, t) - Rate(0, t);
            double Rate(int label, float t) => scores.Where((s, i) => labels[i] == label && s > t).Count() / (double)labels.Count(l => l == label);
            double F1(float t)
            {
                double hits = scores.Where((s, i) => labels[i] == 1 && s > t).Count();
                return 2 * hits / (scores.Count(s => s > t) + labels.Sum(l => l));
            }
            float[] candidates = [.. Enumerable.Range(-1, 14).Select(t => (float)t)];
            Assert.Equal(candidates.Max(Youden), Youden(new ThresholdRule(ThresholdKind.Youden).Find(scores, labels, null)), 1e-12);
            Assert.Equal(candidates.Max(F1), F1(new ThresholdRule(ThresholdKind.BestF1).Find(scores, labels, null)), 1e-12);
        }
    }

    [Theory]
    [InlineData("contamination")]
    [InlineData("quantile:0.99")]
    [InlineData("mean-sigma:3")]
    [InlineData("median-mad:3.5")]
    [InlineData("youden")]
    [InlineData("best-f1")]
    public void A_rule_is_read_as_it_is_written(string text) => Assert.Equal(text, ThresholdRule.Parse(text).ToString());

    [Theory]
    [InlineData("quantile:1", "above 0 and below 1")]
    [InlineData("quantile:NaN", "above 0 and below 1")]
    [InlineData("median-mad:-1", "above 0 and at most 1000")]
    [InlineData("mean-sigma:x", "needs a number")]
    [InlineData("youden:2", "no number")]
    [InlineData("otsu", "The rules are: contamination, quantile, mean-sigma, median-mad, youden, best-f1")]
    public void A_rule_out_of_range_is_refused_with_its_range(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<OptionException>(() => ThresholdRule.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(null)]
    [InlineData(0.0)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    public void Contamination_out_of_range_is_refused(double? contamination) =>
        Assert.Throws<OptionException>(() => new ThresholdRule(ThresholdKind.Contamination).Find([1, 2], null, contamination));

    [Fact]
    public void Labelled_rules_refuse_missing_labels_and_labels_of_one_kind()
    {
        Assert.Throws<OptionException>(() => new ThresholdRule(ThresholdKind.Youden).Find([1, 2], null, null));
        Assert.Throws<OptionException>(() => new ThresholdRule(ThresholdKind.BestF1).Find([1, 2], [0, 0], null));
    }
}
