using AnomalySharp.Detectors.Classical;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Tests.Preprocessing;

public class LowRankPartTests
{
    [Fact]
    public void A_detector_that_learns_from_the_low_rank_part_does_not_learn_the_noise()
    {
        Random random = new(2);
        float[] clean = new float[200 * 30];
        float[] mix = [.. Enumerable.Range(0, 30).Select(_ => random.NextSingle() - 0.5f)];
        for (int i = 0; i < clean.Length; i++) clean[i] = (i / 30 % 20 - 9.5f) * mix[i % 30];
        float[] noisy = [.. clean];
        for (int i = 0; i < 60; i++) noisy[random.Next(noisy.Length)] += 8;
        Samples learnt = new(noisy, new SampleShape(30));
        (Samples low, string note) = LowRankPart.Of(learnt, TestContext.Current.CancellationToken);
        Assert.InRange(low.Values.ToArray().Zip(clean, (a, b) => Math.Abs(a - b)).Max(), 0, 1e-3);
        Assert.Contains("of rank 1", note, StringComparison.Ordinal);

        // Scores are of the rows as they are: with denoising, a row with a spike lies far from the rows that were learnt, itself among them.
        TrainingSettings settings = new() { Scaling = FeatureScaling.None };
        using AnomalyModel plain = AnomalyModel.Train(learnt, new KnnOptions { K = 1 }, settings), denoised = AnomalyModel.Train(learnt, new KnnOptions { K = 1 }, settings with { Denoise = true });
        Assert.Equal(note, Assert.Single(denoised.Summary.Notes));
        Assert.Empty(plain.Summary.Notes);
        float[] scores = denoised.Score(learnt, cancellation: TestContext.Current.CancellationToken).Scores.ToArray();
        for (int i = 0; i < 200; i++)
        {
            bool spiked = Enumerable.Range(30 * i, 30).Any(j => noisy[j] != clean[j]);
            Assert.InRange(scores[i], spiked ? 7 : 0, spiked ? 100 : 0.01);
        }
    }
}
