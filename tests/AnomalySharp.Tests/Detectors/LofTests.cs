using AnomalySharp.Detectors.Classical;
using AnomalySharp.Persistence;

namespace AnomalySharp.Tests.Detectors;

public class LofTests
{
    [Fact]
    public void The_factor_is_that_of_the_paper_on_a_hand_made_line()
    {
        // 0, 1, 2 and 10, k = 2. The k-distances are 2, 1, 2 and 9; the densities 1/((1 + 2)/2), 1/((2 + 2)/2), 2/3 and 1/((8 + 9)/2).
        using Detector detector = new LofOptions { K = 2 }.CreateDetector();
        Samples line = new(new float[] { 0, 1, 2, 10 }, new SampleShape(1));
        detector.Fit(line, new FitContext());
        float[] scores = detector.Score(line);
        double a = 2 / 3.0, b = 1 / 2.0, d = 2 / 17.0;
        Assert.Equal((a + b) / 2 / a, scores[0], 1e-6);
        Assert.Equal(a / b, scores[1], 1e-6);
        Assert.Equal((a + b) / 2 / d, scores[3], 1e-6);
    }

    [Fact]
    public void Duplicates_have_the_factor_1_and_what_is_beside_them_a_great_one()
    {
        float[] values = [.. Enumerable.Repeat(5f, 30), 6];
        Samples samples = new(values, new SampleShape(1));
        using Detector detector = new LofOptions { K = 5 }.CreateDetector();
        detector.Fit(samples, new FitContext());
        float[] scores = detector.Score(samples);
        Assert.All(scores[..30], score => Assert.Equal(1, score, 1e-5));
        Assert.True(scores[30] > 1e6);
        Assert.All(detector.Attribute(samples).Values.ToArray(), value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void Fewer_samples_than_neighbours_are_warned_of_and_all_others_are_taken()
    {
        Samples line = new(new float[] { 0, 1, 2, 10 }, new SampleShape(1));
        List<string> warned = [];
        using Detector many = new LofOptions().CreateDetector(), three = new LofOptions { K = 3 }.CreateDetector();
        many.Fit(line, new FitContext { Warning = warned.Add });
        three.Fit(line, new FitContext());
        Assert.Contains("each has 3 others", Assert.Single(warned), StringComparison.Ordinal);
        Assert.Equal(three.Score(line), many.Score(line));
    }

    [Fact]
    public void Training_samples_score_among_others_what_a_search_of_their_neighbours_gives()
    {
        Random random = new(6);
        float[] values = [.. Enumerable.Range(0, 600).Select(_ => (float)random.Next(8))];
        float[] moved = [.. values.Select((value, i) => i % 6 == 0 ? value + 0.5f : value)];
        Samples training = new(values, new SampleShape(2)), mixed = new(moved, new SampleShape(2));
        using Detector fitted = new LofOptions { K = 4 }.CreateDetector(), searching = new LofOptions { K = 4 }.CreateDetector();
        fitted.Fit(training, new FitContext());
        // A detector that was read from a file has no scores at hand.
        searching.SetState(fitted.GetState(), training.Shape);
        Assert.Equal(searching.Score(training), fitted.Score(training));
        Assert.Equal(searching.Score(mixed), fitted.Score(mixed));
    }

    [Fact]
    public void An_altered_state_is_refused()
    {
        using Detector fitted = new LofOptions { K = 2 }.CreateDetector(), other = new LofOptions { K = 2 }.CreateDetector();
        fitted.Fit(new Samples(new float[] { 0, 1, 2, 10 }, new SampleShape(1)), new FitContext());
        TensorState state = fitted.GetState();
        state.Set<double>("densities", [1, 1, double.NaN, 1]);
        Assert.Throws<ModelFileException>(() => other.SetState(state, new SampleShape(1)));
    }
}
