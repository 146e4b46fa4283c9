using AnomalySharp.Detectors.FeatureLearning;
using AnomalySharp.Tests.Common;
using AnomalySharp.Tests.Contract;

namespace AnomalySharp.Tests.FeatureLearning;

public class RdpTests
{
    private static readonly Samples Easy = EasyData.Create(DataKinds.Table, 300, 15, seed: 5);

    [Theory, InlineData(true, false, true), InlineData(false, true, true), InlineData(false, true, false), InlineData(true, true, true)]
    public void The_gradient_is_the_slope_of_the_loss(bool auxiliary, bool distance, bool normalized)
    {
        const int Count = 7, Outputs = 5;
        RandomDistanceLoss loss = new(Outputs, auxiliary, distance, normalized);
        int[] partners = [3, 1, 6, 0, 2, 5, 4];
        float[] predictions = FiniteDifferences.Normal(1, Count * Outputs), targets = FiniteDifferences.Normal(2, Count * Outputs);
        float[] gradient = new float[predictions.Length];
        loss.Of(predictions, targets, partners, gradient);
        FiniteDifferences.CheckSlopes(predictions, [.. gradient], at => loss.Of(at, targets, partners, new float[at.Length]));
    }

    [Fact]
    public void A_prediction_that_is_right_has_no_error_and_the_error_of_a_batch_is_the_mean_of_its_samples()
    {
        RandomDistanceLoss loss = new(3, auxiliary: true, distance: true, normalized: true);
        float[] predictions = [1, -2, 3, 0.5f, 0, 2], targets = [2, 1, -1, 1, 1, -3];
        Assert.Equal(0, loss.OfSample(targets.AsSpan(0, 3), targets.AsSpan(0, 3), targets, targets), 1e-12);
        double first = loss.OfSample(predictions.AsSpan(0, 3), targets.AsSpan(0, 3), predictions.AsSpan(3), targets.AsSpan(3));
        double second = loss.OfSample(predictions.AsSpan(3), targets.AsSpan(3), predictions.AsSpan(0, 3), targets.AsSpan(0, 3));
        Assert.Equal((first + second) / 2, loss.Of(predictions, targets, [1, 0], new float[6]), 1e-6);
        // By hand: (1 + 9 + 16)/3 and (⟨p̂, p̂′⟩ − ⟨t̂, t̂′⟩)², p̂ = (1, −2, 3)/6, p̂′ = (0.5, 0, 2)/2.5, t̂ = (2, 1, −1)/4, t̂′ = (1, 1, −3)/5.
        Assert.Equal(26.0 / 3 + Math.Pow(6.5 / 15 - 6.0 / 20, 2), first, 1e-6);
    }

    [Fact]
    public void A_batch_has_every_drawn_sample_once_and_knows_which_draw_gave_which()
    {
        float[] values = [.. Enumerable.Range(0, 20).Select(i => (float)i)];
        Samples samples = new(values, new SampleShape(2));
        int[] rows = [3, 7, 3, 3, 9];
        DrawnBatch batch = new(samples, rows, size: 8);
        Assert.Equal(3, batch.Count);
        Random random = new(1), same = new(1);
        for (int draw = 0; draw < 5; draw++)
        {
            batch.Draw(random);
            int[] expected = [.. Enumerable.Range(0, 8).Select(_ => rows[same.Next(5)])];
            Assert.Equal(expected.Distinct().SelectMany(row => samples[row].ToArray()), batch.Values.ToArray());
            for (int i = 0; i < 8; i++)
            {
                Assert.Equal(samples[expected[i]].ToArray(), batch.Values.Slice(batch.Place(i) * 2, 2).ToArray());
                Assert.Equal(expected[i], ((int[])[3, 7, 9])[batch.Drawn(i)]);
            }
        }
        Assert.Equal(2, new DrawnBatch(samples, rows, size: 2).Take(0));
        DrawnBatch rest = new(samples, rows, size: 2);
        Assert.Equal(1, rest.Take(2));
        Assert.Equal([18, 19], rest.Values.ToArray());
    }

    [Fact]
    public void Scores_of_more_members_depend_less_on_the_seed()
    {
        // The variance falls as one over the number of members: to a sixteenth here, and to a quarter at most by chance.
        Assert.True(Variance(16) < Variance(1) / 4, $"{Variance(16)} of 16 members, {Variance(1)} of one.");

        // Over twelve seeds, mean of all anomalies, in units of their squared mean scores.
        static double Variance(int members)
        {
            float[][] scores = [.. Enumerable.Range(0, 12).Select(seed =>
            {
                using Detector detector = (Quick with { Members = members }).CreateDetector();
                detector.Fit(Easy, new FitContext { Seed = seed });
                return detector.Score(Easy.Slice(300, 15));
            })];
            return Enumerable.Range(0, 15).Average(i =>
            {
                double mean = scores.Average(one => one[i]);
                return scores.Average(one => (one[i] - mean) * (one[i] - mean)) / (mean * mean);
            });
        }
    }

    [Fact]
    public void Scores_do_not_depend_on_the_number_of_threads()
    {
        using Detector one = Quick.CreateDetector(), three = Quick.CreateDetector();
        one.Fit(Easy, new FitContext { Threads = 1 });
        three.Fit(Easy, new FitContext { Threads = 3 });
        Assert.Equal(one.Score(Easy), three.Score(Easy));
    }

    [Fact]
    public void Rounds_that_leave_out_the_most_abnormal_samples_tell_the_rest_apart_no_worse()
    {
        Assert.InRange(Auc(Quick with { Levels = 3, Filtered = 0.05 }), 0.97, 1);
        using Detector detector = (Quick with { Levels = 3 }).CreateDetector();
        detector.Fit(Easy, new FitContext());
        // Four members of three rounds.
        Assert.Equal(12, detector.GetState().Tensors.Keys.Count(name => name.EndsWith("partners", StringComparison.Ordinal)));
    }

    [Fact]
    public void Nothing_to_learn_and_a_training_that_diverges_are_refused_with_advice()
    {
        OptionException refused = Assert.Throws<OptionException>(() => (Quick with { AuxiliaryLoss = false, DistanceLoss = false }).CreateDetector());
        Assert.Contains("auxiliaryLoss", refused.Message, StringComparison.Ordinal);
        using Detector detector = (Quick with { Normalized = false }).CreateDetector();
        Samples large = Easy.WithValues(Easy.Values.ToArray().Select(value => value * 1e18f).ToArray(), Easy.Shape);
        TrainingException diverged = Assert.Throws<TrainingException>(() => detector.Fit(large, new FitContext()));
        Assert.StartsWith("rdp: the training diverged", diverged.Message, StringComparison.Ordinal);
    }

    private static RdpOptions Quick { get; } = new() { Members = 4, Epochs = 5, BatchesPerEpoch = 10, BatchSize = 64 };

    private static double Auc(RdpOptions options)
    {
        using Detector detector = options.CreateDetector();
        detector.Fit(Easy, new FitContext { Seed = 1 });
        return EasyData.RocAuc(detector.Score(Easy), Easy.Labels!);
    }
}
