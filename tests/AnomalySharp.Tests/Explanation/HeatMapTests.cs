using AnomalySharp.Explanation;

namespace AnomalySharp.Tests.Explanation;

public sealed class HeatMapTests
{
    private static readonly float[] Values = [0, 3, 1, 0, 2, 1, 0, 0, 7, 0, 4, 0, 2, 0, 0, 0, 0, 0, 0, 9];

    private static readonly Samples Attributions = new(Values, new SampleShape(1, 4, 5));

    // scipy.ndimage.gaussian_filter(values, sigma) of SciPy 1.10.1: cut off at 4 σ, mirrored at the edges. 2.5 is wider than the picture.
    [Theory]
    [InlineData(0.8, new[]
    {
        0.810646, 1.388741, 1.322835, 1.463155, 1.516388, 1.231938, 0.966311, 1.368796, 2.097831, 1.400412,
        1.65768, 0.859193, 0.990191, 1.607817, 2.092403, 0.755474, 0.377364, 0.454932, 1.830315, 4.807579,
    })]
    [InlineData(2.5, new[]
    {
        1.240596, 1.307551, 1.419667, 1.536468, 1.610981, 1.235009, 1.309385, 1.434517, 1.565575, 1.649528,
        1.226842, 1.311837, 1.455588, 1.607027, 1.70447, 1.220891, 1.313473, 1.470518, 1.636505, 1.743573,
    })]
    public void Smoothing_agrees_with_SciPy(double sigma, double[] expected)
    {
        float[] smooth = HeatMaps.Of(Attributions, sigma).Values.ToArray();
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], smooth[i], 1e-5);
    }

    [Fact]
    public void Channels_are_summed_and_names_and_labels_stay()
    {
        Samples pictures = new((float[])[1, 2, 3, 4, 10, 20, 30, 40], new SampleShape(2, 1, 2), [0, 1], rowNames: ["a", "b"]);
        Samples maps = HeatMaps.Of(pictures);
        Assert.Equal(new SampleShape(1, 1, 2), maps.Shape);
        Assert.Equal([4, 6, 40, 60], maps.Values.ToArray());
        Assert.Equal("b", maps.RowName(1));
        Assert.Equal((byte)1, maps.Labels![1]);
    }

    [Fact]
    public void What_is_no_picture_and_a_smoothing_out_of_range_are_refused()
    {
        Assert.Throws<DataException>(() => HeatMaps.Of(new Samples(new float[4], new SampleShape(4))));
        foreach (double sigma in new[] { -1, 101, double.NaN }) Assert.Throws<OptionException>(() => HeatMaps.Of(Attributions, sigma));
    }
}
