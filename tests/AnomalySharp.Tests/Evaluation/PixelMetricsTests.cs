using AnomalySharp.Evaluation;

namespace AnomalySharp.Tests.Evaluation;

public sealed class PixelMetricsTests
{
    private const double Close = 1e-12;

    // Two pictures of 2×2; the second is normal and has the second hottest pixel.
    private static readonly Samples Maps = Map(0.9f, 0.1f, 0.4f, 0.3f, 0.8f, 0.2f, 0.5f, 0.05f);

    private static readonly PixelMasks Masks = new([1, 0, 1, 0, 0, 0, 0, 0], 2, 2);

    private static Samples Map(params float[] values) => new(values, new SampleShape(1, 2, 2));

    [Fact]
    public void All_pixels_of_all_pictures_are_ranked_together()
    {
        PixelMetrics pixels = PixelMetrics.Compute(Maps, Masks);
        // 12 pairs of a defective and a normal pixel; 0.4 stands below 0.8 and 0.5. (Scikit-learn says the same.)
        Assert.Equal(10 / 12.0, pixels.RocAuc, Close);
        Assert.Equal((0.5 * 1) + (0.5 * 2 / 4), pixels.AveragePrecision, Close);
        Assert.Equal((8, 2), (pixels.Pixels, pixels.DefectivePixels));
    }

    [Fact]
    public void Dice_is_measured_at_the_threshold_with_the_greatest_Youden_J()
    {
        PixelMetrics pixels = PixelMetrics.Compute(Maps, Masks);
        // J above 0.85 is 1/2, above 0.35 it is 1 - 2/6: flagged are 0.9, 0.8, 0.5, 0.4, of which two are defective.
        Assert.Equal(0.35f, pixels.Threshold, 1e-6f);
        Assert.Equal(2.0 * 2 / (4 + 2), pixels.Dice, Close);
        // Flagging 0.9 alone: 2·1 / (1 + 2), which is no more.
        Assert.Equal(2 / 3.0, pixels.BestDice, Close);
    }

    [Fact]
    public void Dice_is_measured_at_the_threshold_of_other_pictures_where_one_is_given()
    {
        // Above 0.45: 0.9, 0.8, 0.5; one of them is defective.
        PixelMetrics pixels = PixelMetrics.Compute(Maps, Masks, 0.45f);
        Assert.Equal(2.0 * 1 / (3 + 2), pixels.Dice, Close);
        Assert.Equal(0.45f, pixels.Threshold);
        Assert.Equal(0, PixelMetrics.Compute(Maps, Masks, 1).Dice);
    }

    [Fact]
    public void Masks_that_do_not_fit_or_show_nothing_are_refused_with_their_numbers()
    {
        void Refused(Samples maps, PixelMasks masks, params string[] parts)
        {
            string message = Assert.Throws<DataException>(() => PixelMetrics.Compute(maps, masks)).Message;
            Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
        }
        Refused(Maps, new PixelMasks(new byte[8], 2, 2), "None of the 2 masks", "defective");
        Refused(Maps, new PixelMasks(new byte[12], 2, 2), "2 heat maps", "not 3");
        Refused(Maps, new PixelMasks(new byte[8], 1, 4), "masks are 4x1", "pictures 2x2");
        Refused(new Samples(new float[24], new SampleShape(3, 2, 2)), Masks, "3×2×2");
        Assert.Throws<DataException>(() => new PixelMasks([0, 2, 0, 0], 2, 2));
        Assert.Throws<DataException>(() => new PixelMasks(new byte[5], 2, 2));
    }

    [Fact]
    public void A_million_pixels_are_ranked_without_rounding()
    {
        const int side = 1024;
        float[] values = new float[side * side];
        byte[] mask = new byte[values.Length];
        // Values that a histogram of any usual number of bins could not tell apart: every defective pixel is one step above its normal neighbour.
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = 1 + (i * MathF.BitDecrement(2) / (1 << 23));
            mask[i] = (byte)(i & 1);
        }
        PixelMetrics pixels = PixelMetrics.Compute(new Samples(values, new SampleShape(1, side, side)), new PixelMasks(mask, side, side));
        double half = values.Length / 2.0;
        Assert.Equal(half * (half + 1) / 2 / (half * half), pixels.RocAuc, Close);
    }

    [Fact]
    public void A_mask_in_another_size_has_the_pixels_under_the_middles_of_the_new_ones()
    {
        PixelMasks mask = new([1, 0, 0, 0, 0, 1], 2, 3);
        Assert.Equal([1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1], mask.Resize(4, 6)[0].ToArray());
        // The middles of 1×3 lie in the second row.
        Assert.Equal([0, 0, 1], mask.Resize(1, 3)[0].ToArray());
        Assert.Same(mask, mask.Resize(2, 3));
    }

    [Fact]
    public void Masks_are_chosen_and_asked_picture_by_picture()
    {
        PixelMasks chosen = new PixelMasks([1, 0, 0, 0, 0, 1], 1, 2).Select([2, 1, 0]);
        Assert.Equal([true, false, true], Enumerable.Range(0, 3).Select(chosen.HasDefect));
        Assert.Equal([0, 1, 0, 0, 1, 0], chosen.ToSamples().Values.ToArray());
    }
}
