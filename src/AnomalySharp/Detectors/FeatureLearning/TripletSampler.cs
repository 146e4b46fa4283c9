using System.Numerics.Tensors;

namespace AnomalySharp.Detectors.FeatureLearning;

/// <summary>
/// Splits samples by an initial score into outlier candidates and inliers, and draws triplets of a query (inliers, the more likely the lower their
/// score), a positive (inliers, all alike) and a negative (candidates, the more likely the higher their score).
/// </summary>
/// <remarks>
/// The candidates are those above mean + √3·deviation: by Cantelli's inequality at most 1/(1 + 3) of the samples, whatever the distribution. Where
/// there are none, the ten highest scores, at most a quarter of the samples. Samples that are known to be abnormal join them, as likely to be drawn
/// as that with the highest score.
/// </remarks>
internal sealed class TripletSampler
{
    private const int FewestCandidates = 10;

    private static readonly double Deviations = Math.Sqrt(3);

    private readonly int[] _inliers;
    private readonly double[] _queryWeights, _candidateWeights;

    /// <param name="rows">Positions of the samples in the training data.</param>
    /// <param name="scores">A score for each of them, higher = more abnormal.</param>
    /// <param name="known">Positions of those that are known to be abnormal; ones that are not among the rows are passed over.</param>
    public TripletSampler(ReadOnlySpan<int> rows, ReadOnlySpan<float> scores, IReadOnlyList<int> known)
    {
        double mean = 0, square = 0;
        foreach (float score in scores) mean += (double)score / scores.Length;
        foreach (float score in scores) square += (score - mean) * (score - mean) / scores.Length;
        double limit = mean + Deviations * Math.Sqrt(square);
        float[] all = scores.ToArray();
        int[] positions = rows.ToArray();
        float greatest = TensorPrimitives.Max<float>(all);
        int[] candidates = [.. Enumerable.Range(0, all.Length).Where(i => all[i] > limit)];
        if (candidates.Length == 0)
        {
            int most = Math.Clamp(all.Length / 4, 1, FewestCandidates);
            candidates = [.. Enumerable.Range(0, all.Length).OrderByDescending(i => all[i]).Take(most)];
        }
        HashSet<int> certain = [.. known];
        certain = [.. Enumerable.Range(0, all.Length).Where(i => certain.Contains(positions[i]))];
        candidates = [.. candidates.Union(certain)];
        HashSet<int> abnormal = [.. candidates];
        int[] inliers = [.. Enumerable.Range(0, all.Length).Where(i => !abnormal.Contains(i))];
        // Scores of other detectors may be negative; the least of all counts as 0.
        double least = TensorPrimitives.Min<float>(all), sum = inliers.Sum(i => all[i] - least);
        _queryWeights = Cumulative(inliers.Select(i => sum - (all[i] - least)));
        _candidateWeights = Cumulative(candidates.Select(i => (certain.Contains(i) ? greatest : all[i]) - least));
        _inliers = [.. inliers.Select(i => positions[i])];
        Candidates = [.. candidates.Select(i => positions[i])];
    }

    /// <summary>Positions of the outlier candidates.</summary>
    public IReadOnlyList<int> Candidates { get; }

    /// <summary>Draws as many triplets as <paramref name="queries"/> has room for, each part with replacement.</summary>
    public void Draw(Random random, Span<int> queries, Span<int> positives, Span<int> negatives)
    {
        for (int i = 0; i < queries.Length; i++)
        {
            queries[i] = _inliers[Weighted(_queryWeights, random)];
            positives[i] = _inliers[random.Next(_inliers.Length)];
            negatives[i] = Candidates[Weighted(_candidateWeights, random)];
        }
    }

    private static double[] Cumulative(IEnumerable<double> weights)
    {
        double sum = 0;
        double[] sums = [.. weights.Select(weight => sum += weight)];
        // Where all scores are equal, all samples are equally likely.
        return sum > 0 && double.IsFinite(sum) ? sums : [.. Enumerable.Range(1, sums.Length).Select(i => (double)i)];
    }

    private static int Weighted(double[] sums, Random random)
    {
        int place = Array.BinarySearch(sums, random.NextDouble() * sums[^1]);
        return Math.Min(place < 0 ? ~place : place + 1, sums.Length - 1);
    }
}
