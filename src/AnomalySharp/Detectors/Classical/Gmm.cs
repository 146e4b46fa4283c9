using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Numerics.Tensors;
using AnomalySharp.Mixtures;
using AnomalySharp.Persistence;

namespace AnomalySharp.Detectors.Classical;

/// <summary>The shape of a component's covariance.</summary>
public enum MixtureCovariance
{
    /// <summary>Any: features may depend on one another.</summary>
    Full,

    /// <summary>Diagonal: features are independent within a component.</summary>
    Diagonal,
}

/// <summary>What a mixture's score is.</summary>
public enum MixtureScore
{
    /// <summary>−log density.</summary>
    Density,

    /// <summary>1 less the share of the component that the sample belongs to most: between clusters is abnormal, far from all is not.</summary>
    Membership,
}

/// <summary>Options of <see cref="Gmm"/>.</summary>
[Detector("gmm", Family = DetectorFamily.Classical,
    Summary = "Where a mixture of Gaussians has a low density is abnormal.",
    Paper = "Dempster, Laird, Rubin: Maximum Likelihood from Incomplete Data via the EM Algorithm. J. Royal Statistical Society B 39(1), 1977.")]
public sealed record GmmOptions : DetectorOptions
{
    /// <summary>Gaussians; fewer where there are fewer different samples. The default value is 1, as in scikit-learn and PyOD.</summary>
    [Description("Gaussians; fewer where there are fewer different samples."), Range(1, 1000)]
    public int Components { get; init; } = 1;

    /// <summary>The shape of covariances. The default value is full.</summary>
    [Description("Covariances: full ones, or diagonal ones, where features are independent within a component.")]
    public MixtureCovariance Covariance { get; init; } = MixtureCovariance.Full;

    /// <summary>What the score is. The default value is −log density. Membership needs two components.</summary>
    [Description("The score: -log density, or 1 less the share of the component that the sample belongs to most.")]
    public MixtureScore Score { get; init; } = MixtureScore.Density;

    /// <summary>What is added to every variance. The default value is 1e-6, as in scikit-learn.</summary>
    [Description("What is added to every variance, in units of the scaled features."), Range(1e-12, 1e3)]
    public double Regularization { get; init; } = 1e-6;

    /// <summary>Training ends where the mean log likelihood changes by less. The default value is 1e-3, as in scikit-learn.</summary>
    [Description("Training ends where the mean log likelihood of a sample changes by less."), Range(1e-12, 1)]
    public double Tolerance { get; init; } = 1e-3;

    /// <summary>Most iterations. The default value is 100.</summary>
    [Description("Most iterations."), Range(1, 1_000_000)]
    public int MaxIterations { get; init; } = 100;

    /// <inheritdoc/>
    protected override Detector Create() => Score == MixtureScore.Membership && Components < 2
        ? throw new OptionException("Option 'score' is membership, and with components=1 every sample belongs to that. Set components to 2 or more.")
        : new Gmm(this);
}

/// <summary>
/// −log Σ_k π_k N(x; μ_k, Σ_k) of a mixture of Gaussians that expectation maximisation fits to the training data, from the clusters of k-means.
/// </summary>
public sealed class Gmm(GmmOptions options) : Detector
{
    private const int MostFullFeatures = 5000;

    private GaussianMixture? _mixture;

    /// <inheritdoc/>
    protected override void FitCore(Samples samples, FitContext context)
    {
        bool diagonal = options.Covariance == MixtureCovariance.Diagonal;
        if (!diagonal && samples.Shape.Length > MostFullFeatures)
        {
            throw new DataException(
                $"Full covariances of {samples.Shape.Length} features do not fit into memory: {MostFullFeatures} at most. Set covariance=diagonal.");
        }
        MixtureSettings settings = new()
        {
            Components = options.Components,
            Diagonal = diagonal,
            Regularization = options.Regularization,
            Tolerance = options.Tolerance,
            MaxIterations = options.MaxIterations,
        };
        _mixture = ExpectationMaximization.Fit(samples, settings, context);
        context.Progress?.Report(new FitProgress("mixture", 1, 1));
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(Samples samples)
    {
        float[] scores = new float[samples.Count];
        ForEachBlock(samples, (start, count, logDensities, logShares) =>
        {
            bool density = options.Score == MixtureScore.Density;
            for (int i = 0; i < count; i++) scores[start + i] = (float)(density ? -logDensities[i] : 1 - Math.Exp(Most(logShares, i)));
        });
        return scores;
    }

    /// <summary>
    /// (x − μ)_j (Σ⁻¹(x − μ))_j of each feature j, weighted by the shares of the components: the features' parts of the squared Mahalanobis distance.
    /// Features that fit in better than the others expect are negative.
    /// </summary>
    /// <inheritdoc/>
    protected override float[] AttributeCore(Samples samples)
    {
        int width = samples.Shape.Length;
        float[] result = new float[samples.Values.Length];
        double[] centred = new double[width], sums = new double[width];
        ForEachBlock(samples, (start, count, _, logShares) =>
        {
            for (int i = 0; i < count; i++)
            {
                Array.Clear(sums);
                for (int k = 0; k < _mixture!.Count; k++)
                {
                    double share = Math.Exp(logShares[k * GaussianMixture.BlockSamples + i]);
                    if (share < 1e-12) continue;
                    TensorPrimitives.ConvertTruncating(samples[start + i], centred.AsSpan());
                    TensorPrimitives.Subtract(centred, _mixture.MeanOf(k), centred);
                    TensorPrimitives.Multiply(centred, _mixture.Whiten(k, centred), centred);
                    TensorPrimitives.MultiplyAdd(centred, share, sums, sums);
                }
                for (int j = 0; j < width; j++) result[(start + i) * width + j] = (float)Math.Clamp(sums[j], float.MinValue, float.MaxValue);
            }
        });
        return result;
    }

    /// <inheritdoc/>
    protected override void WriteState(TensorState state) => _mixture!.WriteState(state);

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape) =>
        _mixture = GaussianMixture.ReadState(state, shape.Length, options.Covariance == MixtureCovariance.Diagonal);

    private double Most(ReadOnlySpan<double> logShares, int i)
    {
        double most = double.NegativeInfinity;
        for (int k = 0; k < _mixture!.Count; k++) most = Math.Max(most, logShares[k * GaussianMixture.BlockSamples + i]);
        return most;
    }

    private void ForEachBlock(Samples samples, BlockWork work)
    {
        int width = samples.Shape.Length;
        double[] logDensities = new double[GaussianMixture.BlockSamples], logShares = new double[_mixture!.Count * GaussianMixture.BlockSamples];
        for (int start = 0; start < samples.Count; start += GaussianMixture.BlockSamples)
        {
            int count = Math.Min(GaussianMixture.BlockSamples, samples.Count - start);
            _mixture.Evaluate(samples.Values.Span.Slice(start * width, count * width), logDensities, logShares);
            work(start, count, logDensities, logShares);
        }
    }

    private delegate void BlockWork(int start, int count, ReadOnlySpan<double> logDensities, ReadOnlySpan<double> logShares);
}
