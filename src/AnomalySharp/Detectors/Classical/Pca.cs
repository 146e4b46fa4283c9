using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Numerics.Tensors;
using AnomalySharp.Optimization;
using AnomalySharp.Persistence;

namespace AnomalySharp.Detectors.Classical;

/// <summary>What is measured of a sample's principal components.</summary>
public enum PcaScore
{
    /// <summary>Σ y²/λ: coordinates y along the components in units of the variances λ there.</summary>
    Weighted,

    /// <summary>The distance from the subspace of the components.</summary>
    Reconstruction,
}

/// <summary>Options of <see cref="Pca"/>.</summary>
[Detector("pca", Family = DetectorFamily.Classical,
    Summary = "Far from the mean along principal components of little variance is abnormal.",
    Paper = "Shyu, Chen, Sarinnapakorn, Chang: A Novel Anomaly Detection Scheme Based on Principal Component Classifier. ICDM Workshops 2003.")]
public sealed record PcaOptions : DetectorOptions
{
    /// <summary>What is measured. The default value is weighted.</summary>
    [Description("The score: squared coordinates along the components in units of their variances, or the distance from the components' subspace.")]
    public PcaScore Score { get; init; } = PcaScore.Weighted;

    /// <summary>
    /// Components. The default value (null) is all of them for the weighted score, and those that hold <see cref="Variance"/> for the reconstruction.
    /// </summary>
    [Description("Components; auto: all for the weighted score, as many as hold the share 'variance' for the reconstruction.")]
    [Range(1, 1_000_000)]
    public int? Components { get; init; }

    /// <summary>
    /// Share of the variance that the components hold where their number is chosen automatically; for the reconstruction only. The default value is 0.9.
    /// </summary>
    [Description("Share of the variance that automatically chosen components hold; for the reconstruction only."), Range(0.01, 1)]
    public double Variance { get; init; } = 0.9;

    /// <inheritdoc/>
    protected override Detector Create() => new Pca(this);
}

/// <summary>
/// Principal component analysis of the training data. Weighted: Σ y_c²/λ_c over the components c (Shyu et al., over major and minor ones alike).
/// Reconstruction: |x − x̂|, x̂ the projection on the components.
/// </summary>
/// <remarks>
/// Addition: what lies outside of the components weighs, in the weighted score, by the mean of the other variances, as in Tipping and Bishop's
/// probabilistic PCA (1999), at least by 10⁻⁶ of the mean of all: a departure from what all training samples have in common counts. Where there are
/// fewer than five training samples per feature, the mean of all variances is added to each: by its own variances alone, every sample would be equally
/// far away. Departure from PyOD: it measures distances to the unit vectors of the components, which has no source.
/// </remarks>
public sealed class Pca(PcaOptions options) : Detector
{
    private double[] _mean = [], _directions = [], _variances = [];
    private double _rest;

    /// <summary>Components that are used; 0 before training and where all training samples are equal.</summary>
    public int Components => _variances.Length;

