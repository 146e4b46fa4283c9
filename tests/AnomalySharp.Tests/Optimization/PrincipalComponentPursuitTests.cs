// Small matrices are split before a test run could be cancelled.
#pragma warning disable xUnit1051

using AnomalySharp.Optimization;

namespace AnomalySharp.Tests.Optimization;

public class PrincipalComponentPursuitTests
{
    /// <summary>The recovery table of Candès et al.'s model: L = ABᵀ/n of rank r, a share of the entries corrupted by ±1.</summary>
    [Theory]
    [InlineData(100, 5, PursuitVariant.InexactAlm, 24)]
    [InlineData(100, 5, PursuitVariant.FixedMu, 50)]
    [InlineData(200, 10, PursuitVariant.InexactAlm, 24)]
    [InlineData(200, 10, PursuitVariant.FixedMu, 60)]
    public void Rank_support_and_values_of_a_corrupted_matrix_are_recovered_exactly(int n, int rank, PursuitVariant variant, int mostIterations)
    {
        (double[] low, double[] sparse) = Problem(n, n, rank, 0.05, 1);
        LowRankDecomposition found = PrincipalComponentPursuit.Solve(Sum(low, sparse), n, new PursuitSettings { Variant = variant });
        Assert.True(found.Converged);
        Assert.InRange(found.RelativeResidual, 0, 1e-7);
        Assert.Equal(rank, found.Rank);
        Assert.InRange(Distance(found.LowRank, low) / Norm(low), 0, 5e-6);
        Assert.Equal(sparse.Select(value => value != 0), found.Sparse.Select(value => value != 0));
        Assert.InRange(found.Iterations, 10, mostIterations);
    }

    [Fact]
    public void Huge_corruptions_need_the_growing_penalty()
    {
        (double[] low, double[] sparse) = Problem(100, 100, 5, 0.05, 1);
        Random random = new(4);
        for (int i = 0; i < sparse.Length; i++) sparse[i] *= 1000 * (random.NextDouble() - 0.5);
        LowRankDecomposition growing = PrincipalComponentPursuit.Solve(Sum(low, sparse), 100);
        Assert.True(growing.Converged);
        Assert.InRange(growing.Iterations, 15, 35);
        Assert.InRange(Distance(growing.LowRank, low) / Norm(low), 0, 2e-3);
        LowRankDecomposition constant =
            PrincipalComponentPursuit.Solve(Sum(low, sparse), 100, new PursuitSettings { Variant = PursuitVariant.FixedMu, MaxIterations = 300 });
        Assert.False(constant.Converged);
        Assert.Equal(300, constant.Iterations);
        Assert.True(constant.RelativeResidual > 1e-7);
    }

    [Fact]
    public void A_rank_that_is_too_high_is_not_recovered()
    {
        (double[] low, double[] sparse) = Problem(100, 100, 30, 0.05, 1);
        LowRankDecomposition found = PrincipalComponentPursuit.Solve(Sum(low, sparse), 100);
        Assert.True(Distance(found.LowRank, low) / Norm(low) > 5e-2);
    }

    [Fact]
    public void With_a_fifth_of_the_values_corrupted_the_fixed_penalty_does_not_converge_and_says_so()
    {
        (double[] low, double[] sparse) = Problem(100, 100, 10, 0.2, 1);
        LowRankDecomposition found = PrincipalComponentPursuit.Solve(
            Sum(low, sparse), 100, new PursuitSettings { Variant = PursuitVariant.FixedMu, MaxIterations = 150 });
        Assert.Equal((false, 150), (found.Converged, found.Iterations));
        Assert.True(found.RelativeResidual > 1e-7);
        Assert.True(Distance(found.LowRank, low) / Norm(low) > 5e-3);
        Assert.True(found.Rank > 10);
    }

    [Fact]
    public void Outlier_pursuit_finds_the_rows_that_are_not_in_the_subspace()
    {
        (double[] low, _) = Problem(120, 40, 3, 0, 2);
        double[] values = [.. low];
        Random random = new(5);
        for (int i = 0; i < 4 * 40; i++) values[i] = random.NextDouble() - 0.5;
        LowRankDecomposition found = PrincipalComponentPursuit.Solve(values, 40, new PursuitSettings { Penalty = PursuitPenalty.L21Rows, Lambda = 0.35 });
        Assert.True(found.Converged);
        Assert.Equal(3, found.Rank);
        double[] norms = found.SparseRowNorms();
        Assert.All(norms[..4], norm => Assert.True(norm > 0.1));
        Assert.All(norms[4..], norm => Assert.Equal(0, norm));
        PursuitSettings published = new() { Penalty = PursuitPenalty.L21Rows, OutlierFraction = 4 / 120.0, MaxIterations = 1 };
        Assert.Equal(3 / (7 * Math.Sqrt(4)), PrincipalComponentPursuit.Solve(values, 40, published).Lambda, 1e-12);
    }

