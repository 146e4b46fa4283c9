namespace AnomalySharp.Thresholding;

/// <summary>Ways to choose the score above which a sample is called an anomaly.</summary>
public enum ThresholdKind
{
    /// <summary>The quantile 1 − contamination of the training scores.</summary>
    Contamination,

    /// <summary>A given quantile of the training scores.</summary>
    Quantile,

    /// <summary>Mean + k·standard deviation of the training scores.</summary>
    MeanSigma,

    /// <summary>Median + k·MAD of the training scores.</summary>
    MedianMad,

    /// <summary>The greatest Youden's J on labelled scores.</summary>
    Youden,

    /// <summary>The greatest F1 on labelled scores.</summary>
    BestF1,
}

/// <summary>A way to choose the threshold and its parameter.</summary>
/// <param name="Kind">The way.</param>
/// <param name="Parameter">The quantile, or k; null for the default.</param>
public sealed record ThresholdRule(ThresholdKind Kind, double? Parameter = null)
{
    /// <summary>Whether it looks at labels.</summary>
    public bool NeedsLabels => Kind is ThresholdKind.Youden or ThresholdKind.BestF1;

    /// <summary>Reads <c>median-mad</c>, <c>median-mad:3.5</c>, <c>quantile:0.99</c>, <c>youden</c>, …</summary>
    /// <exception cref="OptionException">Unknown rule or parameter out of range.</exception>
    public static ThresholdRule Parse(string text) => throw new NotImplementedException();

    /// <summary>The threshold: samples with a score above it are anomalies.</summary>
    /// <param name="scores">Training scores.</param>
    /// <param name="labels">Their labels, for the rules that need them.</param>
    /// <param name="contamination">Expected fraction of anomalies, for the rule that needs it.</param>
    /// <exception cref="OptionException">Labels or contamination are needed and missing.</exception>
    public float Find(ReadOnlySpan<float> scores, IReadOnlyList<byte>? labels, double? contamination) => throw new NotImplementedException();
}
