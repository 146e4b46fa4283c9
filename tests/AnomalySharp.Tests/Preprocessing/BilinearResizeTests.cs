using AnomalySharp.Preprocessing;

namespace AnomalySharp.Tests.Preprocessing;

public class BilinearResizeTests
{
    private static float[] Resize(float[] plane, int height, int width, int toHeight, int toWidth)
    {
        float[] resized = new float[toHeight * toWidth];
        new BilinearResize(height, width, toHeight, toWidth).Apply(plane, resized);
        return resized;
    }

    [Fact]
    public void New_pixels_lie_between_the_centres_of_old_ones() => Assert.Equal([0, 0.25f, 0.75f, 1], Resize([0, 1], 1, 2, 1, 4));

    [Fact]
    public void Rows_and_columns_are_not_taken_for_each_other() =>
        Assert.Equal([0, 0.5f, 1, 2, 2.5f, 3, 4, 4.5f, 5], Resize([0, 1, 4, 5], 2, 2, 3, 3), (a, b) => Math.Abs(a - b) < 1e-6f);

    [Fact]
    public void Smaller_pictures_look_at_every_pixel()
    {
        // A triangle of radius 2 around 0.5 weighs 0, 1 and 2 with 0.75, 0.75 and 0.25.
        float[] half = Resize([0, 1, 2, 3], 1, 4, 1, 2);
        Assert.Equal((0.75f + (2 * 0.25f)) / 1.75f, half[0], 1e-6f);
        Assert.Equal(3 - half[0], half[1], 1e-6f);
    }

    [Fact]
    public void One_colour_stays_one_colour()
    {
        foreach ((int from, int to) in new[] { (7, 3), (3, 7), (1, 5), (5, 1), (100, 99) })
        {
            float[] plane = new float[from * 2];
            Array.Fill(plane, 0.7f);
            Assert.All(Resize(plane, from, 2, to, 4), value => Assert.Equal(0.7f, value, 1e-5f));
        }
    }
}