    [Theory]
    [InlineData(PursuitVariant.InexactAlm)]
    [InlineData(PursuitVariant.FixedMu)]
    public void Scaling_the_matrix_scales_both_parts(PursuitVariant variant)
    {
        (double[] low, double[] sparse) = Problem(60, 60, 3, 0.05, 3);
        double[] values = Sum(low, sparse), scaled = [.. values.Select(value => 8 * value)];
        LowRankDecomposition one = PrincipalComponentPursuit.Solve(values, 60, new() { Variant = variant });
        LowRankDecomposition eight = PrincipalComponentPursuit.Solve(scaled, 60, new() { Variant = variant });
        Assert.InRange(Distance(eight.LowRank, [.. one.LowRank.Select(value => 8 * value)]) / Norm(eight.LowRank), 0, 1e-5);
        Assert.InRange(Distance(eight.Sparse, [.. one.Sparse.Select(value => 8 * value)]) / Norm(eight.Sparse), 0, 1e-5);
    }

    [Theory]
    [InlineData(40, 200)]
    [InlineData(200, 40)]
    public void Wide_and_tall_matrices_are_split_alike(int rows, int columns)
    {
        (double[] low, double[] sparse) = Problem(rows, columns, 2, 0.04, 6);
        double[] values = Sum(low, sparse);
        LowRankDecomposition found = PrincipalComponentPursuit.Solve(values, columns);
        LowRankDecomposition turned = PrincipalComponentPursuit.Solve(Transpose(values, columns), rows);
        Assert.Equal(2, found.Rank);
        Assert.Equal(found.Iterations, turned.Iterations);
        Assert.InRange(Distance(found.LowRank, Transpose(turned.LowRank, rows)) / Norm(low), 0, 1e-8);
        Assert.Equal(1 / Math.Sqrt(200), found.Lambda, 1e-12);
    }

    [Fact]
    public void A_truncated_decomposition_thresholds_as_the_full_one_does()
    {
        // More singular values above the thresholds than the ten that the subspace starts with: it has to grow.
        (double[] low, double[] sparse) = Problem(300, 150, 60, 0.02, 7);
        double[] values = Sum(low, sparse), full = new double[values.Length], part = new double[values.Length];
        SingularValueThresholding truncated = new(300, 150, truncates: true), whole = new(300, 150, truncates: false);
        foreach (double tau in new[] { 3.6, 3.2, 2.8 })
        {
            int rank = whole.Apply(values, tau, full);
            Assert.Equal(rank, truncated.Apply(values, tau, part));
            Assert.InRange(rank, 11, 74);
            Assert.InRange(Distance(part, full) / Norm(full), 0, 1e-5);
        }
    }

    [Fact]
    public void Singular_values_are_lowered_by_the_threshold_and_the_rank_does_not_grow()
    {
        (double[] low, _) = Problem(50, 30, 4, 0, 8);
        double[] result = new double[low.Length];
        SingularValueThresholding thresholding = new(50, 30);
        Assert.Equal(4, thresholding.Apply(low, 1e-6, result));
        double[] values = [.. thresholding.Values.Select(value => value + 1e-6)];
        double between = (values[1] + values[2]) / 2;
        Assert.Equal(2, thresholding.Apply(low, between, result));
        Assert.Equal(Math.Pow(values[0] - between, 2) + Math.Pow(values[1] - between, 2), Math.Pow(Norm(result), 2), 1e-9);
        Assert.Equal(0, thresholding.Apply(low, values[0] * 1.001, result));
        Assert.All(result, value => Assert.Equal(0, value));
    }

    [Fact]
    public void A_matrix_of_zeros_has_rank_zero()
    {
        LowRankDecomposition found = PrincipalComponentPursuit.Solve(new double[40], 8);
        Assert.Equal((0, 0, true), (found.Rank, found.Iterations, found.Converged));
        Assert.All(found.LowRank, value => Assert.Equal(0, value));
    }

    private static (double[] Low, double[] Sparse) Problem(int rows, int columns, int rank, double corrupted, int seed)
    {
        Random random = new(seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        double[] a = [.. Enumerable.Range(0, rows * rank).Select(_ => Normal())], b = [.. Enumerable.Range(0, rank * columns).Select(_ => Normal())];
        double[] low = new double[rows * columns], sparse = new double[rows * columns];
        for (int i = 0; i < low.Length; i++)
        {
            for (int k = 0; k < rank; k++) low[i] += a[i / columns * rank + k] * b[k * columns + i % columns] / Math.Max(rows, columns);
            if (random.NextDouble() < corrupted) sparse[i] = random.Next(2) == 0 ? 1 : -1;
        }
        return (low, sparse);
    }

    private static double[] Sum(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static double[] Transpose(double[] values, int columns)
    {
        int rows = values.Length / columns;
        return [.. Enumerable.Range(0, values.Length).Select(i => values[i % rows * columns + i / rows])];
    }

    private static double Norm(double[] values) => Math.Sqrt(values.Sum(x => x * x));

    private static double Distance(double[] a, double[] b) => Norm([.. a.Zip(b, (x, y) => x - y)]);
}
