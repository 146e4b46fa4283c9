using AnomalySharp.Detectors.Classical;
using AnomalySharp.Optimization;

namespace AnomalySharp.Tests.Detectors;

public class RobustPcaTests
{
    [Fact]
    public void The_score_is_the_distance_from_the_plane_of_the_uncorrupted_samples()
    {
        Samples samples = Plane(200, 40, corrupted: 8);
        using RobustPca detector = new(new RobustPcaOptions());
        detector.Fit(samples, new FitContext());
        Assert.Equal(2, detector.Components);
        Assert.Equal(2, detector.Decomposition!.Rank);
        float[] scores = detector.Score(samples);
        Assert.All(scores[..8], score => Assert.True(score > 1));
        Assert.All(scores[8..], score => Assert.InRange(score, 0, 0.02));
        // A new sample of the plane, then two units away from it in one feature.
        float[] moved = Plane(300, 40, 0).Values[(40 * 299)..].ToArray();
        Assert.InRange(detector.Score(new Samples(moved, samples.Shape))[0], 0, 0.02);
        moved[3] += 2;
        float[] shares = detector.Attribute(new Samples(moved, samples.Shape)).Values.ToArray();
        Assert.Equal(3, Array.IndexOf(shares, shares.Max()));
        float score = detector.Score(new Samples(moved, samples.Shape))[0];
        Assert.Equal(score * score, shares.Sum(), 1e-3);
    }

    [Theory]
    [InlineData(PursuitPenalty.L1)]
    [InlineData(PursuitPenalty.L21Rows)]
    public void More_features_than_samples_and_constant_samples_can_be_learnt(PursuitPenalty penalty)
    {
        Samples wide = Plane(15, 60, corrupted: 1);
        using RobustPca detector = new(new RobustPcaOptions { Penalty = penalty });
        detector.Fit(wide, new FitContext());
        float[] scores = detector.Score(wide);
        Assert.InRange(detector.Components, 1, 15);
        Assert.Equal(0, Array.IndexOf(scores, scores.Max()));
        using RobustPca constant = new(new RobustPcaOptions { Penalty = penalty });
        constant.Fit(new Samples(Enumerable.Repeat(7f, 40).ToArray(), new SampleShape(4)), new FitContext());
        Assert.Equal(0, constant.Components);
        Assert.Equal([2f], constant.Score(new Samples(new float[] { 7, 9, 7, 7 }, new SampleShape(4))));
    }

    [Fact]
    public void A_solver_that_does_not_converge_is_a_warning_with_its_residual()
    {
        using AnomalyModel model = AnomalyModel.Train(Plane(100, 12, 5), new RobustPcaOptions { MaxIterations = 3 });
        string note = Assert.Single(model.Summary.Notes, note => note.Contains("did not converge", StringComparison.Ordinal));
        Assert.Contains("after 3 iterations", note, StringComparison.Ordinal);
        RobustPca detector = Assert.IsType<RobustPca>(model.Detector);
        Assert.False(detector.Decomposition!.Converged);
        Assert.Equal(3, detector.Decomposition.Iterations);
    }

    [Fact]
    public void A_subspace_of_all_features_is_warned_of()
    {
        List<string> heard = [];
        using RobustPca detector = new(new RobustPcaOptions { Lambda = 100 });
        detector.Fit(Noise(50, 4), new FitContext { Warning = heard.Add });
        Assert.Equal(4, detector.Components);
        Assert.Contains(heard, text => text.Contains("every score is 0", StringComparison.Ordinal));
        using RobustPca limited = new(new RobustPcaOptions { Lambda = 100, Components = 2 });
        limited.Fit(Noise(50, 4), new FitContext());
        Assert.Equal(2, limited.Components);
    }

    [Fact]
    public void Expected_contamination_decides_the_weight_of_rows()
    {
        using RobustPca detector = new(new RobustPcaOptions { Penalty = PursuitPenalty.L21Rows });
        detector.Fit(Plane(100, 12, 4), new FitContext { Contamination = 0.04 });
        Assert.Equal(3 / (7 * Math.Sqrt(0.04 * 100)), detector.Decomposition!.Lambda, 1e-12);
    }

    /// <summary>Samples in a plane through a point; the first ones with two features far off.</summary>
    private static Samples Plane(int count, int width, int corrupted)
    {
        Random random = new(3);
        float[] a = [.. Enumerable.Range(0, 2 * width).Select(_ => random.NextSingle() - 0.5f)];
        float[] values = new float[count * width];
        for (int i = 0; i < count; i++)
        {
            float u = 4 * random.NextSingle() - 2, v = 4 * random.NextSingle() - 2;
            for (int j = 0; j < width; j++) values[i * width + j] = 1 + u * a[j] + v * a[width + j];
            if (i < corrupted) values[i * width + i % width] += 5;
            if (i < corrupted) values[i * width + (i + 4) % width] -= 5;
        }
        return new Samples(values, new SampleShape(width));
    }

    private static Samples Noise(int count, int width)
    {
        Random random = new(9);
        return new Samples(Enumerable.Range(0, count * width).Select(_ => random.NextSingle()).ToArray(), new SampleShape(width));
    }
}
