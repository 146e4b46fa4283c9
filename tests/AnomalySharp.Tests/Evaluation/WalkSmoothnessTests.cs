using AnomalySharp.Evaluation;
using AnomalySharp.Networks;

namespace AnomalySharp.Tests.Evaluation;

public class WalkSmoothnessTests
{
    [Fact]
    public void Equal_steps_have_a_ratio_of_one_and_a_single_jump_has_their_number()
    {
        Assert.Equal(1, WalkSmoothness.Of(Walk(0, 1, 2, 3, 4)), 1e-6);
        Assert.Equal(4, WalkSmoothness.Of(Walk(0, 0, 0, 7, 7)), 1e-6);
        Assert.Equal(1.5, WalkSmoothness.Of(Walk(0, 1, 4)), 1e-6);
        Assert.Equal(1, WalkSmoothness.Of(Walk(2, 2, 2)));
    }

    [Fact]
    public void One_sample_is_no_walk() => Assert.Throws<DataException>(() => WalkSmoothness.Of(Walk(1)));

    [Fact]
    public void A_walk_between_codes_has_both_ends_and_equal_steps()
    {
        float[] codes = CodeWalk.Between([0, 10], [4, 2], 5);
        Assert.Equal([0, 10, 1, 8, 2, 6, 3, 4, 4, 2], codes);
    }

    [Fact]
    public void Drawn_ends_that_are_too_near_are_drawn_again()
    {
        // √2 is needed for two units of deviation 1.
        float[][] pairs = [[0, 0, 1, 0], [0, 0, 0.9f, 1], [0, 0, 1.1f, 1], [9, 9, 0, 0]];
        Assert.Equal([0, 0, 1.1f, 1], CodeWalk.BetweenDrawn(number => pairs[number], 1, 2));
        Assert.Equal(pairs[0], CodeWalk.BetweenDrawn(number => pairs[number], 0.5, 2));
        Assert.Equal(pairs[3], CodeWalk.BetweenDrawn(number => pairs[number], 2, 2));
    }

    /// <summary>Along (3, 4), so that distances are five times the differences.</summary>
    private static Samples Walk(params float[] places) =>
        new(places.SelectMany(place => (float[])[3 * place, 4 * place]).ToArray(), new SampleShape(2));
}
