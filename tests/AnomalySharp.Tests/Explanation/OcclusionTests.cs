using AnomalySharp.Explanation;

namespace AnomalySharp.Tests.Explanation;

public class OcclusionTests
{
    [Fact]
    public void A_value_contributes_what_the_score_falls_by_without_it()
    {
        Samples samples = new(new float[] { 3, -2, 5, 1, 1, 1 }, new SampleShape(3));
        float[] attributions = Occlusion.Attribute(samples, new float[] { 1, 1, 1 }, Sums);
        Assert.Equal([2, -3, 4, 0, 0, 0], attributions);
    }

    [Fact]
    public void Long_samples_are_occluded_run_by_run_and_scores_beyond_float32_leave_finite_attributions()
    {
        float[] values = new float[1000];
        values[999] = 8;
        values[501] = float.MaxValue;
        float[] attributions = Occlusion.Attribute(new Samples(values, new SampleShape(1000)), new float[1000], Sums);
        Assert.Equal([float.MaxValue, float.MaxValue], attributions[501..503]);
        Assert.All(attributions, value => Assert.True(float.IsFinite(value)));
        Samples two = new(new float[2], new SampleShape(2));
        float[] infinite = Occlusion.Attribute(two, new float[2], samples => [.. Enumerable.Repeat(float.PositiveInfinity, samples.Count)]);
        Assert.Equal([0, 0], infinite);
    }

    private static float[] Sums(Samples samples) => [.. Enumerable.Range(0, samples.Count).Select(i => samples[i].ToArray().Sum())];
}
