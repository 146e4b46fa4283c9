using AnomalySharp.Optimization;

namespace AnomalySharp.Tests.Optimization;

public class ProximalTests
{
    [Fact]
    public void Shrinking_moves_every_value_towards_zero_by_the_threshold()
    {
        // Nine values: one more than fill a vector, so that both loops are met.
        float[] values = [3, -0.5f, -2.5f, 1, -1, 0, 4, -7, 1.5f];
        Assert.Equal(5, Proximal.Shrink<float>(values, 1));
        Assert.Equal([2, 0, -1.5f, 0, 0, 0, 3, -6, 0.5f], values);
        double[] precise = [3, -0.5, -2.5];
        Assert.Equal(2, Proximal.Shrink<double>(precise, 1));
        Assert.Equal([2, 0, -1.5], precise);
    }

    [Fact]
    public void Rows_are_shortened_by_the_threshold_or_vanish()
    {
        double[] rows = [3, 4, 0.3, 0.4];
        Assert.Equal(1, Proximal.ShrinkRows<double>(rows, 2, 1));
        Assert.Equal(2.4, rows[0], 1e-12);
        Assert.Equal(3.2, rows[1], 1e-12);
        Assert.Equal([0, 0], rows[2..]);
    }

    [Fact]
    public void Columns_are_shortened_by_the_threshold()
    {
        double[] columns = [3, 4, 0.3, 0.4];
        Assert.Equal(2, Proximal.ShrinkColumns<double>(columns, 2, 1));
        double[] expected = [2.00496, 3.00496, 0.20050, 0.30050];
        for (int i = 0; i < 4; i++) Assert.Equal(expected[i], columns[i], 1e-5);
    }

    [Theory]
    [InlineData("values")]
    [InlineData("rows")]
    [InlineData("columns")]
    public void Zero_changes_nothing_infinity_leaves_nothing_and_no_two_points_move_apart(string kind)
    {
        Random random = new(1);
        double[] a = [.. Enumerable.Range(0, 60).Select(_ => random.NextDouble() * 4 - 2)], b = [.. a.Select(x => x + random.NextDouble() - 0.5)];
        double[] zero = [.. a], infinite = [.. a];
        int all = Apply(kind, zero, 0);
        Assert.Equal(a, zero);
        Assert.Equal(kind == "values" ? 60 : kind == "rows" ? 10 : 6, all);
        Assert.Equal(0, Apply(kind, infinite, double.PositiveInfinity));
        Assert.All(infinite, value => Assert.Equal(0, value));
        double before = Distance(a, b);
        Apply(kind, a, 0.7);
        Apply(kind, b, 0.7);
        Assert.InRange(Distance(a, b), 0, before);
    }

    [Theory]
    [InlineData("values")]
    [InlineData("rows")]
    [InlineData("columns")]
    public void The_result_minimises_the_penalised_distance(string kind)
    {
        Random random = new(2);
        double[] a = [.. Enumerable.Range(0, 60).Select(_ => random.NextDouble() * 4 - 2)], best = [.. a];
        Apply(kind, best, 0.7);
        double least = Objective(kind, best, a);
        for (int i = 0; i < 200; i++)
        {
            double[] other = [.. best.Select(x => x + 0.01 * (random.NextDouble() - 0.5))];
            Assert.True(Objective(kind, other, a) >= least);
        }
    }

    private static int Apply(string kind, double[] values, double t) => kind switch
    {
        "values" => Proximal.Shrink<double>(values, t),
        "rows" => Proximal.ShrinkRows<double>(values, 6, t),
        _ => Proximal.ShrinkColumns<double>(values, 6, t),
    };

    private static double Objective(string kind, double[] s, double[] a) => Math.Pow(Distance(s, a), 2) / 2 + 0.7 * (kind switch
    {
        "values" => s.Sum(Math.Abs),
        "rows" => s.Chunk(6).Sum(row => Math.Sqrt(row.Sum(x => x * x))),
        _ => Enumerable.Range(0, 6).Sum(j => Math.Sqrt(s.Where((_, i) => i % 6 == j).Sum(x => x * x))),
    });

    private static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());
}
