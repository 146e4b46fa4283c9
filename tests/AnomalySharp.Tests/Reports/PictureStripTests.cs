using AnomalySharp.Reports;
using SkiaSharp;

namespace AnomalySharp.Tests.Reports;

public class PictureStripTests
{
    private static readonly SampleShape Shape = new(1, 20, 20);

    [Fact]
    public void A_glaring_map_leaves_the_others_as_bright_as_they_are_alone()
    {
        float[] faint = Map(place => place / 400f), glaring = Map(place => 1000 + (place * place));
        SKColor[] alone = Colors(faint, faint), beside = Colors(faint, glaring);
        Assert.Equal(alone[..20], beside[..20]);
    }

    [Fact]
    public void The_coldest_pixel_is_darkest_and_one_hot_pixel_does_not_darken_the_rest()
    {
        float[] even = Map(place => 5 + place), spotted = Map(place => place == 399 ? 1e6f : 5 + place);
        Assert.Equal(Brightness(even, 0), Brightness(Map(place => place), 0));
        Assert.Equal(Brightness(even, 390), Brightness(spotted, 390), 2d);
        Assert.True(Brightness(even, 0) < Brightness(even, 200) && Brightness(even, 200) < Brightness(even, 399));
        // Where next to everything is as cold as can be, the spot is still to be seen.
        float[] lonely = Map(place => place == 210 ? 1 : 0);
        Assert.True(Brightness(lonely, 210) > Brightness(lonely, 209) + 100);
    }

    private static float[] Map(Func<int, float> value) => [.. Enumerable.Range(0, Shape.Length).Select(value)];

    private static int Brightness(float[] map, int place)
    {
        using SKBitmap bitmap = Strip(map);
        SKColor color = bitmap.GetPixel(place % 20, place / 20);
        return color.Red + color.Green + color.Blue;
    }

    private static SKColor[] Colors(params float[][] maps)
    {
        using SKBitmap bitmap = Strip(maps);
        return [.. Enumerable.Range(0, 20).Select(x => bitmap.GetPixel(x, 7))];
    }

    private static SKBitmap Strip(params float[][] maps)
    {
        Samples pictures = new(new float[maps.Length * Shape.Length], Shape);
        return SKBitmap.Decode(PictureStrip.HeatMaps(pictures, new Samples(maps.SelectMany(map => map).ToArray(), Shape)));
    }
}
