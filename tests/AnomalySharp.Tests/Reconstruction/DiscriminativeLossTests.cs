using AnomalySharp.Detectors.Reconstruction;

namespace AnomalySharp.Tests.Reconstruction;

public class DiscriminativeLossTests
{
    [Fact]
    public void Errors_in_two_heaps_are_split_between_them()
    {
        double[] slopes = new double[5];
        (double loss, int inliers) = DiscriminativeLoss.Of([9, 1, 2, 10, 3], 0, slopes);
        Assert.Equal(3, inliers);
        Assert.Equal(2, loss, 1e-12);
        // Without λ only the lower heap is learnt.
        Assert.Equal([0, 1.0 / 3, 1.0 / 3, 0, 1.0 / 3], slopes);
        // Within: 1 + 0 + 1 and ¼ + ¼; of all, with mean 5: 16 + 16 + 9 + 25 + 4.
        Assert.Equal(2 + (0.5 * 2.5 / 70), DiscriminativeLoss.Of([9, 1, 2, 10, 3], 0.5, slopes).Loss, 1e-12);
    }

    [Fact]
    public void The_slopes_are_those_of_the_loss()
    {
        double[] errors = [0.3, 1.9, 0.4, 2.5, 0.9, 0.1], slopes = new double[6], unused = new double[6];
        DiscriminativeLoss.Of(errors, 3, slopes);
        for (int i = 0; i < errors.Length; i++)
        {
            double[] more = [.. errors], less = [.. errors];
            more[i] += 1e-6;
            less[i] -= 1e-6;
            double slope = (DiscriminativeLoss.Of(more, 3, unused).Loss - DiscriminativeLoss.Of(less, 3, unused).Loss) / 2e-6;
            Assert.Equal(slope, slopes[i], 1e-6);
        }
    }

    [Theory, InlineData(1), InlineData(4)]
    public void Equal_errors_and_a_single_one_are_all_learnt(int count)
    {
        double[] errors = [.. Enumerable.Repeat(0.7, count)], slopes = new double[count];
        (double loss, int inliers) = DiscriminativeLoss.Of(errors, 0.1, slopes);
        Assert.Equal((0.7, count), (Math.Round(loss, 12), inliers));
        Assert.All(slopes, slope => Assert.Equal(1.0 / count, slope, 1e-12));
    }
}