    /// <inheritdoc/>
    protected override void FitCore(Samples samples, FitContext context)
    {
        int width = samples.Shape.Length;
        PrincipalComponents found = PrincipalComponents.Of(samples, context);
        int kept = Math.Min(options.Components ?? Automatic(found), found.Variances.Length);
        double held = found.Variances.Take(kept).Sum(), usual = found.Total > 0 ? found.Total / width : 1, least = 1e-6 * usual;
        // Of few samples per feature each makes a good part of the variances that it is measured by.
        double added = samples.Count < 5L * width ? usual : 0;
        _mean = found.Mean;
        _directions = found.Directions[..(kept * width)];
        _variances = [.. found.Variances.Take(kept).Select(variance => Math.Max(variance, least) + added)];
        _rest = (kept == width ? least : Math.Max(least, (found.Total - held) / (width - kept))) + added;
        double share = found.Total > 0 ? held / found.Total : 1;
        context.Note(string.Create(
            CultureInfo.InvariantCulture, $"{DisplayName}: {kept} of {Math.Min(width, samples.Count)} components hold {share:P1} of the variance."));
        if (options.Score == PcaScore.Reconstruction && kept == width)
        {
            context.Warn($"{DisplayName}: the components span all {width} features, so every score is 0. Lower components or variance.");
        }
        context.Progress?.Report(new FitProgress("components", 1, 1));
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(Samples samples)
    {
        float[] scores = new float[samples.Count];
        double[] coordinates = new double[Components], residual = new double[_mean.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            Split(samples[i], coordinates, residual);
            double outside = TensorPrimitives.SumOfSquares<double>(residual);
            if (options.Score == PcaScore.Reconstruction)
            {
                scores[i] = (float)Math.Sqrt(outside);
                continue;
            }
            double sum = Components == _mean.Length ? 0 : outside / _rest;
            for (int c = 0; c < coordinates.Length; c++) sum += coordinates[c] * coordinates[c] / _variances[c];
            scores[i] = (float)sum;
        }
        return scores;
    }

    /// <summary>
    /// Of the reconstruction, the squared residual of each feature; of the weighted score, d_j (Σ⁻¹d)_j of the deviation d from the mean, Σ the
    /// covariance: the features' parts, which sum to the score. Features that fit in better than the others expect are negative.
    /// </summary>
    /// <inheritdoc/>
    protected override float[] AttributeCore(Samples samples)
    {
        int width = _mean.Length;
        float[] result = new float[samples.Values.Length];
        double[] coordinates = new double[Components], residual = new double[width], weighted = new double[width];
        for (int i = 0; i < samples.Count; i++)
        {
            Split(samples[i], coordinates, residual);
            if (options.Score == PcaScore.Reconstruction)
            {
                TensorPrimitives.Multiply(residual, residual, weighted);
            }
            else
            {
                if (Components == width) Array.Clear(weighted);
                else TensorPrimitives.Divide(residual, _rest, weighted);
                for (int c = 0; c < coordinates.Length; c++)
                {
                    TensorPrimitives.MultiplyAdd(_directions.AsSpan(c * width, width), coordinates[c] / _variances[c], weighted, weighted);
                }
                for (int j = 0; j < width; j++) weighted[j] *= samples[i][j] - _mean[j];
            }
            for (int j = 0; j < width; j++) result[i * width + j] = (float)Math.Clamp(weighted[j], float.MinValue, float.MaxValue);
        }
        return result;
    }

    /// <inheritdoc/>
    protected override void WriteState(TensorState state)
    {
        state.Set<double>("mean", _mean);
        state.SetScalar("components", Components);
        state.Set<double>("variances", _variances);
        state.Set<double>("directions", _directions, Components, _mean.Length);
        state.SetScalar("rest", _rest);
    }

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape)
    {
        int components = state.GetScalar<int>("components");
        if (components < 0 || components > shape.Length)
        {
            throw new ModelFileException($"The model has {components} components of {shape.Length} features. Train it again.");
        }
        double[] variances = state.Get<double>("variances", components);
        double rest = state.GetScalar<double>("rest");
        if (!(rest > 0) || !variances.All(variance => variance > 0))
        {
            throw new ModelFileException("The model's variances are not all positive. Train the model again.");
        }
        (_variances, _rest) = (variances, rest);
        _mean = state.Get<double>("mean", shape.Length);
        _directions = state.Get<double>("directions", components * shape.Length);
    }

    private int Automatic(PrincipalComponents found)
    {
        if (options.Score == PcaScore.Weighted) return found.Variances.Length;
        double held = 0;
        int kept = 0;
        while (kept < found.Variances.Length && held < options.Variance * found.Total * (1 - 1e-12)) held += found.Variances[kept++];
        return kept;
    }

    /// <summary>
    /// Coordinates along the components, and what is left: one direction after the other, also of values so large that rounding matters.
    /// </summary>
    private void Split(ReadOnlySpan<float> sample, Span<double> coordinates, Span<double> residual)
    {
        TensorPrimitives.ConvertTruncating(sample, residual);
        TensorPrimitives.Subtract(residual, _mean, residual);
        for (int c = 0; c < coordinates.Length; c++)
        {
            ReadOnlySpan<double> direction = _directions.AsSpan(c * residual.Length, residual.Length);
            coordinates[c] = TensorPrimitives.Dot(residual, direction);
            TensorPrimitives.MultiplyAdd(direction, -coordinates[c], residual, residual);
        }
    }
}
