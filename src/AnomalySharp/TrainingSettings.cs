using AnomalySharp.FeatureExtraction;
using AnomalySharp.Preprocessing;
using AnomalySharp.Sequences;
using AnomalySharp.Thresholding;

namespace AnomalySharp;

/// <summary>What <see cref="AnomalyModel.Train(Dataset, DetectorOptions, TrainingSettings?)"/> can be told beside the detector's own options.</summary>
public sealed record TrainingSettings
{
    /// <summary>Expected fraction of anomalies, above 0 and at most 0.5; null where nothing is known.</summary>
    public double? Contamination { get; init; }

    /// <summary>How the threshold is found. Null: the quantile of <see cref="Contamination"/> where that is given, otherwise median + k·MAD.</summary>
    public ThresholdRule? Threshold { get; init; }

    /// <summary>
    /// What extracts the features that the detector sees, such as <see cref="FeatureCatalog.Parse"/> gives it: a pre-trained network, the code of an
    /// autoencoder. Null, the default: the detector sees the samples (or windows) themselves. <see cref="Scaling"/> is of the features, and the
    /// extractor sees unscaled samples.
    /// </summary>
    public IFeatureOptions? Features { get; init; }

    /// <summary>How features are scaled. Null: as the detector prefers.</summary>
    public FeatureScaling? Scaling { get; init; }

    /// <summary>How text columns become features. The default value is one-hot for few categories, frequency for many.</summary>
    public CategoryEncoding Encoding { get; init; } = CategoryEncoding.Auto;

    /// <summary>
    /// Whether the detector learns from the low-rank part of the scaled training rows, which robust PCA splits from sparse noise
    /// (<see cref="Optimization.PrincipalComponentPursuit"/> with its defaults), in place of the rows themselves. Training only: scores, and the threshold, are
    /// those of the rows as they are. The default value is false.
    /// </summary>
    public bool Denoise { get; init; }

    /// <summary>Whether to train on the rows labelled 0 only. Otherwise labels are not looked at, except by a threshold rule that asks for them.</summary>
    public bool NormalOnly { get; init; }

    /// <summary>How rows over time become windows, which the detector then sees; null, the default: every row is a sample.</summary>
    public WindowSettings? Windows { get; init; }

    /// <summary>
    /// How scores are normalised, series by series. Null, the default: clips of videos causally, all else not at all. Needs <see cref="Windows"/>, which say
    /// what a series is.
    /// </summary>
    public ScoreNormalization? Normalization { get; init; }

    /// <summary>
    /// Columns of a table by which the others are judged: the detector sees by how many standard deviations values differ from what the row's context
    /// lets expect, and the context itself it does not see. Null, the default: all columns are judged.
    /// </summary>
    public IReadOnlyList<string>? ContextColumns { get; init; }

    /// <summary>The column that holds the labels, remembered in the model so that scoring leaves it out.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>Seed, threads, device, progress, cancellation, checkpoint.</summary>
    public FitContext Context { get; init; } = new();
}
