namespace AnomalySharp.Detectors.Reconstruction;

/// <summary>
/// The loss of discriminative reconstruction: the errors e_i of a batch, sorted, are split where the scatter within the two parts is least; then
/// mean of the lower part + λ·h, h = (scatter within the parts) / (scatter of all).
/// </summary>
/// <remarks>
/// Scatter is the sum of squared differences from the mean. As in the code of E³Outlier, the split is of the batch; the paper's is of all training
/// samples.
/// </remarks>
internal static class DiscriminativeLoss
{
    /// <param name="errors">e_i, one per sample.</param>
    /// <param name="weight">λ.</param>
    /// <param name="slopes">Receives ∂loss/∂e_i. The split counts as fixed.</param>
    /// <returns>The loss, and the number of samples in the lower part; all of them where errors do not differ.</returns>
    public static (double Loss, int Inliers) Of(ReadOnlySpan<double> errors, double weight, Span<double> slopes)
    {
        int n = errors.Length;
        int[] order = [.. Enumerable.Range(0, n)];
        double[] keys = errors.ToArray();
        Array.Sort(keys, order);
        double mean = keys.Sum() / n, total = keys.Sum(error => (error - mean) * (error - mean));
        // Centred, sums of squares keep their digits.
        (int inliers, double within) = total > 0 ? BestSplit([.. keys.Select(error => error - mean)]) : (n, 0);
        double lower = keys.AsSpan(0, inliers).ToArray().Average(), upper = inliers < n ? keys.AsSpan(inliers).ToArray().Average() : lower;
        double share = total > 0 ? within / total : 0;
        for (int rank = 0; rank < n; rank++)
        {
            double slope = rank < inliers ? 1.0 / inliers : 0;
            if (total > 0)
            {
                double ofWithin = 2 * (keys[rank] - (rank < inliers ? lower : upper)), ofTotal = 2 * (keys[rank] - mean);
                slope += weight * (ofWithin - (share * ofTotal)) / total;
            }
            slopes[order[rank]] = slope;
        }
        return (lower + (weight * share), inliers);
    }

    /// <summary>
    /// The number of samples in the lower part, at least one and not all, and the least scatter within both, of sorted values with mean 0.
    /// </summary>
    private static (int Lower, double Within) BestSplit(double[] sorted)
    {
        double sumOfSquares = sorted.Sum(value => value * value), sum = 0, least = double.PositiveInfinity;
        int best = 1, n = sorted.Length;
        for (int lower = 1; lower < n; lower++)
        {
            sum += sorted[lower - 1];
            // The sum of all is 0: the upper part's is −sum.
            double within = sumOfSquares - (sum * sum / lower) - (sum * sum / (n - lower));
            if (within < least) (best, least) = (lower, within);
        }
        return (best, Math.Max(least, 0));
    }
}
