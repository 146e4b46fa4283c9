namespace AnomalySharp.Detectors.FeatureLearning;

/// <summary>
/// What DAGMM keeps of a reconstruction: the relative Euclidean distance ‖x − x′‖/‖x‖ and the cosine ⟨x, x′⟩/(‖x‖‖x′‖), in double precision.
/// </summary>
/// <remarks>Norms below 10⁻³ count as that: the distance and the cosine of a sample at the origin are not defined.</remarks>
internal static class ReconstructionFeatures
{
    /// <summary>Number of features.</summary>
    public const int Count = 2;

    private const double LeastNorm = 1e-3;

    /// <summary>Both features of one sample.</summary>
    public static (double Distance, double Cosine) Of(ReadOnlySpan<float> x, ReadOnlySpan<float> reconstruction)
    {
        (double norm, double other, double error, double product) = Norms(x, reconstruction);
        return (error / norm, product / (norm * other));
    }

    /// <summary>Adds to <paramref name="gradient"/> the slopes at x′, given those at the features.</summary>
    public static void AddGradient(
        ReadOnlySpan<float> x, ReadOnlySpan<float> reconstruction, double atDistance, double atCosine, Span<float> gradient)
    {
        (double norm, double other, double error, double product) = Norms(x, reconstruction);
        // ∂e/∂x′ = (x′ − x)/(‖x − x′‖‖x‖); ∂c/∂x′ = x/(‖x‖‖x′‖) − c·x′/‖x′‖², where the norm is not the least one.
        double a = error > 0 ? atDistance / (error * norm) : 0, b = atCosine / (norm * other);
        double c = other > LeastNorm ? atCosine * product / (norm * other * other * other) : 0;
        for (int j = 0; j < x.Length; j++) gradient[j] += (float)(a * ((double)reconstruction[j] - x[j]) + b * x[j] - c * reconstruction[j]);
    }

    private static (double Norm, double Other, double Error, double Product) Norms(ReadOnlySpan<float> x, ReadOnlySpan<float> reconstruction)
    {
        double norm = 0, other = 0, error = 0, product = 0;
        for (int j = 0; j < x.Length; j++)
        {
            double a = x[j], b = reconstruction[j];
            norm += a * a;
            other += b * b;
            error += (a - b) * (a - b);
            product += a * b;
        }
        return (Math.Max(Math.Sqrt(norm), LeastNorm), Math.Max(Math.Sqrt(other), LeastNorm), Math.Sqrt(error), product);
    }
}
