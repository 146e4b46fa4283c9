using AnomalySharp.Detectors.Classical;
using AnomalySharp.Persistence;
using AnomalySharp.Tests.Common;

namespace AnomalySharp.Tests.Detectors;

public class IsolationForestTests
{
    private static readonly Samples Cloud = new(FiniteDifferences.Normal(1, 600 * 4), new SampleShape(4));

    [Fact]
    public void The_number_of_threads_does_not_change_scores()
    {
        using Detector one = Fit(Cloud, new FitContext { Threads = 1 }), many = Fit(Cloud, new FitContext { Threads = 7 });
        Assert.Equal(one.Score(Cloud), many.Score(Cloud));
    }

    [Fact]
    public void The_mean_path_length_is_that_of_random_search_trees()
    {
        // The recurrence behind c(n): a search in a tree of n keys passes 1 split and goes on in one of the n + 1 gaps.
        double harmonic = 0;
        for (int n = 2; n < 2000; n++)
        {
            harmonic += 1.0 / (n - 1);
            double exact = 2 * harmonic - 2 * (n - 1.0) / n;
            Assert.Equal(exact, IsolationTrees.MeanPathLength(n), n < 10 ? 0.51 : 1.2 / n);
        }
        Assert.Equal(0, IsolationTrees.MeanPathLength(1));
    }

    [Fact]
    public void Attributions_sum_to_one_plus_the_logarithm_of_the_score()
    {
        using Detector forest = Fit(Cloud, new FitContext());
        float[] scores = forest.Score(Cloud);
        Samples shares = forest.Attribute(Cloud);
        for (int i = 0; i < Cloud.Count; i++)
        {
            double sum = 0;
            foreach (float share in shares[i]) sum += share;
            Assert.Equal(1 + Math.Log2(scores[i]), sum, 1e-4);
        }
    }

    [Fact]
    public void Neighbouring_floats_are_told_apart()
    {
        // No number lies between the two values: a threshold that rounds to the upper one would leave a side empty, level after level.
        float high = float.BitIncrement(1);
        float[] values = [.. Enumerable.Range(0, 64).Select(i => i == 0 ? high : 1f)];
        using Detector forest = Fit(new Samples(values, new SampleShape(1)), new FitContext());
        float[] scores = forest.Score(new Samples(new float[] { 1, high }, new SampleShape(1)));
        Assert.True(scores[1] > 0.8f && scores[0] < 0.5f, $"{scores[0]}, {scores[1]}");
    }

    [Fact]
    public void The_widest_range_of_floats_is_split()
    {
        float[] values = [.. Enumerable.Range(0, 100).Select(i => i == 0 ? float.MaxValue : float.MinValue + i * 1e33f)];
        using Detector forest = Fit(new Samples(values, new SampleShape(1)), new FitContext());
        float[] scores = forest.Score(new Samples(values, new SampleShape(1)));
        Assert.Equal(0, Array.IndexOf(scores, scores.Max()));
    }

    [Fact]
    public void Equal_samples_get_one_half()
    {
        using Detector forest = Fit(new Samples(new float[300], new SampleShape(3)), new FitContext());
        Assert.All(forest.Score(new Samples(new float[9], new SampleShape(3))), score => Assert.Equal(0.5f, score, 1e-6f));
    }

    [Fact]
    public void Any_altered_array_is_refused_or_scored_but_neither_loops_nor_reads_elsewhere()
    {
        using Detector forest = Fit(Cloud, new FitContext(), trees: 5);
        TensorState state = forest.GetState();
        Random random = new(4);
        int refused = 0;
        for (int trial = 0; trial < 2000; trial++)
        {
            (string name, StoredTensor tensor) = state.Tensors.ElementAt(random.Next(state.Tensors.Count));
            byte[] bytes = tensor.Bytes.ToArray();
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            TensorState altered = new();
            foreach ((string key, StoredTensor value) in state.Tensors) altered.Add(key, key == name ? value with { Bytes = bytes } : value);
            using Detector other = new IsolationForestOptions { Trees = 5 }.CreateDetector();
            try
            {
                other.SetState(altered, Cloud.Shape);
                other.Score(Cloud.Slice(0, 9));
            }
            catch (AnomalySharpException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 100, 1999);
    }

    private static Detector Fit(Samples samples, FitContext context, int trees = 100)
    {
        Detector detector = new IsolationForestOptions { Trees = trees }.CreateDetector();
        detector.Fit(samples, context);
        return detector;
    }
}
