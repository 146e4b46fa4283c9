using AnomalySharp.Mixtures;
using AnomalySharp.Optimization;

namespace AnomalySharp.Detectors.FeatureLearning;

/// <summary>
/// φ, μ and Σ as moments of points z weighted by memberships γ (equation 5 of the DAGMM paper), and the densities of the mixture that they make
/// (equation 6), in double precision.
/// </summary>
/// <remarks>10⁻⁶ is added to the diagonals of Σ, and more where rounding still leaves one that has no Cholesky factor.</remarks>
internal sealed class MembershipMoments(int components, int dimensions)
{
    private const double Jitter = 1e-6;

    /// <summary>Share of all memberships that a component has at least: one that nobody belongs to has no mean.</summary>
    private const double LeastShare = 1e-10;

    private readonly int _square = dimensions * dimensions;
    private readonly double[] _factors = new double[components * dimensions * dimensions];
    private readonly double[] _precisions = new double[components * dimensions * dimensions];
    private readonly double[] _offsets = new double[components];

    /// <summary>Σ_i γ_ik.</summary>
    public double[] Totals { get; } = new double[components];

    /// <summary>φ.</summary>
    public double[] Weights { get; } = new double[components];

    /// <summary>μ, one row per component.</summary>
    public double[] Means { get; } = new double[components * dimensions];

    /// <summary>Σ with 10⁻⁶ on its diagonal, one matrix per component.</summary>
    public double[] Covariances { get; } = new double[components * dimensions * dimensions];

    /// <summary>Takes over the moments of <paramref name="z"/> (rows of values) weighted by <paramref name="gamma"/> (rows of memberships).</summary>
    public void Set(ReadOnlySpan<double> z, ReadOnlySpan<double> gamma)
    {
        int d = dimensions, count = z.Length / d;
        for (int k = 0; k < components; k++)
        {
            double total = 0;
            for (int i = 0; i < count; i++) total += gamma[i * components + k];
            Totals[k] = Math.Max(total, LeastShare * count);
            Weights[k] = Totals[k] / count;
            Span<double> mean = Means.AsSpan(k * d, d), covariance = Covariances.AsSpan(k * _square, _square);
            mean.Clear();
            covariance.Clear();
            for (int i = 0; i < count; i++)
            {
                double share = gamma[i * components + k] / Totals[k];
                for (int j = 0; j < d; j++) mean[j] += share * z[i * d + j];
            }
            for (int i = 0; i < count; i++)
            {
                double share = gamma[i * components + k] / Totals[k];
                for (int a = 0; a < d; a++)
                {
                    double left = share * (z[i * d + a] - mean[a]);
                    for (int b = a; b < d; b++) covariance[a * d + b] += left * (z[i * d + b] - mean[b]);
                }
            }
            Products.Mirror(covariance, d);
            Invert(k, covariance);
        }
    }

    /// <summary>log φ_k N(z; μ_k, Σ_k) of every component, and the logarithm of their sum: −E(z).</summary>
    public double LogDensity(ReadOnlySpan<double> z, Span<double> logs)
    {
        double greatest = double.NegativeInfinity, sum = 0;
        for (int k = 0; k < components; k++)
        {
            logs[k] = _offsets[k] - SquaredDeviation(k, z) / 2;
            greatest = Math.Max(greatest, logs[k]);
        }
        for (int k = 0; k < components; k++) sum += Math.Exp(logs[k] - greatest);
        return greatest + Math.Log(sum);
    }

    /// <summary>Σ_k⁻¹.</summary>
    public ReadOnlySpan<double> Precision(int k) => _precisions.AsSpan(k * _square, _square);

    /// <summary>The mixture, to keep.</summary>
    public GaussianMixture ToMixture()
    {
        double sum = Weights.Sum();
        return new GaussianMixture([.. Weights.Select(weight => weight / sum)], [.. Means], [.. _factors]);
    }

    private void Invert(int k, Span<double> covariance)
    {
        int d = dimensions;
        double[] w = TriangularInverse.Of(covariance, d, Jitter);
        w.CopyTo(_factors, k * _square);
        Span<double> precision = _precisions.AsSpan(k * _square, _square);
        precision.Clear();
        double offset = Math.Log(Weights[k]) - d * Math.Log(2 * Math.PI) / 2;
        for (int row = 0; row < d; row++)
        {
            covariance[row * d + row] += Jitter;
            offset += Math.Log(w[row * d + row]);
            // Σ⁻¹ = WᵀW
            for (int a = 0; a <= row; a++) for (int b = 0; b <= row; b++) precision[a * d + b] += w[row * d + a] * w[row * d + b];
        }
        _offsets[k] = offset;
    }

    /// <summary>(z − μ)ᵀΣ⁻¹(z − μ) = |W(z − μ)|²</summary>
    private double SquaredDeviation(int k, ReadOnlySpan<double> z)
    {
        int d = dimensions;
        ReadOnlySpan<double> factor = _factors.AsSpan(k * _square, _square), mean = Means.AsSpan(k * d, d);
        double sum = 0;
        for (int a = 0; a < d; a++)
        {
            double value = 0;
            for (int b = 0; b <= a; b++) value += factor[a * d + b] * (z[b] - mean[b]);
            sum += value * value;
        }
        return sum;
    }
}
