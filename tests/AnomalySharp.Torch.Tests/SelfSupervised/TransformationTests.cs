using AnomalySharp.Tests.Common;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Transformations;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Tests.SelfSupervised;

public class TransformationTests
{
    [Theory]
    [InlineData(TransformationSet.Rotations, 4)]
    [InlineData(TransformationSet.FlipsAndRotations, 8)]
    [InlineData(TransformationSet.ShiftsAndRotations, 20)]
    [InlineData(TransformationSet.RegularAffine, 72)]
    [InlineData(TransformationSet.IrregularAffine, 88)]
    [InlineData(TransformationSet.PatchRearranging, 111)]
    public void A_set_has_as_many_transformations_as_its_paper_says_all_different_and_the_first_changes_nothing(TransformationSet set, int count)
    {
        foreach ((int channels, int size) in new[] { (1, 12), (1, 28), (3, 32) })
        {
            float[] picture = Picture(channels, size, size);
            float[][] transformed = All(set.Create(size, size), picture, channels, size, size);
            Assert.Equal(count, transformed.Length);
            Assert.Equal(picture, transformed[0]);
            Assert.Equal(count, transformed.Select(one => string.Join(',', one)).Distinct().Count());
        }
    }

    [Fact]
    public void Pictures_that_are_no_squares_are_turned_by_half_turns_only()
    {
        float[] picture = Picture(1, 8, 12);
        float[][] transformed = All(TransformationSet.RegularAffine.Create(8, 12), picture, 1, 8, 12);
        Assert.Equal(36, transformed.Select(one => string.Join(',', one)).Distinct().Count());
        Assert.Throws<ArgumentException>(() => PictureTransformation.RotateQuarters(8, 12, 1));
        DataException refused = Assert.Throws<DataException>(() => TransformationSet.PatchRearranging.Create(7, 8));
        Assert.Contains("8x7", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_is_what_it_is_called_on_a_picture_that_can_be_read()
    {
        float[] picture = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        Assert.Equal([3, 2, 1, 6, 5, 4, 9, 8, 7], Apply(PictureTransformation.Flip(3, 3), picture));
        // As numpy's rot90: counter-clockwise.
        Assert.Equal([3, 6, 9, 2, 5, 8, 1, 4, 7], Apply(PictureTransformation.RotateQuarters(3, 3, 1), picture));
        Assert.Equal([9, 8, 7, 6, 5, 4, 3, 2, 1], Apply(PictureTransformation.RotateQuarters(3, 3, 2), picture));
        // As SciPy's shift with mode 'reflect': d c b a | a b c d | d c b a.
        Assert.Equal([7, 8, 9, 7, 8, 9, 4, 5, 6], Apply(PictureTransformation.Translate(3, 3, 2, 0), picture));
        Assert.Equal([1, 1, 2, 4, 4, 5, 7, 7, 8], Apply(PictureTransformation.Translate(3, 3, 0, -1), picture));
        float[] four = [.. Enumerable.Range(1, 16).Select(i => (float)i)];
        Assert.Equal(
            [9, 10, 1, 2, 13, 14, 5, 6, 11, 12, 3, 4, 15, 16, 7, 8], Apply(PictureTransformation.Rearrange(4, 4, [2, 0, 3, 1]), four, 4));
    }

    [Fact]
    public void Flips_and_quarter_turns_form_the_group_of_the_square()
    {
        float[] picture = Picture(1, 6, 6);
        PictureTransformation flip = PictureTransformation.Flip(6, 6), turn = PictureTransformation.RotateQuarters(6, 6, 1);
        Assert.Equal(picture, Apply(flip.Then(flip), picture, 6));
        Assert.Equal(picture, Apply(turn.Then(turn).Then(turn).Then(turn), picture, 6));
        Assert.Equal(Apply(PictureTransformation.RotateQuarters(6, 6, 3), picture, 6), Apply(turn.Then(turn).Then(turn), picture, 6));
        // A mirror image turns the other way: f r f = r⁻¹.
        Assert.Equal(Apply(PictureTransformation.RotateQuarters(6, 6, -1), picture, 6), Apply(flip.Then(turn).Then(flip), picture, 6));
    }

    [Theory, InlineData(1), InlineData(4)]
    public void A_translation_back_restores_what_did_not_leave_the_picture(int step)
    {
        float[] picture = Picture(1, 8, 8);
        float[] back = Apply(PictureTransformation.Translate(8, 8, step, -step).Then(PictureTransformation.Translate(8, 8, -step, step)), picture, 8);
        for (int y = step; y < 8; y++)
        {
            for (int x = 0; x < 8 - step; x++) Assert.Equal(picture[(y * 8) + x], back[(y * 8) + x]);
        }
        Assert.NotEqual(picture, back);
        Assert.Equal(picture, Apply(PictureTransformation.Translate(8, 8, 0, 0), picture, 8));
    }

    [Fact]
    public void Every_order_of_the_quarters_is_undone_by_its_inverse()
    {
        float[] picture = Picture(1, 6, 6);
        foreach (int[] order in new int[][] { [1, 0, 2, 3], [2, 3, 1, 0], [3, 0, 1, 2] })
        {
            int[] inverse = [.. Enumerable.Range(0, 4).Select(patch => Array.IndexOf(order, patch))];
            PictureTransformation there = PictureTransformation.Rearrange(6, 6, order), back = PictureTransformation.Rearrange(6, 6, inverse);
            Assert.NotEqual(picture, Apply(there, picture, 6));
            Assert.Equal(picture, Apply(there.Then(back), picture, 6));
        }
        Assert.Throws<ArgumentException>(() => PictureTransformation.Rearrange(6, 6, [0, 1, 1, 3]));
    }

    [Fact]
    public void An_irregular_rotation_is_the_regular_one_at_right_angles_and_is_undone_by_the_opposite_one_inside_the_picture()
    {
        const int Size = 24;
        // Smooth, so that bilinear interpolation is nearly exact.
        float[] picture = [.. Enumerable.Range(0, Size * Size).Select(p => MathF.Sin(p / Size * 0.3f) + MathF.Cos(p % Size * 0.2f))];
        float[] right = Apply(PictureTransformation.Rotate(Size, Size, 90), picture, Size);
        float[] exact = Apply(PictureTransformation.RotateQuarters(Size, Size, 1), picture, Size);
        for (int p = 0; p < picture.Length; p++) Assert.Equal(exact[p], right[p], 1e-4);
        foreach (double degrees in new[] { 30.0, 120, 240 })
        {
            PictureTransformation there = PictureTransformation.Rotate(Size, Size, degrees);
            PictureTransformation back = PictureTransformation.Rotate(Size, Size, -degrees);
            float[] restored = Apply(there.Then(back), picture, Size), turned = Apply(there, picture, Size);
            int near = 0;
            for (int p = 0; p < picture.Length; p++)
            {
                (double y, double x) = ((p / Size) - 11.5, (p % Size) - 11.5);
                if ((y * y) + (x * x) > 100) continue;
                Assert.Equal(picture[p], restored[p], 0.05);
                near += Math.Abs(picture[p] - turned[p]) < 0.05 ? 1 : 0;
            }
            Assert.InRange(near, 0, 150);
            // A corner of the frame was outside of the picture.
            Assert.Equal(0, turned[0]);
        }
    }

    [Fact]
    public void A_batch_in_which_each_picture_has_its_own_transformation_gets_what_each_alone_gets_and_gradients_go_back_the_same_way()
    {
        using DisposeScope scope = NewDisposeScope();
        using TransformationTable table = new(TransformationSet.PatchRearranging.Create(8, 8), CPU);
        Tensor pictures = tensor(FiniteDifferences.Normal(3, 5 * 3 * 64), 5, 3, 8, 8).requires_grad_();
        long[] which = [0, 70, 75, 87, 110];
        Tensor mixed = table.Apply(pictures, which);
        for (int i = 0; i < which.Length; i++)
        {
            Assert.True(mixed[i].allclose(table.Apply(pictures, (int)which[i])[i], rtol: 1e-6, atol: 1e-6));
        }
        // The map is linear: the gradient of ⟨T(x), w⟩ is Tᵀw, and ⟨Tᵀw, x⟩ = ⟨w, T(x)⟩.
        Tensor w = tensor(FiniteDifferences.Normal(4, 5 * 3 * 64), 5, 3, 8, 8);
        Tensor value = (mixed * w).sum();
        Tensor gradient = autograd.grad([value], [pictures])[0];
        Assert.Equal(value.Number(), (gradient * pictures).sum().Number(), 1e-3);
    }

    private static float[] Picture(int channels, int height, int width) => FiniteDifferences.Normal(7, channels * height * width);

    private static float[] Apply(PictureTransformation transformation, float[] picture, int size = 3)
    {
        using DisposeScope scope = NewDisposeScope();
        using TransformationTable table = new([transformation], CPU);
        return Values(table.Apply(tensor(picture, 1, 1, size, size), 0));
    }

    private static float[][] All(IReadOnlyList<PictureTransformation> transformations, float[] picture, int channels, int height, int width)
    {
        using DisposeScope scope = NewDisposeScope();
        using TransformationTable table = new(transformations, CPU);
        Tensor x = tensor(picture, 1, channels, height, width);
        return [.. Enumerable.Range(0, table.Count).Select(i => Values(table.Apply(x, i)))];
    }

    private static float[] Values(Tensor tensor)
    {
        using Tensor here = TorchNetwork.Export(tensor);
        return TorchNetwork.Floats(here).ToArray();
    }
}
