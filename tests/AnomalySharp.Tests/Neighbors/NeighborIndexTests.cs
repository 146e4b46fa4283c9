using AnomalySharp.Neighbors;
using AnomalySharp.Simd;
using AnomalySharp.Tests.Common;

namespace AnomalySharp.Tests.Neighbors;

public class NeighborIndexTests
{
    public static TheoryData<int> Widths => [(int)VectorWidth.Portable, (int)VectorWidth.Bits256, (int)VectorWidth.Bits512];

    [Theory, MemberData(nameof(Widths))]
    public void Neighbours_are_those_of_a_double_precision_search_on_every_vector_width(int vectors)
    {
        (int, int, int, int)[] cases = [(1, 1, 1, 1), (47, 3, 2, 5), (48, 64, 9, 10), (49, 65, 8, 49), (500, 130, 33, 7), (100, 5, 784, 3)];
        foreach ((int rows, int queries, int width, int k) in cases)
        {
            float[] references = FiniteDifferences.Normal(rows, rows * width), asked = FiniteDifferences.Normal(queries + 1000, queries * width);
            Check(new NeighborIndex(references, width, (VectorWidth)vectors), references, asked, width, k);
        }
    }

    [Theory, MemberData(nameof(Widths))]
    public void Cancellation_far_from_the_origin_does_not_cost_accuracy(int vectors)
    {
        // Two clusters a million apart, spread 0.1: after centring, |q|² + |r|² − 2qr in float32 is wrong by thousands where distances are below 1.
        const int Rows = 400, Width = 6;
        float[] references = FiniteDifferences.Normal(3, Rows * Width);
        for (int i = 0; i < references.Length; i++) references[i] = references[i] * 0.1f + (i / Width % 2 == 0 ? 1_000_000 : 0);
        Check(new NeighborIndex(references, Width, (VectorWidth)vectors), references, references[..(70 * Width)], Width, 8);
    }

    [Fact]
    public void Every_vector_width_gives_the_same_bits()
    {
        float[] references = FiniteDifferences.Normal(5, 300 * 11), queries = FiniteDifferences.Normal(6, 100 * 11);
        (int[] Neighbors, float[] SquaredDistances)[] found =
            [.. Enum.GetValues<VectorWidth>().Select(width => Search(new NeighborIndex(references, 11, width), queries, 9, false, threads: 1))];
        Assert.All(found, result => Assert.Equal(found[0].Neighbors, result.Neighbors));
        Assert.All(found, result => Assert.Equal(found[0].SquaredDistances, result.SquaredDistances));
    }

