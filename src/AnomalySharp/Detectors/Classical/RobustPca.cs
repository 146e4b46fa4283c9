using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Numerics.Tensors;
using AnomalySharp.Optimization;
using AnomalySharp.Persistence;

namespace AnomalySharp.Detectors.Classical;

/// <summary>Options of <see cref="RobustPca"/>.</summary>
[Detector("robust-pca", Family = DetectorFamily.Classical,
    Summary = "Splits the data into a low-rank part and a sparse one; far from the low-rank part's subspace is abnormal.",
    Paper = "Candès, Li, Ma, Wright: Robust principal component analysis? Journal of the ACM 58(3), 2011.")]
public sealed record RobustPcaOptions : DetectorOptions
{
    /// <summary>What is sparse: single values, or whole rows (outlier pursuit). The default value is single values.</summary>
    [Description("What is sparse: single values (l1), or whole samples (l21Rows: outlier pursuit).")]
    public PursuitPenalty Penalty { get; init; } = PursuitPenalty.L1;

    /// <summary>How the solver chooses its penalty. The default value is the inexact augmented Lagrangian.</summary>
    [Description("How the solver chooses its penalty: growing (inexactAlm) or fixed (fixedMu).")]
    public PursuitVariant Variant { get; init; } = PursuitVariant.InexactAlm;

    /// <summary>
    /// Weight λ of the sparse part. The default value, null: 1/√max(samples, features) for single values; 3/(7√(γ·samples)) for rows, with γ the expected
    /// contamination, or 0.02 where none is given.
    /// </summary>
    [Description("Weight of the sparse part; auto = 1/sqrt(max(samples, features)), for l21Rows 3/(7 sqrt(contamination * samples))."), Range(1e-9, 1e9)]
    public double? Lambda { get; init; }

    /// <summary>
    /// Dimensions of the subspace that scores are measured from, the greatest of the low-rank part first; no more than its rank. The default value, null: those
    /// whose singular value is above Gavish and Donoho's threshold for noise of unknown size, 1.43 to 2.86 times the median one, and at least 1. Where L is
    /// of a rank up to half of the full one, as of data that are exactly of low rank, these are all of them; where there is noise in all values, L is of a
    /// higher rank, up to the full one, with which every score would be 0.
    /// </summary>
    /// <remarks>
    /// Over ten tables (wdbc, cardio, thyroid, pendigits, satellite, mammography, ionosphere, breastw, vowels, optdigits) the mean ROC AUC is 0.836
    /// where the anomalies train along and 0.877 where only normal rows do; with the whole rank of L 0.791 and 0.842 (better for vowels, 0.948 for
    /// 0.904); with the dimensions of 99 % of L's energy 0.837 and 0.900 (of which optdigits alone makes 0.020), of 90 % 0.809 and 0.903; with half
    /// of the features 0.827 and 0.869. None is better for both, but for the 99 %, which would cut off weak dimensions of exact data: so the rule
    /// without a constant to choose stays.
    /// </remarks>
    [Description("Dimensions of the subspace that scores are measured from; auto = those whose singular value stands out above the median one."), Range(0, 65_536)]
    public int? Components { get; init; }

    /// <summary>The relative residual at which the solver stops. The default value is 1e-7.</summary>
    [Description("Relative residual at which the solver stops."), Range(1e-12, 0.1)]
    public double Tolerance { get; init; } = 1e-7;

    /// <summary>Most iterations of the solver. The default value is 1,000.</summary>
    [Description("Most iterations of the solver."), Range(1, 1_000_000)]
    public int MaxIterations { get; init; } = 1_000;

    /// <inheritdoc/>
    protected override Detector Create() => new RobustPca(this);
}

/// <summary>
/// Robust PCA: X − centre = L + S with L of low rank and S sparse (<see cref="PrincipalComponentPursuit"/>). The score of a sample, whether it was trained
/// on or is new, is its distance from the subspace of the main right singular vectors V of L: ‖r‖₂ with r = (x − c) − VVᵀ(x − c).
/// </summary>
/// <remarks>The centre c, which the papers leave out, is the median of each feature, which a minority of corrupted values does not move.</remarks>
public sealed class RobustPca(RobustPcaOptions options) : Detector
{
    private double[] _center = [], _basis = [];

    /// <summary>
    /// L, S, rank, iterations and residual of the training data less its centre; null before training and in a model that was read from a file, which keeps
    /// the subspace only.
    /// </summary>
    public LowRankDecomposition? Decomposition { get; private set; }

    /// <summary>Dimensions of the subspace that scores are measured from.</summary>
    public int Components => _center.Length == 0 ? 0 : _basis.Length / _center.Length;

