using System.Numerics.Tensors;

namespace AnomalySharp.Optimization;

/// <summary>What makes the second part of the decomposition sparse.</summary>
public enum PursuitPenalty
{
    /// <summary>‖S‖₁ over single values: principal component pursuit (Candès, Li, Ma, Wright 2011).</summary>
    L1,

    /// <summary>Σᵢ‖Sᵢ·‖₂ over rows, which are samples: outlier pursuit (Xu, Caramanis, Sanghavi 2012).</summary>
    L21Rows,
}

/// <summary>How the alternating direction method of multipliers chooses its penalty μ.</summary>
public enum PursuitVariant
{
    /// <summary>μ grows: the inexact augmented Lagrange multiplier method (Lin, Chen, Ma 2010). Some 20 to 40 iterations.</summary>
    InexactAlm,

    /// <summary>μ = mn/(4‖X‖₁) with the entrywise norm, fixed (Candès et al. 2011, Algorithm 1).</summary>
    FixedMu,
}

/// <summary>What <see cref="PrincipalComponentPursuit.Solve"/> can be told.</summary>
public sealed record PursuitSettings
{
    internal const double UsualFraction = 0.02;

    /// <summary>What makes S sparse. The default value is the entrywise ℓ1 norm.</summary>
    public PursuitPenalty Penalty { get; init; } = PursuitPenalty.L1;

    /// <summary>How μ is chosen. The default value is the inexact augmented Lagrangian.</summary>
    public PursuitVariant Variant { get; init; } = PursuitVariant.InexactAlm;

    /// <summary>
    /// λ, above 0. Null: 1/√max(m, n) for ℓ1 (Candès et al. 2011, Theorem 1.1); 3/(7√(γm)) for rows, of m samples a fraction γ of them outliers (Xu et al.
    /// 2012, Theorem 1).
    /// </summary>
    public double? Lambda { get; init; }

    /// <summary>
    /// γ in λ for rows: the expected fraction of outliers. The default value is 0.02. With equal singular values, L of rank r is cheaper than S = X only
    /// where γ is below 9/(49r).
    /// </summary>
    public double OutlierFraction { get; init; } = UsualFraction;

    /// <summary>Stop when ‖X − L − S‖ is at most this times ‖X‖ (Frobenius). The default value is 1e-7, as in both papers.</summary>
    public double Tolerance { get; init; } = 1e-7;

    /// <summary>Most iterations, at least 1. The default value is 1,000.</summary>
    public int MaxIterations { get; init; } = 1_000;
}

/// <summary>X = L + S.</summary>
/// <param name="LowRank">L, row-major.</param>
/// <param name="Sparse">S, row-major.</param>
/// <param name="Rows">Rows of X: samples.</param>
/// <param name="Columns">Columns of X: features.</param>
/// <param name="Rank">Rank of L.</param>
/// <param name="Iterations">Iterations that were done.</param>
/// <param name="RelativeResidual">‖X − L − S‖/‖X‖ (Frobenius) at the end.</param>
/// <param name="Converged">Whether the residual is at most the tolerance.</param>
/// <param name="Lambda">λ that was used.</param>
public sealed record LowRankDecomposition(
    double[] LowRank, double[] Sparse, int Rows, int Columns, int Rank, int Iterations, double RelativeResidual, bool Converged, double Lambda)
{
    /// <summary>‖Sᵢ·‖₂ of each row.</summary>
    public double[] SparseRowNorms()
    {
        double[] norms = new double[Rows];
        Proximal.RowNorms<double>(Sparse, Columns, norms);
        return norms;
    }
}

/// <summary>
/// Robust PCA: splits a matrix into one of low rank and a sparse one, min ‖L‖_* + λ‖S‖ subject to X = L + S, by the alternating direction method of
/// multipliers on the augmented Lagrangian ‖L‖_* + λ‖S‖ + ⟨Y, X − L − S⟩ + μ/2·‖X − L − S‖².
/// </summary>
/// <remarks>λ takes rows and columns to be of comparable scale. Nothing is centred.</remarks>
public static class PrincipalComponentPursuit
{
    private const double Growth = 1.5, MostGrowth = 1e7;

