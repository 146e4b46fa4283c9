using System.ComponentModel;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Detectors.Classical;

/// <summary>Options of <see cref="Copod"/>.</summary>
[Detector("copod", Family = DetectorFamily.Classical,
    Summary = "What an empirical copula gives a small tail probability is abnormal.",
    Paper = "Li, Zhao, Botta, Ionescu, Hu: COPOD: Copula-Based Outlier Detection. ICDM 2020.")]
public sealed record CopodOptions : DetectorOptions
{
    /// <summary>
    /// What becomes of the tail probabilities. The default value is sums, the paper's formula; features is the authors' code (PyOD).
    /// </summary>
    [Description("Whether the greatest of the sums over all features is taken (as in the paper) or the greatest tail in each feature (as in PyOD).")]
    public TailCombination Combine { get; init; } = TailCombination.Sums;

    /// <summary>None: only the order of values counts.</summary>
    public override FeatureScaling PreferredScaling => FeatureScaling.None;

    /// <inheritdoc/>
    protected override Detector Create() => new Copod(this);
}

/// <summary>
/// Copula-based outlier detection (algorithm 1 of the paper): the greatest of the −log probabilities of the left-tail, the right-tail and the
/// skewness-corrected empirical copula.
/// </summary>
/// <remarks>
/// The paper's empirical copula is the product of the marginal probabilities. So the formula is that of <see cref="Ecod"/>'s paper, by the same
/// authors; the two differ in what <see cref="TailCombination"/> they take by default.
/// </remarks>
public sealed class Copod(CopodOptions options) : TailDetector(options.Combine);
