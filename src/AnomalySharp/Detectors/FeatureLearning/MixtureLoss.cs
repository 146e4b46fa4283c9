namespace AnomalySharp.Detectors.FeatureLearning;

/// <summary>
/// The part of DAGMM's objective that lies on z and the memberships γ: λ₁·mean E(z_i) + λ₂ Σ_k Σ_j 1/Σ_k,jj, where φ, μ, Σ are moments of the very
/// batch, so that its gradient goes through them. With neural variational inference −E_γ[log φ_k N(z; μ_k, Σ_k) − log γ_k] takes the place of E.
/// </summary>
internal sealed class MixtureLoss(int components, int dimensions, double energyWeight, double covarianceWeight, bool variational)
{
    /// <summary>log γ is taken of no less: a membership of 0 has no logarithm.</summary>
    private const double LeastMembership = 1e-12;

    private readonly MembershipMoments _moments = new(components, dimensions);
    private readonly double[] _logs = new double[components], _deviation = new double[dimensions], _scaled = new double[dimensions];
    private readonly double[] _atLogWeights = new double[components], _atMeans = new double[components * dimensions];
    private readonly double[] _atCovariances = new double[components * dimensions * dimensions];
    private double[] _responsibilities = [];

    /// <summary>φ, μ and Σ of the last batch.</summary>
    public MembershipMoments Moments => _moments;

    /// <summary>The loss of a batch and its gradients.</summary>
    /// <param name="z">Points, row-major.</param>
    /// <param name="gamma">Memberships, one row per point.</param>
    /// <param name="atZ">Receives the gradient at the points; empty where none is wanted.</param>
    /// <param name="atGamma">Receives that at the memberships.</param>
    public double Of(ReadOnlySpan<double> z, ReadOnlySpan<double> gamma, Span<double> atZ, Span<double> atGamma)
    {
        int d = dimensions, count = z.Length / d;
        _moments.Set(z, gamma);
        if (_responsibilities.Length < gamma.Length) _responsibilities = new double[gamma.Length];
        double energy = 0, share = energyWeight / count;
        atGamma.Clear();
        for (int i = 0; i < count; i++)
        {
            double sum = _moments.LogDensity(z.Slice(i * d, d), _logs);
            if (!variational) energy -= sum;
            for (int k = 0; k < components; k++)
            {
                double own = gamma[i * components + k], log = Math.Log(Math.Max(own, LeastMembership));
                if (variational) energy -= own * (_logs[k] - log);
                // −∂L/∂(log φ_k N(z_i; μ_k, Σ_k))
                _responsibilities[i * components + k] = share * (variational ? own : Math.Exp(_logs[k] - sum));
                if (variational && !atGamma.IsEmpty) atGamma[i * components + k] = -share * (_logs[k] - log - 1);
            }
        }
        double penalty = 0;
        for (int k = 0; k < components; k++) for (int j = 0; j < d; j++) penalty += 1 / _moments.Covariances[(k * d + j) * d + j];
        if (!atZ.IsEmpty) AddGradients(z, gamma, count, atZ, atGamma);
        return energyWeight * energy / count + covarianceWeight * penalty;
    }

    private void AddGradients(ReadOnlySpan<double> z, ReadOnlySpan<double> gamma, int count, Span<double> atZ, Span<double> atGamma)
    {
        int d = dimensions;
        atZ.Clear();
        Array.Clear(_atLogWeights);
        Array.Clear(_atMeans);
        Array.Clear(_atCovariances);
        // Slopes at φ, μ and Σ, and at z where it stands by itself. With y = Σ⁻¹(z − μ): ∂log N/∂z = −y, ∂/∂μ = y, ∂/∂Σ = (yyᵀ − Σ⁻¹)/2.
        for (int k = 0; k < components; k++)
        {
            ReadOnlySpan<double> precision = _moments.Precision(k);
            Span<double> atMean = _atMeans.AsSpan(k * d, d), atCovariance = _atCovariances.AsSpan(k * d * d, d * d);
            for (int i = 0; i < count; i++)
            {
                double weight = _responsibilities[i * components + k];
                if (weight == 0) continue;
                Deviation(z, i, k);
                for (int a = 0; a < d; a++)
                {
                    double sum = 0;
                    for (int b = 0; b < d; b++) sum += precision[a * d + b] * _deviation[b];
                    _scaled[a] = sum;
                }
                _atLogWeights[k] -= weight;
                for (int a = 0; a < d; a++)
                {
                    atZ[i * d + a] += weight * _scaled[a];
                    atMean[a] -= weight * _scaled[a];
                    for (int b = 0; b < d; b++) atCovariance[a * d + b] -= weight * (_scaled[a] * _scaled[b] - precision[a * d + b]) / 2;
                }
            }
            for (int j = 0; j < d; j++) atCovariance[j * d + j] -= covarianceWeight / Math.Pow(_moments.Covariances[(k * d + j) * d + j], 2);
        }
        // From the moments to z and γ. That of Σ at μ is zero: weighted deviations sum to nothing.
        for (int k = 0; k < components; k++)
        {
            double total = _moments.Totals[k], own = 0;
            ReadOnlySpan<double> atMean = _atMeans.AsSpan(k * d, d), atCovariance = _atCovariances.AsSpan(k * d * d, d * d);
            // ⟨∂L/∂Σ, Σ⟩ without what was added to the diagonal: the mean of the quadratic forms below.
            for (int i = 0; i < count; i++)
            {
                Deviation(z, i, k);
                own += gamma[i * components + k] / total * Form(atCovariance);
            }
            for (int i = 0; i < count; i++)
            {
                Deviation(z, i, k);
                double share = gamma[i * components + k] / total, form = Form(atCovariance), along = 0;
                for (int a = 0; a < d; a++)
                {
                    atZ[i * d + a] += share * (atMean[a] + 2 * _scaled[a]);
                    along += atMean[a] * _deviation[a];
                }
                atGamma[i * components + k] += (form - own + along + _atLogWeights[k]) / total;
            }
        }
    }

    private void Deviation(ReadOnlySpan<double> z, int i, int k)
    {
        for (int j = 0; j < dimensions; j++) _deviation[j] = z[i * dimensions + j] - _moments.Means[k * dimensions + j];
    }

    /// <summary>Puts S·(z − μ) where <see cref="AddGradients"/> finds it, and returns (z − μ)ᵀS(z − μ).</summary>
    private double Form(ReadOnlySpan<double> matrix)
    {
        double sum = 0;
        for (int a = 0; a < dimensions; a++)
        {
            double row = 0;
            for (int b = 0; b < dimensions; b++) row += matrix[a * dimensions + b] * _deviation[b];
            _scaled[a] = row;
            sum += _deviation[a] * row;
        }
        return sum;
    }
}