    /// <summary>Splits <paramref name="values"/>.</summary>
    /// <param name="values">X, row-major: a sample per row; finite.</param>
    /// <param name="columns">Values per row.</param>
    /// <param name="settings">Penalty, variant, λ, tolerance.</param>
    /// <param name="progress">Told of every iteration and its relative residual.</param>
    /// <param name="cancellation">Looked at before every iteration.</param>
    /// <returns>The last iterate, whether or not it converged.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static LowRankDecomposition Solve(
        ReadOnlySpan<double> values,
        int columns,
        PursuitSettings? settings = null,
        IProgress<FitProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        settings ??= new PursuitSettings();
        int rows = values.Length / columns;
        double lambda = settings.Lambda ?? (settings.Penalty == PursuitPenalty.L1
            ? 1 / Math.Sqrt(Math.Max(rows, columns))
            : 3 / (7 * Math.Sqrt(settings.OutlierFraction * rows)));
        double norm = Norm(values);
        double[] low = new double[values.Length], sparse = new double[values.Length];
        // All zero: so are both parts.
        if (norm == 0) return new(low, sparse, rows, columns, 0, 0, 0, true, lambda);

        SingularValueThresholding thresholding = new(rows, columns);
        double[] dual = new double[values.Length], scratch = new double[values.Length];
        double mu = FirstStep(values, columns, settings, lambda, thresholding, dual), most = mu * MostGrowth;
        int rank = 0, iteration = 0;
        double residual = 1;
        while (iteration < settings.MaxIterations && residual > settings.Tolerance)
        {
            cancellation.ThrowIfCancellationRequested();
            // L = prox of ‖·‖_*/μ at X − S + Y/μ.
            TensorPrimitives.Subtract(values, sparse, scratch);
            TensorPrimitives.MultiplyAdd(dual, 1 / mu, scratch, scratch);
            rank = thresholding.Apply(scratch, 1 / mu, low);

            // S = prox of λ‖·‖/μ at X − L + Y/μ.
            TensorPrimitives.Subtract(values, low, sparse);
            TensorPrimitives.MultiplyAdd(dual, 1 / mu, sparse, sparse);
            if (settings.Penalty == PursuitPenalty.L1) Proximal.Shrink(sparse, lambda / mu);
            else Proximal.ShrinkRows(sparse, columns, lambda / mu);

            // Y = Y + μ(X − L − S).
            TensorPrimitives.Subtract(values, low, scratch);
            TensorPrimitives.Subtract(scratch, sparse, scratch);
            TensorPrimitives.MultiplyAdd(scratch, mu, dual, dual);
            residual = Norm(scratch) / norm;
            if (settings.Variant == PursuitVariant.InexactAlm) mu = Math.Min(Growth * mu, most);
            iteration++;
            progress?.Report(new FitProgress("splitting", iteration, settings.MaxIterations, residual));
        }
        return new(low, sparse, rows, columns, rank, iteration, residual, residual <= settings.Tolerance, lambda);
    }

    /// <summary>The first μ; also the first Y, which for the inexact method is X over the dual norm of the objective at it, for the other 0.</summary>
    private static double FirstStep(
        ReadOnlySpan<double> values, int columns, PursuitSettings settings, double lambda, SingularValueThresholding thresholding, Span<double> dual)
    {
        if (settings.Variant == PursuitVariant.FixedMu) return values.Length / (4 * TensorPrimitives.SumOfMagnitudes(values));
        double spectral = thresholding.SpectralNorm(values), greatest;
        if (settings.Penalty == PursuitPenalty.L1)
        {
            greatest = Math.Abs(TensorPrimitives.MaxMagnitude(values));
        }
        else
        {
            double[] norms = new double[values.Length / columns];
            Proximal.RowNorms(values, columns, norms);
            greatest = norms.Max();
        }
        TensorPrimitives.Divide(values, Math.Max(spectral, greatest / lambda), dual);
        return 1.25 / spectral;
    }

    private static double Norm(ReadOnlySpan<double> values) => TensorPrimitives.Norm(values);
}
