using AnomalySharp.Detectors.Classical;
using AnomalySharp.Persistence;

namespace AnomalySharp.Tests.Detectors;

public class TailAndHistogramTests
{
    // The first feature has its longer tail on the right, the second on the left.
    private static readonly Samples Four = new(new float[] { 0, 9, 1, 9, 1, 8, 7, 1 }, new SampleShape(2));

    [Fact]
    public void Ecod_takes_the_longer_tail_or_the_mean_of_both_in_each_feature()
    {
        using Detector detector = new EcodOptions().CreateDetector();
        detector.Fit(Four, new FitContext());
        double log2 = Math.Log(2), log4 = Math.Log(4);
        // Row 0: left 1/4 and right 1 in the first feature; all at or below 9 and a half at or above it in the second.
        Assert.Equal((log4 / 2) + (log2 / 2), detector.Score(Four)[0], 1e-6);
        // Row 3: right 1/4 in the first, left 1/4 in the second: each the longer tail.
        Assert.Equal(2 * log4, detector.Score(Four)[3], 1e-6);
        Assert.Equal([(float)log4, (float)log4], detector.Attribute(Four)[3].ToArray());
    }

    [Fact]
    public void Copod_takes_the_greatest_of_the_three_sums()
    {
        using Detector detector = new CopodOptions().CreateDetector();
        detector.Fit(Four, new FitContext());
        double log2 = Math.Log(2), log4 = Math.Log(4), threeQuarters = Math.Log(4 / 3.0);
        // Row 0: left log 4 + 0, right 0 + log 2, longer 0 + 0.
        Assert.Equal(log4, detector.Score(Four)[0], 1e-6);
        // Row 2, (1, 8): left log 4/3 + log 2, right log 4/3 + log 4/3, longer log 4/3 + log 2.
        Assert.Equal(threeQuarters + log2, detector.Score(Four)[2], 1e-6);
    }

    [Fact]
    public void Values_beyond_the_training_range_are_as_improbable_as_its_outermost_and_constant_features_say_nothing()
    {
        using Detector detector = new EcodOptions().CreateDetector();
        detector.Fit(new Samples(new float[] { 0, 5, 1, 5, 1, 5, 7, 5 }, new SampleShape(2)), new FitContext());
        float[] scores = detector.Score(new Samples(new float[] { 7, 5, 1e9f, 5, 7, 6 }, new SampleShape(2)));
        Assert.Equal(Math.Log(4), scores[0], 1e-6);
        Assert.Equal(scores[0], scores[1]);
        Assert.Equal(2 * Math.Log(4), scores[2], 1e-6);
    }

    [Fact]
    public void Unsorted_columns_in_a_model_are_refused()
    {
        using Detector fitted = new EcodOptions().CreateDetector(), other = new EcodOptions().CreateDetector();
        fitted.Fit(Four, new FitContext());
        TensorState state = fitted.GetState();
        state.Set<float>("sorted", [0, 2, 1, 7, 1, 8, 9, 9]);
        Assert.Throws<ModelFileException>(() => other.SetState(state, new SampleShape(2)));
    }

    [Fact]
    public void Hbos_sums_the_logarithms_of_relative_bar_heights()
    {
        // Two bins each: 3 and 1 samples in the first feature, 1 and 3 in the second.
        using Detector detector = new HbosOptions { Bins = 2 }.CreateDetector();
        detector.Fit(Four, new FitContext());
        Assert.Equal(2 * Math.Log(3), detector.Score(Four)[3], 1e-6);
        Assert.Equal([0, 0], detector.Attribute(Four)[0].ToArray());
        // Outside of the range: half a sample where the highest bar has three.
        Assert.Equal(Math.Log(6), detector.Score(new Samples(new float[] { -1, 9 }, new SampleShape(2)))[0], 1e-6);
        using Detector many = new HbosOptions { Bins = 100 }.CreateDetector();
        many.Fit(Four, new FitContext());
        // An empty bin of a feature whose highest bar has two.
        Assert.Equal(Math.Log(4), many.Score(new Samples(new float[] { 4, 9 }, new SampleShape(2)))[0], 1e-6);
    }
}