    /// <inheritdoc/>
    protected override void FitCore(Samples samples, FitContext context)
    {
        int width = samples.Shape.Length;
        _center = Medians(samples);
        double[] centred = new double[samples.Values.Length];
        TensorPrimitives.ConvertTruncating(samples.Values.Span, centred);
        for (int start = 0; start < centred.Length; start += width) TensorPrimitives.Subtract(centred.AsSpan(start, width), _center, centred.AsSpan(start, width));
        LowRankDecomposition split = PrincipalComponentPursuit.Solve(
            centred,
            width,
            new PursuitSettings
            {
                Penalty = options.Penalty,
                Variant = options.Variant,
                Lambda = options.Lambda,
                OutlierFraction = context.Contamination ?? PursuitSettings.UsualFraction,
                Tolerance = options.Tolerance,
                MaxIterations = options.MaxIterations,
            },
            context.Progress,
            context.Cancellation);
        context.Progress?.Report(new FitProgress("subspace", 1, 1));
        _basis = Subspace(split, options.Components);
        Decomposition = split;
        Report(split, context);
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(Samples samples)
    {
        float[] scores = new float[samples.Count];
        double[] residual = new double[_center.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            Residual(samples[i], residual);
            scores[i] = (float)TensorPrimitives.Norm<double>(residual);
        }
        return scores;
    }

    /// <summary>The square of the residual in each feature: they sum to the square of the score.</summary>
    /// <inheritdoc/>
    protected override float[] AttributeCore(Samples samples)
    {
        float[] attributions = new float[samples.Values.Length];
        double[] residual = new double[_center.Length];
        for (int i = 0; i < samples.Count; i++)
        {
            Residual(samples[i], residual);
            for (int j = 0; j < residual.Length; j++) attributions[i * residual.Length + j] = (float)Math.Min(residual[j] * residual[j], float.MaxValue);
        }
        return attributions;
    }

    /// <inheritdoc/>
    protected override void WriteState(TensorState state)
    {
        state.Set<double>("center", _center);
        state.SetScalar("components", Components);
        state.Set<double>("basis", _basis, Components, _center.Length);
    }

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape)
    {
        int components = state.GetScalar<int>("components");
        if (components < 0 || components > shape.Length) throw new ModelFileException($"The model's subspace has {components} dimensions of {shape.Length}.");
        _center = state.Get<double>("center", shape.Length);
        _basis = state.Get<double>("basis", components * shape.Length);
        Decomposition = null;
    }

    private void Residual(ReadOnlySpan<float> sample, Span<double> residual)
    {
        TensorPrimitives.ConvertTruncating(sample, residual);
        TensorPrimitives.Subtract(residual, _center, residual);
        // One direction after the other: what is taken away stays away, also of values so large that rounding matters.
        for (int start = 0; start < _basis.Length; start += residual.Length)
        {
            ReadOnlySpan<double> direction = _basis.AsSpan(start, residual.Length);
            TensorPrimitives.MultiplyAdd(direction, -TensorPrimitives.Dot(residual, direction), residual, residual);
        }
    }

    private void Report(LowRankDecomposition split, FitContext context)
    {
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"lambda {split.Lambda:G4}: rank {split.Rank} of {Math.Min(split.Rows, split.Columns)}, {split.Sparse.Count(value => value != 0) / (double)split.Sparse.Length:P1} "
            + $"of the values in the sparse part, {split.SparseRowNorms().Count(norm => norm > 0)} of {split.Rows} rows; {split.Iterations} iterations, "
            + $"relative residual {split.RelativeResidual:G2}. Scores are distances from {Components} dimensions.");
        context.Note($"{DisplayName}: {text}");
        if (!split.Converged)
        {
            context.Warn(string.Create(
                CultureInfo.InvariantCulture,
                $"{DisplayName} did not converge: after {split.Iterations} iterations the relative residual is {split.RelativeResidual:G3}, above the tolerance "
                + $"{options.Tolerance:G3}. Raise maxIterations or the tolerance, or use the variant inexactAlm."));
        }
        if (Components == _center.Length)
        {
            context.Warn($"{DisplayName}: the low-rank part spans all {Components} features, so every score is 0. Lower lambda, or set components below {Components}.");
        }
    }

    /// <summary>Right singular vectors of L, one per row, those of the greatest singular values first.</summary>
    private static double[] Subspace(LowRankDecomposition split, int? components)
    {
        int width = split.Columns;
        if (split.Rank == 0 || components == 0) return [];
        SingularValueThresholding spectrum = new(split.Rows, width);
        double[] vectors = spectrum.RightVectors(split.LowRank, split.Rank);
        int kept = components ?? Math.Max(1, AboveNoise(spectrum.Values, split.Rows, width));
        return vectors[..(Math.Min(kept, spectrum.Values.Length) * width)];
    }

    /// <summary>
    /// How many singular values exceed ω(β) times their median, β = min/max of rows and columns: Gavish and Donoho's optimal hard threshold for noise of
    /// unknown size, with their ω(β) ≈ 0.56β³ − 0.95β² + 1.82β + 1.43 (IEEE Transactions on Information Theory 60(8), 2014, eq. 5). The median is over as many
    /// values as the smaller side has, zeros included: of a matrix of rank up to half of that it is 0, and all that are not 0 count.
    /// </summary>
    private static int AboveNoise(double[] falling, int rows, int columns)
    {
        int size = Math.Min(rows, columns);
        double beta = size / (double)Math.Max(rows, columns), omega = ((0.56 * beta - 0.95) * beta + 1.82) * beta + 1.43;
        double median = (At((size - 1) / 2) + At(size / 2)) / 2;
        return falling.Count(value => value > omega * median);

        double At(int position) => position < falling.Length ? falling[position] : 0;
    }

    private static double[] Medians(Samples samples)
    {
        double[] medians = new double[samples.Shape.Length];
        float[] column = new float[samples.Count];
        for (int j = 0; j < medians.Length; j++)
        {
            for (int i = 0; i < column.Length; i++) column[i] = samples[i][j];
            Array.Sort(column);
            medians[j] = (column[(column.Length - 1) / 2] + (double)column[column.Length / 2]) / 2;
        }
        return medians;
    }
}
