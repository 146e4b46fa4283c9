namespace AnomalySharp.Detectors.FeatureLearning;

/// <summary>
/// The hinge of REPEN: the mean of max(0, m + ‖φ(q) − φ(x⁺)‖² − ‖φ(q) − φ(x⁻)‖²) over triplets of a query q, an inlier x⁺ and an outlier candidate
/// x⁻.
/// </summary>
internal static class TripletLoss
{
    /// <summary>The loss, its gradient, and how many triplets are active: not yet apart by the margin.</summary>
    /// <param name="codes">φ of all queries, then of all inliers, then of all candidates, row-major.</param>
    /// <param name="width">Values of a code.</param>
    /// <param name="margin">m.</param>
    /// <param name="gradient">Receives the gradient at the codes; empty where it is not wanted.</param>
    public static (double Loss, int Active) Of(ReadOnlySpan<float> codes, int width, double margin, Span<float> gradient)
    {
        int count = codes.Length / (3 * width), active = 0;
        ReadOnlySpan<float> queries = codes[..(count * width)], inliers = codes[(count * width)..], outliers = codes[(2 * count * width)..];
        double sum = 0;
        gradient.Clear();
        for (int i = 0; i < count; i++)
        {
            int at = i * width;
            double hinge = margin;
            for (int j = at; j < at + width; j++)
            {
                double near = (double)queries[j] - inliers[j], far = (double)queries[j] - outliers[j];
                hinge += near * near - far * far;
            }
            if (!(hinge > 0)) continue;
            sum += hinge;
            active++;
            if (gradient.IsEmpty) continue;
            float factor = 2f / count;
            for (int j = at; j < at + width; j++)
            {
                gradient[j] = factor * (outliers[j] - inliers[j]);
                gradient[count * width + j] = factor * (inliers[j] - queries[j]);
                gradient[2 * count * width + j] = factor * (queries[j] - outliers[j]);
            }
        }
        return (sum / count, active);
    }
}
