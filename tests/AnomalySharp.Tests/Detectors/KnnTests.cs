using AnomalySharp.Detectors.Classical;
using AnomalySharp.Persistence;

namespace AnomalySharp.Tests.Detectors;

public class KnnTests
{
    private static readonly Samples Line = new(new float[] { 0, 1, 3, 7, 20 }, new SampleShape(1));

    [Theory]
    // From 0 the other samples are 1, 3, 7 and 20 away; from 5 all of them are 2, 2, 4, 5 and 15 away.
    [InlineData(KnnMethod.Kth, 3, 7, 4)]
    [InlineData(KnnMethod.Mean, 3, 11 / 3f, 8 / 3f)]
    [InlineData(KnnMethod.Median, 3, 3, 2)]
    [InlineData(KnnMethod.Kth, 4, 20, 5)]
    [InlineData(KnnMethod.Median, 4, 5, 3)]
    public void A_training_sample_is_not_its_own_neighbour_and_a_new_one_looks_at_all(KnnMethod method, int k, float trained, float unseen)
    {
        using Detector detector = new KnnOptions { K = k, Method = method }.CreateDetector();
        detector.Fit(Line, new FitContext());
        float[] scores = detector.Score(new Samples(new float[] { 0, 5 }, new SampleShape(1)));
        Assert.Equal(trained, scores[0], 1e-6f);
        Assert.Equal(unseen, scores[1], 1e-6f);
    }

    [Fact]
    public void Attributions_are_the_features_parts_of_the_mean_squared_distance()
    {
        using Detector detector = new KnnOptions { K = 2, Method = KnnMethod.Mean }.CreateDetector();
        detector.Fit(new Samples(new float[] { 0, 0, 1, 0, 100, 100 }, new SampleShape(2)), new FitContext());
        Assert.Equal([0.5f * (9 + 4), 16], detector.Attribute(new Samples(new float[] { 3, 4 }, new SampleShape(2))).Values.ToArray());
    }

    [Fact]
    public void Fewer_samples_than_neighbours_are_refused_with_both_numbers()
    {
        using Detector detector = new KnnOptions { K = 5 }.CreateDetector();
        DataException refused = Assert.Throws<DataException>(() => detector.Fit(Line, new FitContext()));
        Assert.Contains("at least 6", refused.Message, StringComparison.Ordinal);
        Assert.Contains("are 5", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_altered_state_is_refused()
    {
        using Detector fitted = new KnnOptions { K = 2 }.CreateDetector(), other = new KnnOptions { K = 2 }.CreateDetector();
        fitted.Fit(Line, new FitContext());
        Assert.Throws<ModelFileException>(() => other.SetState(fitted.GetState(), new SampleShape(2)));
        TensorState state = new();
        state.Set<float>("rows", [1, 2, float.NaN]);
        Assert.Throws<ModelFileException>(() => other.SetState(state, new SampleShape(1)));
        state.Set<float>("rows", [1, 2]);
        Assert.Throws<ModelFileException>(() => other.SetState(state, new SampleShape(1)));
    }
}
