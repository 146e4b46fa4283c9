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
        // Two directions of the plane, and one from the centre to it: medians of features are near a plane, not in it.
        Assert.Equal(3, detector.Components);
        Assert.Equal(3, detector.Decomposition!.Rank);
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
        // A row that is taken out whole takes a good part of so few rows with it.
        if (penalty == PursuitPenalty.L1) Assert.Equal(0, Array.IndexOf(scores, scores.Max()));
        Assert.All(scores, score => Assert.InRange(score, 0, 20));
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
        using RobustPca detector = new(new RobustPcaOptions { Lambda = 100, Components = 4 });
        detector.Fit(Noise(50, 4), new FitContext { Warning = heard.Add });
        Assert.Equal(4, detector.Components);
        Assert.Contains(heard, text => text.Contains("every score is 0", StringComparison.Ordinal));
        using RobustPca limited = new(new RobustPcaOptions { Lambda = 100, Components = 2 });
        limited.Fit(Noise(50, 4), new FitContext());
        Assert.Equal(2, limited.Components);
    }

    [Fact]
    public void All_dimensions_of_exact_rank_are_kept_also_where_nearly_every_row_is_corrupted()
    {
        // Of 40 values some 5 % are 8 off: 87 % of the rows have one at least.
        Random random = new(5);
        float[] basis = [.. Enumerable.Range(0, 6 * 40).Select(_ => random.NextSingle() - 0.5f)], values = new float[600 * 40];
        for (int i = 0; i < values.Length; i += 40)
        {
            for (int k = 0; k < 6; k++)
            {
                float share = 4 * random.NextSingle() - 2;
                for (int j = 0; j < 40; j++) values[i + j] += share * basis[k * 40 + j];
            }
            for (int j = 0; j < 40; j++) values[i + j] += random.NextDouble() < 0.05 ? random.Next(2) * 16 - 8 : 0;
        }
        using RobustPca detector = new(new RobustPcaOptions());
        detector.Fit(new Samples(values, new SampleShape(40)), new FitContext());
        Assert.InRange(detector.Decomposition!.Rank, 6, 7);
        Assert.Equal(detector.Decomposition.Rank, detector.Components);
    }

    [Fact]
    public void Noise_in_all_values_leaves_the_dimensions_that_stand_out_above_it()
    {
        Random random = new(6);
        float[] plane = Plane(400, 20, 0).Values.ToArray();
        for (int i = 0; i < plane.Length; i++) plane[i] += 0.1f * (random.NextSingle() - 0.5f);
        using RobustPca detector = new(new RobustPcaOptions { Lambda = 100 }), noise = new(new RobustPcaOptions { Lambda = 100 });
        detector.Fit(new Samples(plane, new SampleShape(20)), new FitContext());
        Assert.Equal(20, detector.Decomposition!.Rank);
        Assert.Equal(2, detector.Components);
        // Where nothing stands out, the first one.
        noise.Fit(Noise(50, 4), new FitContext());
        Assert.Equal(1, noise.Components);
    }

    [Fact]
    public void What_was_found_is_a_remark_and_a_note_of_the_model_and_no_warning()
    {
        List<string> warned = [], remarked = [];
        using AnomalyModel model = AnomalyModel.Train(
            Plane(100, 12, 5), new RobustPcaOptions(), new TrainingSettings { Context = new FitContext { Warning = warned.Add, Remark = remarked.Add } });
        Assert.Empty(warned);
        Assert.Contains("iterations, relative residual", Assert.Single(remarked), StringComparison.Ordinal);
        Assert.Contains(remarked[0], model.Summary.Notes);
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
