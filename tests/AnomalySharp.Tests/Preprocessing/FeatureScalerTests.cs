using AnomalySharp.Preprocessing;

namespace AnomalySharp.Tests.Preprocessing;

public class FeatureScalerTests
{
    private static Samples Rows(int width, params float[] values) => new(values, new SampleShape(width));

    private static float[] Scaled(Samples training, FeatureScaling scaling, Samples? other = null) =>
        FeatureScaler.Fit(training, scaling).Apply(other ?? training).Values.ToArray();

    [Fact]
    public void Standard_scaling_gives_mean_0_and_deviation_1_per_feature()
    {
        Random random = new(4);
        float[] values = [.. Enumerable.Range(0, 10_000).Select(i => i % 2 == 0 ? 1e4f + random.NextSingle() : 1e-3f * random.NextSingle())];
        Samples samples = Rows(2, values);
        float[] scaled = Scaled(samples, FeatureScaling.Standard);
        for (int j = 0; j < 2; j++)
        {
            double[] column = [.. scaled.Where((_, i) => i % 2 == j).Select(value => (double)value)];
            Assert.Equal(0, column.Average(), 2e-3);
            Assert.Equal(1, Math.Sqrt(column.Average(value => value * value)), 2e-3);
        }
    }

    [Fact]
    public void Min_max_scaling_is_fitted_on_training_only() =>
        Assert.Equal([0.5f, 2], Scaled(Rows(1, 10, 20, 30), FeatureScaling.MinMax, Rows(1, 20, 50)));

    [Fact]
    public void Robust_scaling_ignores_far_values() =>
        Assert.Equal([0, 0.5f], Scaled(Rows(1, 1, 2, 3, 4, 1e9f), FeatureScaling.Robust, Rows(1, 3, 4)));

    [Fact]
    public void Robust_scaling_of_mostly_equal_values_uses_their_deviation()
    {
        Samples samples = Rows(1, [.. Enumerable.Repeat(0f, 9), 10]);
        Assert.Equal(10 / 3f, Scaled(samples, FeatureScaling.Robust)[9], 1e-5);
    }

    [Fact]
    public void None_changes_nothing()
    {
        Samples samples = Rows(1, 1, 1e30f);
        Assert.Same(samples, FeatureScaler.Fit(samples, FeatureScaling.None).Apply(samples));
    }

    [Theory]
    [InlineData(FeatureScaling.Standard)]
    [InlineData(FeatureScaling.MinMax)]
    [InlineData(FeatureScaling.Robust)]
    public void Constant_features_become_0_and_far_values_stay_finite(FeatureScaling scaling)
    {
        float[] scaled = Scaled(Rows(2, 7, 1e-20f, 7, 2e-20f, 7, 3e-20f), scaling, Rows(2, 7, float.MaxValue, 8, float.MinValue));
        Assert.Equal([0f, 1], [scaled[0], scaled[2]]);
        Assert.True(float.IsFinite(scaled[1] * scaled[1]) && float.IsFinite(scaled[3] * scaled[3]));
        Assert.True(scaled[1] > 0 && scaled[3] < 0);
    }

    [Fact]
    public void Pictures_share_one_offset_per_channel_and_windows_one_per_feature()
    {
        Samples pictures = new(new float[] { 0, 2, 4, 2, 10, 30, 50, 30 }, new SampleShape(2, 2, 2));
        Assert.Equal([2f, 30], FeatureScaler.Fit(pictures, FeatureScaling.Standard).Offsets);
        Samples windows = new(new float[] { 0, 10, 2, 30, 4, 50 }, new SampleShape(3, 2));
        Assert.Equal([2f, 30], FeatureScaler.Fit(windows, FeatureScaling.Robust).Offsets);
        Assert.Equal([0f, 0, 0.5f, 0.5f, 1, 1], Scaled(windows, FeatureScaling.MinMax));
    }

    [Fact]
    public void Quantiles_of_pictures_look_at_their_own_channel()
    {
        float[] values = [.. Enumerable.Range(0, 40 * 2 * 9).Select(i => i / 9 % 2 == 0 ? 1f + i % 3 : 100f + i % 3)];
        Assert.Equal([2f, 101], FeatureScaler.Fit(new Samples(values, new SampleShape(2, 3, 3)), FeatureScaling.Robust).Offsets);
    }
}
