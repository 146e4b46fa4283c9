namespace AnomalySharp.Detectors.SelfSupervised;

/// <summary>
/// The centre triplet loss (He et al., CVPR 2018) of GOAD: the mean over samples and transformations of
/// max(0, ‖z_m − c_m‖² + s − min over m′ ≠ m of ‖z_m − c_m′‖²), c the means over the batch, through which gradients pass too.
/// </summary>
/// <param name="transformations">M, at least 2.</param>
/// <param name="width">Values of a code.</param>
/// <param name="margin">s.</param>
internal sealed class CenterTripletLoss(int transformations, int width, double margin)
{
    private readonly TransformationCenters _centers = new(transformations, width);
    private readonly float[] _slopes = new float[transformations * width];

    /// <summary>The loss times a weight, and its gradient.</summary>
    /// <param name="codes">Row-major: of each sample M codes, in the order of the transformations.</param>
    /// <param name="weight">What the loss is multiplied by.</param>
    /// <param name="gradient">Receives the gradient at the codes; empty where it is not wanted.</param>
    public double Of(ReadOnlySpan<float> codes, double weight, Span<float> gradient)
    {
        int rows = codes.Length / width;
        float factor = (float)(2 * weight / rows);
        double sum = 0;
        _centers.SetMeans(codes);
        Array.Clear(_slopes);
        gradient.Clear();
        for (int i = 0; i < rows; i++)
        {
            int own = i % transformations;
            ReadOnlySpan<float> code = codes.Slice(i * width, width), near = _centers[own];
            int other = _centers.NearestOther(code, own);
            ReadOnlySpan<float> far = _centers[other];
            double hinge = margin;
            for (int j = 0; j < width; j++)
            {
                double toOwn = (double)code[j] - near[j], toOther = (double)code[j] - far[j];
                hinge += toOwn * toOwn - toOther * toOther;
            }
            if (!(hinge > 0)) continue;
            sum += hinge;
            if (gradient.IsEmpty) continue;
            Span<float> slope = gradient.Slice(i * width, width);
            Span<float> ownSlope = _slopes.AsSpan(own * width, width), otherSlope = _slopes.AsSpan(other * width, width);
            for (int j = 0; j < width; j++)
            {
                slope[j] = factor * (far[j] - near[j]);
                ownSlope[j] -= factor * (code[j] - near[j]);
                otherSlope[j] += factor * (code[j] - far[j]);
            }
        }
        // A centre moves with each of its codes by one over their number.
        float share = (float)transformations / rows;
        for (int i = 0; i < gradient.Length; i++) gradient[i] += share * _slopes[i % _slopes.Length];
        return weight * sum / rows;
    }
}
