using AnomalySharp.FeatureExtraction;
using AnomalySharp.Tests.Common;

namespace AnomalySharp.Onnx.Tests;

/// <summary>What of a picture reaches the network: networks here give back what they are given.</summary>
public sealed class PictureInputTests : IDisposable
{
    private readonly NetworkFolder _folder = new();

    // Red, green and blue are told apart by their values.
    private readonly Samples _picture = new(new float[] { 0, 0.2f, 0.4f, 0.6f, 0.1f, 0.1f, 0.1f, 0.1f, 1, 1, 1, 1 }, new SampleShape(3, 2, 2));

    public void Dispose() => _folder.Dispose();

    private float[] Given(byte[] network, Samples samples, string settings, List<string>? warnings = null)
    {
        string separator = settings.Length == 0 ? "" : ";";
        IFeatureOptions options = FeatureCatalog.Parse($"onnx:{_folder.Add("n.onnx", network)}:same[pool=none;cacheMegabytes=0{separator}{settings}]");
        using FeatureExtractor extractor = options.CreateExtractor(FeatureForm.Vectors);
        extractor.Fit(samples, new FitContext { Warning = text => warnings?.Add(text) });
        return extractor.Extract(samples).Values.ToArray();
    }

    private static void AssertClose(IEnumerable<double> expected, float[] actual)
    {
        double[] all = [.. expected];
        Assert.Equal(all.Length, actual.Length);
        for (int i = 0; i < all.Length; i++) Assert.Equal(all[i], actual[i], 1e-4);
    }

    [Fact]
    public void Mean_and_deviation_are_of_pixels_up_to_255()
    {
        float[] given = Given(TinyNetwork.OfPictures(3, 2), _picture, "mean=10,20,30;deviation=2");
        AssertClose(_picture.Values.ToArray().Select((value, i) => ((255.0 * value) - (10 * (1 + (i / 4)))) / 2), given);
    }

    [Fact]
    public void Blue_comes_first_where_it_is_said_by_option_or_by_the_network()
    {
        double[] turned = [255, 255, 255, 255, 25.5, 25.5, 25.5, 25.5, 0, 51, 102, 153];
        AssertClose(turned, Given(TinyNetwork.OfPictures(3, 2), _picture, "mean=0;deviation=1;colors=bgr"));
        byte[] declared = TinyNetwork.OfPictures(3, 2, ("Image.BitmapPixelFormat", "Bgr8"), ("Image.NominalPixelRange", "NominalRange_0_255"));
        AssertClose(turned, Given(declared, _picture, ""));
    }

    [Theory]
    [InlineData("NominalRange_0_255", 0, 255)]
    [InlineData("Normalized_0_1", 0, 1)]
    [InlineData("Normalized_1_1", -1, 1)]
    [InlineData("NominalRange_16_235", 16, 235)]
    public void The_range_that_a_network_declares_is_what_it_gets(string range, double black, double white)
    {
        List<string> warnings = [];
        Samples ends = new(new float[] { 0, 1, 0, 1 }, new SampleShape(1, 2, 2));
        AssertClose([black, white, black, white], Given(TinyNetwork.OfPictures(1, 2, ("Image.NominalPixelRange", range)), ends, "", warnings));
        Assert.Empty(warnings);
    }

    [Fact]
    public void A_network_that_declares_nothing_gets_ImageNets_range_with_a_warning()
    {
        List<string> warnings = [];
        float[] given = Given(TinyNetwork.OfPictures(3, 2), _picture, "", warnings);
        AssertClose([-0.485 / 0.229, (0.2 - 0.485) / 0.229, (0.4 - 0.485) / 0.229, (0.6 - 0.485) / 0.229], given[..4]);
        AssertClose([(1 - 0.406) / 0.225], given[^1..]);
        Assert.Contains("does not say which range", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Grey_pictures_become_three_equal_channels_and_coloured_ones_luminance()
    {
        Samples grey = new(new float[] { 0, 0.5f, 1, 0.25f }, new SampleShape(1, 2, 2));
        float[] given = Given(TinyNetwork.OfPictures(3, 2), grey, "mean=0;deviation=255");
        AssertClose([0, 0.5, 1, 0.25, 0, 0.5, 1, 0.25, 0, 0.5, 1, 0.25], given);
        float[] luminance = Given(TinyNetwork.OfPictures(1, 2), _picture, "mean=0;deviation=255");
        AssertClose(new[] { 0, 0.2, 0.4, 0.6 }.Select(red => (0.299 * red) + (0.587 * 0.1) + 0.114), luminance);
    }

    [Fact]
    public void Pictures_get_the_size_that_the_network_has_or_the_one_that_is_asked_for()
    {
        Samples line = new(new float[] { 0, 1, 0, 1 }, new SampleShape(1, 2, 2));
        float[] row = [0, 0.25f, 0.75f, 1];
        AssertClose([.. row, .. row, .. row, .. row], Given(TinyNetwork.OfPictures(1, 4), line, "mean=0;deviation=255"));
        Assert.Equal(64, Given(TinyNetwork.OfPictures(1, 0), line, "mean=0;deviation=255;side=8;colors=grey").Length);
        Assert.Equal(4, Given(TinyNetwork.OfPictures(1, 0), line, "mean=0;deviation=255").Length);
        OptionException refused = Assert.Throws<OptionException>(() => Given(TinyNetwork.OfPictures(1, 4), line, "side=9"));
        Assert.Contains("side=9", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_with_channels_last_gets_them_last_and_its_maps_come_back_with_channels_first()
    {
        Samples picture = new(_picture.Values.ToArray().Concat(_picture.Values.ToArray().Reverse()).ToArray(), _picture.Shape);
        float[] given = Given(TinyNetwork.OfPicturesWithChannelsLast(3, 2), picture, "mean=0;deviation=255");
        AssertClose(picture.Values.ToArray().Select(value => (double)value), given);
        // The means of channels are those of the picture's only if the network's values were put right.
        IFeatureOptions options = FeatureCatalog.Parse($"onnx:{_folder["n.onnx"]}[mean=0;deviation=255;cacheMegabytes=0]");
        using FeatureExtractor extractor = options.CreateExtractor(FeatureForm.Vectors);
        extractor.Fit(picture, new FitContext());
        AssertClose([0.3, 0.1, 1], extractor.Extract(picture)[0].ToArray());
    }

    [Fact]
    public void What_does_not_fit_the_input_is_refused()
    {
        Assert.Throws<OptionException>(() => Given(TinyNetwork.OfPictures(3, 2), _picture, "mean=1,2"));
        Assert.Throws<OptionException>(() => Given(TinyNetwork.OfPictures(3, 2), _picture, "colors=grey"));
        Assert.Throws<DataException>(() => Given(TinyNetwork.OfPictures(5, 2), _picture, ""));
        Samples five = new(new float[20], new SampleShape(5, 2, 2));
        Assert.Throws<DataException>(() => Given(TinyNetwork.OfPictures(3, 2), five, ""));
        Samples rows = new(new float[12], new SampleShape(12));
        DataException refused = Assert.Throws<DataException>(() => Given(TinyNetwork.OfPictures(3, 2), rows, ""));
        Assert.Contains("?×3×2×2", refused.Message, StringComparison.Ordinal);
        Assert.Contains("shape 12", refused.Message, StringComparison.Ordinal);
    }
}
