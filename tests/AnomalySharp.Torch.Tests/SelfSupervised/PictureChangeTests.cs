using AnomalySharp.Tests.Common;
using AnomalySharp.Torch.Training;

namespace AnomalySharp.Torch.Tests.SelfSupervised;

public class PictureChangeTests
{
    private static readonly SampleShape Colored = new(3, 6, 8), Plain = new(1, 4, 4);

    [Fact]
    public void No_change_leaves_a_picture_as_it_is_and_two_flips_do_too()
    {
        float[] picture = Random(Colored, 1);
        PictureChange none = PictureChange.None(Colored);
        Assert.Equal(picture, Applied(none, picture, Colored));
        float[] flipped = Applied(none with { Flip = true }, picture, Colored);
        Assert.NotEqual(picture, flipped);
        for (int at = 0; at < picture.Length; at++) Assert.Equal(picture[at], flipped[at - at % 8 + 7 - at % 8]);
        Assert.Equal(picture, Applied(none with { Flip = true }, flipped, Colored));
    }

    [Fact]
    public void A_crop_is_that_part_and_nothing_else_brought_to_the_size_of_the_whole()
    {
        // Columns 0 1 2 3: the middle two, widened to four, are between 0.75 and 2.25.
        float[] columns = [.. Enumerable.Range(0, 16).Select(at => (float)(at % 4))];
        float[] middle = Applied(new PictureChange { Crop = (0, 1, 4, 2) }, columns, Plain);
        Assert.Equal([0.75f, 1.25f, 1.75f, 2.25f], middle[..4]);
        Assert.Equal(middle[..4], middle[12..]);
        // Rows likewise.
        float[] rows = [.. Enumerable.Range(0, 16).Select(at => (float)(at / 4))];
        Assert.Equal([0.75f, 1.25f, 1.75f, 2.25f], Applied(new PictureChange { Crop = (1, 0, 2, 4) }, rows, Plain).Where((_, at) => at % 4 == 0));
        // Beyond the border there is the border.
        Assert.Equal([0, 0.25f, 0.75f, 1.25f], Applied(new PictureChange { Crop = (0, 0, 4, 2) }, columns, Plain)[..4]);
    }

    [Fact]
    public void Brightness_and_contrast_scale_values_and_their_differences_from_the_mean()
    {
        // Of 0 to 1: 0.2 and 0.4, mean 0.3.
        float[] picture = [.. Enumerable.Range(0, 16).Select(at => at % 2 == 0 ? -0.6f : -0.2f)];
        PictureChange none = PictureChange.None(Plain);
        float[] brighter = Applied(none with { Colors = (2, 1, 1, 0) }, picture, Plain);
        float[] harder = Applied(none with { Colors = (1, 3, 1, 0) }, picture, Plain);
        for (int at = 0; at < picture.Length; at++)
        {
            Assert.Equal(at % 2 == 0 ? -0.2f : 0.6f, brighter[at], 1e-5f);
            Assert.Equal(at % 2 == 0 ? -1 : 0.2f, harder[at], 1e-5f);
        }
    }

    [Fact]
    public void Grey_pictures_have_the_luminance_in_all_channels_and_hue_and_saturation_keep_it()
    {
        float[] picture = [.. Random(Colored, 2).Select(value => 0.3f * value)];
        PictureChange none = PictureChange.None(Colored);
        float[] gray = Applied(none with { Gray = true }, picture, Colored), expected = Luminance(picture);
        for (int c = 0; c < 3; c++) AssertClose(expected, gray[(c * 48)..((c + 1) * 48)]);
        foreach (PictureChange change in (PictureChange[])[none with { Colors = (1, 1, 0.5f, 0) }, none with { Colors = (1, 1, 1, 0.08f) }])
        {
            float[] changed = Applied(change, picture, Colored);
            Assert.NotEqual(picture, changed);
            AssertClose(expected, Luminance(changed));
        }
        // Colours that do not change, through the other colour space and back.
        AssertClose(picture, Applied(none with { Colors = (1, 1, 1, 0) }, picture, Colored));
        // A whole turn, too.
        AssertClose(picture, Applied(none with { Colors = (1, 1, 1, 1) }, picture, Colored));
        // A picture without colours has none to lose.
        float[] plain = Random(Plain, 3);
        Assert.Equal(plain, Applied(PictureChange.None(Plain) with { Gray = true }, plain, Plain));
    }

    [Fact]
    public void Random_changes_are_within_their_ranges_and_as_frequent_as_said()
    {
        Random random = new(5);
        PictureChange[] changes = [.. Enumerable.Range(0, 2000).Select(_ => PictureChange.Draw(new PictureChangeRanges(0.2, 0.5), Colored, random))];
        Assert.All(changes, change =>
        {
            (double top, double left, double height, double width) = change.Crop;
            Assert.InRange(top, 0, 6 - height);
            Assert.InRange(left, 0, 8 - width);
            Assert.InRange(height * width, 0.2 * 48 * 0.7, 48);
            if (change.Colors is not { } colors) return;
            Assert.All([colors.Brightness, colors.Contrast, colors.Saturation], factor => Assert.InRange(factor, 0.6f, 1.4f));
            Assert.InRange(colors.Hue, -0.1f, 0.1f);
        });
        Assert.InRange(changes.Count(change => change.Flip), 900, 1100);
        Assert.InRange(changes.Count(change => change.Colors is not null), 1500, 1700);
        Assert.InRange(changes.Count(change => change.Gray), 320, 480);
        Assert.InRange(changes.Average(change => change.Crop.Height * change.Crop.Width / 48), 0.5, 0.65);
    }

    [Fact]
    public void Both_views_of_a_picture_differ_and_the_same_number_gives_the_same_views()
    {
        float[] pictures = [.. Random(Colored, 4), .. Random(Colored, 5)], first = new float[pictures.Length], second = new float[pictures.Length];
        float[] firstAgain = new float[pictures.Length], secondAgain = new float[pictures.Length];
        ChangedPictures views = new(Colored, new PictureChangeRanges(0.3, 0.5), seed: 1);
        views.Fill(pictures, 2, 3, first, second);
        views.Fill(pictures, 2, 3, firstAgain, secondAgain);
        Assert.NotEqual(first, second);
        Assert.Equal(first, firstAgain);
        Assert.Equal(second, secondAgain);
        views.Fill(pictures, 2, 4, firstAgain, secondAgain);
        Assert.NotEqual(first, firstAgain);
        Assert.All(first, value => Assert.InRange(value, -1, 1));
    }

    private static float[] Random(SampleShape shape, int seed) => [.. FiniteDifferences.Normal(seed, shape.Length).Select(MathF.Tanh)];

    private static float[] Applied(PictureChange change, float[] picture, SampleShape shape)
    {
        float[] changed = new float[picture.Length];
        change.Apply(picture, shape, changed);
        return changed;
    }

    private static float[] Luminance(float[] picture)
    {
        int plane = picture.Length / 3;
        return [.. Enumerable.Range(0, plane).Select(p => 0.299f * picture[p] + 0.587f * picture[plane + p] + 0.114f * picture[2 * plane + p])];
    }

    // Colour spaces are known to three digits.
    private static void AssertClose(float[] expected, float[] actual)
    {
        for (int at = 0; at < expected.Length; at++) Assert.Equal(expected[at], actual[at], 5e-3f);
    }
}
