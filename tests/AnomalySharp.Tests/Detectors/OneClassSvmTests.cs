using AnomalySharp.Detectors.Classical;
using AnomalySharp.SupportVectors;

namespace AnomalySharp.Tests.Detectors;

public class OneClassSvmTests
{
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    public void Nu_bounds_the_share_outside_from_above_and_that_of_support_vectors_from_below(double nu)
    {
        Samples samples = Noise(600, 3);
        using OneClassSvm detector = new(new OneClassSvmOptions { Nu = nu });
        detector.Fit(samples, new FitContext());
        int outside = detector.Score(samples).Count(score => score > 1e-3);
        Assert.InRange(outside, 0, nu * 600 + 1);
        Assert.InRange(detector.SupportVectors, (int)(nu * 600), nu * 600 + 30);
    }

    [Fact]
    public void The_solution_meets_the_optimality_conditions_with_and_without_room_for_kernel_rows()
    {
        Samples samples = Noise(300, 4);
        RadialKernel kernel = new(samples.Values.Span, 4, 0.5);
        OneClassSolver.Solution solution = OneClassSolver.Solve(samples, kernel, 0.3, 1e-5, 1_000_000, cacheBytes: 1 << 24, new FitContext());
        OneClassSolver.Solution cramped = OneClassSolver.Solve(samples, kernel, 0.3, 1e-5, 1_000_000, cacheBytes: 0, new FitContext());
        Assert.True(solution.Converged);
        Assert.Equal(solution.Alpha, cramped.Alpha);
        Assert.Equal(0.3 * 300, solution.Alpha.Sum(), 1e-9);
        Assert.All(solution.Alpha, alpha => Assert.InRange(alpha, 0, 1));
        double[] sums = new double[300];
        kernel.WeightedSums(samples.Values.Span, [.. solution.Alpha.Select(alpha => (float)alpha)], sums);
        for (int i = 0; i < 300; i++)
        {
            // Inside where α is 0, on the boundary where it is free, outside where it is 1.
            if (solution.Alpha[i] < 1) Assert.True(sums[i] > solution.Rho - 1e-4);
            if (solution.Alpha[i] > 0) Assert.True(sums[i] < solution.Rho + 1e-4);
        }
    }

    [Fact]
    public void More_samples_than_the_limit_are_drawn_from_and_said_so()
    {
        List<string> heard = [];
        using OneClassSvm detector = new(new OneClassSvmOptions { MaxSamples = 100 });
        detector.Fit(Noise(500, 2), new FitContext { Remark = heard.Add });
        Assert.Contains(heard, text => text.Contains("100 random samples of 500", StringComparison.Ordinal));
        Assert.InRange(detector.SupportVectors, 50, 70);
    }

    [Fact]
    public void Steps_that_are_not_enough_are_warned_of()
    {
        List<string> warned = [];
        using OneClassSvm detector = new(new OneClassSvmOptions { MaxSteps = 5 });
        detector.Fit(Noise(200, 2), new FitContext { Warning = warned.Add });
        Assert.Contains("did not converge in 5 steps", Assert.Single(warned), StringComparison.Ordinal);
    }

    private static Samples Noise(int count, int width)
    {
        Random random = new(11);
        float[] values = new float[count * width];
        foreach (ref float value in values.AsSpan()) value = random.NextSingle() + random.NextSingle() + random.NextSingle() - 1.5f;
        return new Samples(values, new SampleShape(width));
    }
}
