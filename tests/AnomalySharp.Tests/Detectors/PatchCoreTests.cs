using AnomalySharp.Detectors.FeatureExtraction;

namespace AnomalySharp.Tests.Detectors;

public class PatchCoreTests
{
    private static readonly SampleShape Maps = new(16, 3, 3);

    private static Samples Random(int count, int seed)
    {
        Random random = new(seed);
        return new Samples(Enumerable.Range(0, count * Maps.Length).Select(_ => random.NextSingle()).ToArray(), Maps);
    }

    private static Detector Fitted(PatchCoreOptions options, Samples samples)
    {
        Detector detector = options.CreateDetector();
        detector.Fit(samples, new FitContext { Threads = 2 });
        return detector;
    }

    /// <summary>Means over the neighbours of each place that are inside.</summary>
    private static double[][] Patches(ReadOnlySpan<float> maps)
    {
        double[][] patches = new double[9][];
        for (int p = 0; p < 9; p++)
        {
            patches[p] = new double[16];
            for (int c = 0; c < 16; c++)
            {
                List<double> around = [];
                for (int q = 0; q < 9; q++)
                {
                    if (Math.Abs((p / 3) - (q / 3)) <= 1 && Math.Abs((p % 3) - (q % 3)) <= 1) around.Add(maps[(c * 9) + q]);
                }
                patches[p][c] = around.Average();
            }
        }
        return patches;
    }

    private static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b).Sum(pair => (pair.First - pair.Second) * (pair.First - pair.Second)));

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void The_score_is_the_weighted_distance_of_the_farthest_patch(int neighbors)
    {
        Samples training = Random(12, seed: 1), test = Random(5, seed: 2);
        using Detector detector = Fitted(new PatchCoreOptions { Coreset = 1, Neighbors = neighbors }, training);
        double[][] memory = [.. Enumerable.Range(0, training.Count).SelectMany(i => Patches(training[i]))];
        float[] scores = detector.Score(test);
        Samples attributions = detector.Attribute(test);
        for (int i = 0; i < test.Count; i++)
        {
            double[][] patches = Patches(test[i]);
            double[] distances = [.. patches.Select(patch => memory.Min(row => Distance(patch, row)))];
            double[] worst = patches[Array.IndexOf(distances, distances.Max())], nearest = memory.MinBy(row => Distance(worst, row))!;
            double sum = memory.OrderBy(row => Distance(nearest, row)).Take(neighbors).Sum(row => Math.Exp(Distance(worst, row)));
            double weight = neighbors == 1 ? 1 : 1 - (Math.Exp(distances.Max()) / sum);
            Assert.Equal(weight * distances.Max(), scores[i], 1e-4);
            for (int p = 0; p < 9; p++) Assert.Equal(distances[p], Enumerable.Range(0, 16).Sum(c => attributions[i][(c * 9) + p]), 1e-4);
        }
    }

    [Fact]
    public void A_training_picture_is_not_its_own_neighbour()
    {
        Samples training = Random(12, seed: 1);
        using Detector detector = Fitted(new PatchCoreOptions { Coreset = 1 }, training);
        Assert.All(detector.Score(training), score => Assert.True(score > 0.1f));
    }

    [Fact]
    public void Of_few_channels_the_values_around_a_place_are_told_apart()
    {
        // A checkerboard among plain pictures of the same mean.
        SampleShape shape = new(1, 6, 6);
        float[] plain = new float[20 * 36], board = new float[36];
        Random random = new(3);
        for (int i = 0; i < plain.Length; i++) plain[i] = 0.5f + (0.01f * random.NextSingle());
        for (int i = 0; i < 36; i++) board[i] = ((i / 6) + i) % 2;
        double Ratio(PatchNeighborhood pooling)
        {
            using Detector detector = Fitted(new PatchCoreOptions { Pooling = pooling, Neighbors = 1 }, new Samples(plain, shape));
            return detector.Score(new Samples(board, shape))[0];
        }
        Assert.True(Ratio(PatchNeighborhood.Auto) > 5 * Ratio(PatchNeighborhood.Mean));
        Assert.Equal(Ratio(PatchNeighborhood.Values), Ratio(PatchNeighborhood.Auto));
    }

    [Fact]
    public void The_coreset_takes_again_and_again_what_is_farthest_from_all_it_has()
    {
        float[] rows = [.. Enumerable.Range(0, 10_000).Select(i => (float)i)];
        int[] chosen = new GreedyCoreset(rows, 1, 128, new Random(5)).Choose(5, new FitContext { Threads = 1 });
        int first = chosen[0];
        // The farther end, the other end, and then the middles of what lies between.
        Assert.Equal(first < 5000 ? 9999 : 0, chosen[1]);
        Assert.Equal([0, 9999], new[] { chosen[1], chosen[2] }.Order());
        Assert.Equal(5, chosen.Distinct().Count());
        Assert.Equal(chosen, new GreedyCoreset(rows, 1, 128, new Random(5)).Choose(5, new FitContext { Threads = 3 }));
    }

    [Fact]
    public void The_coreset_leaves_no_row_far_from_what_it_keeps()
    {
        Random random = new(8);
        float[] rows = [.. Enumerable.Range(0, 600 * 200).Select(_ => random.NextSingle())];
        // Three rows far from the others and from each other.
        for (int i = 0; i < 3; i++) rows.AsSpan((100 + i) * 200, 200).Fill(5 + (3 * i));
        int[] chosen = new GreedyCoreset(rows, 200, 32, random).Choose(5, new FitContext { Threads = 2 });
        foreach (int far in Enumerable.Range(100, 3)) Assert.Contains(far, chosen);
    }
}