    [Fact]
    public void Equally_near_rows_come_in_order_of_position()
    {
        float[] references = [.. Enumerable.Range(0, 200).Select(i => (float)(i % 4))];
        (int[] neighbors, float[] distances) = Search(new NeighborIndex(references, 1), new float[] { 2 }, 60, others: false, threads: 1);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => 4 * i + 2), neighbors[..50]);
        Assert.Equal([1, 3, 5, 7, 9], neighbors[50..55]);
        Assert.All(distances[..50], distance => Assert.Equal(0, distance));
    }

    [Theory]
    [InlineData(1, 50)]
    [InlineData(3, 5)]
    [InlineData(3, 1000)]
    [InlineData(9, 4)]
    [InlineData(20, 1000)]
    public void A_tree_finds_what_comparing_all_rows_finds_duplicates_and_ties_included(int width, int levels)
    {
        Random random = new(width);
        float[] rows = [.. Enumerable.Range(0, 900 * width).Select(_ => random.Next(levels) * 0.1f)];
        float[] others = [.. Enumerable.Range(0, 30 * width).Select(_ => random.Next(2 * levels) * 0.1f - 1)];
        float[] queries = [.. rows[..(100 * width)], .. others, .. Enumerable.Repeat(1e30f, width)];
        NeighborIndex tree = new(rows, width, VectorWidths.Widest, tree: true), all = new(rows, width, VectorWidths.Widest, tree: false);
        foreach (int k in new[] { 1, 6, 40, 900 })
        {
            (int[] neighbors, float[] distances) = Search(tree, queries, k, others: false, threads: 2);
            (int[] expected, float[] expectedDistances) = Search(all, queries, k, others: false, threads: 2);
            Assert.Equal(expectedDistances, distances);
            Assert.Equal(expected, neighbors);
        }
        (int[] _, float[] leaveOneOut) = Search(tree, queries, 3, others: true, threads: 2);
        Assert.Equal(Search(all, queries, 3, others: true, threads: 2).SquaredDistances, leaveOneOut);
    }

    [Theory]
    [InlineData(567_498, 3, false)]
    [InlineData(100_000, 100, false)]
    [InlineData(567_498, 50, true)]
    public void An_exact_search_is_given_up_only_where_rows_are_many_and_long(int count, int width, bool expected) =>
        Assert.Equal(expected, NeighborSearches.IsCostly(count, width));

    [Fact]
    public void Approximate_distances_are_at_most_as_much_greater_as_asked_and_mostly_equal()
    {
        float[] rows = FiniteDifferences.Normal(8, 5000 * 12), queries = FiniteDifferences.Normal(9, 200 * 12);
        (int[] _, float[] exact) = Search(new NeighborIndex(rows, 12, VectorWidths.Widest, tree: false), queries, 5, others: false, threads: 2);
        (int[] _, float[] found) = Search(new NeighborIndex(rows, 12, slack: 1), queries, 5, others: false, threads: 2);
        for (int i = 0; i < exact.Length; i++) Assert.InRange(found[i], exact[i], 4 * exact[i]);
        double equal = exact.Zip(found).Average(pair => pair.First == pair.Second ? 1.0 : 0);
        Assert.InRange(equal, 0.5, 0.9999);
    }

    [Fact]
    public void A_query_that_is_a_row_is_passed_over_once()
    {
        float[] references = [0, 0, 1, 3, 7];
        NeighborIndex index = new(references, 1);
        (_, float[] distances) = Search(index, new float[] { 0, 3, 2 }, 2, others: true, threads: 1);
        Assert.Equal([0, 1, 4, 9, 1, 1], distances);
        Assert.Throws<ArgumentOutOfRangeException>(() => Search(index, new float[] { 0 }, 5, others: true, threads: 1));
    }

    [Fact]
    public void Rows_too_far_away_for_float32_squares_are_still_ordered_where_they_can_be()
    {
        float[] references = [1e30f, 2e30f, 0, 5];
        (int[] neighbors, float[] distances) = Search(new NeighborIndex(references, 1), new float[] { 1, 1e30f }, 3, others: false, threads: 1);
        Assert.Equal([2, 3], neighbors[..2]);
        Assert.Equal([1, 16, float.PositiveInfinity], distances[..3]);
        Assert.Equal(0, neighbors[3]);
        Assert.Equal(0, distances[3]);
        Assert.Equal(6, neighbors.Length);
    }

    [Fact]
    public void Threads_and_blocks_do_not_change_what_is_found()
    {
        float[] references = FiniteDifferences.Normal(7, 1000 * 5);
        NeighborIndex index = new(references, 5);
        (int[] neighbors, float[] distances) = Search(index, references, 4, others: true, threads: 2);
        int[] one = new int[4];
        float[] apart = new float[4];
        for (int i = 0; i < 1000; i += 37)
        {
            index.SearchOthers(references.AsSpan(i * 5, 5), 4, one, apart);
            Assert.Equal(neighbors[(i * 4)..(i * 4 + 4)], one);
            Assert.Equal(distances[(i * 4)..(i * 4 + 4)], apart);
            Assert.DoesNotContain(i, one);
        }
    }

    [Fact]
    public void A_cancelled_search_stops()
    {
        float[] references = FiniteDifferences.Normal(8, 1000);
        Assert.ThrowsAny<OperationCanceledException>(
            () => new NeighborIndex(references, 5).SearchAll(references, 4, others: false, threads: 2, new CancellationToken(canceled: true)));
    }

    private static (int[] Neighbors, float[] SquaredDistances) Search(NeighborIndex index, float[] queries, int k, bool others, int threads) =>
        index.SearchAll(queries, k, others, threads, TestContext.Current.CancellationToken);

    private static void Check(NeighborIndex index, float[] references, float[] queries, int width, int k)
    {
        (int[] neighbors, float[] distances) = Search(index, queries, k, others: false, threads: 1);
        int rows = references.Length / width;
        for (int i = 0; i < queries.Length / width; i++)
        {
            double[] exact = new double[rows];
            for (int r = 0; r < rows; r++)
            {
                for (int j = 0; j < width; j++) exact[r] += Math.Pow((double)queries[i * width + j] - references[r * width + j], 2);
            }
            double[] sorted = [.. exact.Order()];
            for (int n = 0; n < k; n++)
            {
                Assert.Equal(sorted[n], distances[i * k + n], sorted[n] * 1e-5);
                Assert.Equal(sorted[n], exact[neighbors[i * k + n]], sorted[n] * 1e-5);
            }
        }
    }
}
