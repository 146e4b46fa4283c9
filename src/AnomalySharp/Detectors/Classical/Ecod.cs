using System.ComponentModel;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Detectors.Classical;

/// <summary>Options of <see cref="Ecod"/>.</summary>
[Detector("ecod", Family = DetectorFamily.Classical,
    Summary = "Values far out in the tails of the features' empirical distributions are abnormal.",
    Paper = "Li, Zhao, Hu, Botta, Ionescu, Chen: ECOD: Unsupervised Outlier Detection Using Empirical Cumulative Distribution Functions. TKDE 2022.")]
public sealed record EcodOptions : DetectorOptions
{
    /// <summary>
    /// What becomes of the tail probabilities. The default value is features, as in the authors' code (PyOD); sums is the paper's formula.
    /// </summary>
    [Description("Whether the greatest tail is taken in each feature (as in PyOD) or of the sums over all features (as in the paper).")]
    public TailCombination Combine { get; init; } = TailCombination.Features;

    /// <summary>None: only the order of values counts.</summary>
    public override FeatureScaling PreferredScaling => FeatureScaling.None;

    /// <inheritdoc/>
    protected override Detector Create() => new Ecod(this);
}

/// <summary>
/// Empirical-cumulative-distribution-based outlier detection: −log of the empirical tail probabilities, summed over the features. The tail is chosen
/// by the sign of the skewness.
/// </summary>
public sealed class Ecod(EcodOptions options) : TailDetector(options.Combine);
