using System.Globalization;
using System.Text.Json;
using AnomalySharp.Evaluation;

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

    /// <summary>Median + k·MAD of the training scores, MAD taken over their upper half.</summary>
    MedianMad,

    /// <summary>The greatest Youden's J on labelled scores.</summary>
    Youden,

    /// <summary>The greatest F1 on labelled scores.</summary>
    BestF1,
}

/// <summary>A way to choose the threshold and its parameter.</summary>
/// <param name="Kind">The way.</param>
/// <param name="Parameter">
/// The quantile, above 0 and below 1 (default 0.99), or k, above 0 and at most 1000 (default 3 for mean-sigma,
/// 2.5 for median-mad); null for the default. The other rules take none.
/// </param>
public sealed record ThresholdRule(ThresholdKind Kind, double? Parameter = null)
{
    // Makes the MAD of a normal distribution its standard deviation: 1/Φ⁻¹(3/4).
    private const double MadToSigma = 1.4826;

    // The same for the mean absolute deviation: √(π/2).
    private const double MeanDeviationToSigma = 1.2533;

    /// <summary>Whether it looks at labels.</summary>
    public bool NeedsLabels => Kind is ThresholdKind.Youden or ThresholdKind.BestF1;

    /// <summary>Reads <c>median-mad</c>, <c>median-mad:3.5</c>, <c>quantile:0.99</c>, <c>youden</c>, …</summary>
    /// <exception cref="OptionException">Unknown rule or parameter out of range.</exception>
    public static ThresholdRule Parse(string text)
    {
        string[] parts = text.Trim().Split(':', 2);
        ThresholdKind[] known = [.. Enum.GetValues<ThresholdKind>().Where(kind => NameOf(kind).Equals(parts[0], StringComparison.OrdinalIgnoreCase))];
        if (known.Length == 0)
        {
            string names = string.Join(", ", Enum.GetValues<ThresholdKind>().Select(NameOf));
            throw new OptionException($"Unknown threshold rule '{text}'. The rules are: {names}.");
        }
        if (parts.Length == 1) return new ThresholdRule(known[0]);
        if (!double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double parameter))
        {
            throw new OptionException($"The threshold rule '{text}' needs a number after the colon, such as quantile:0.99 or median-mad:3.");
        }
        ThresholdRule rule = new(known[0], parameter);
        rule.Validate();
        return rule;
    }

    /// <summary>The rule as <see cref="Parse"/> reads it.</summary>
    public override string ToString() =>
        Parameter is { } value ? string.Create(CultureInfo.InvariantCulture, $"{NameOf(Kind)}:{value}") : NameOf(Kind);

    /// <summary>Does nothing if the parameter is in its range.</summary>
    /// <exception cref="OptionException">It is not, or the rule takes none; the message gives the range.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Kind)) throw new OptionException($"Unknown threshold rule {(int)Kind}.");
        if (Parameter is not { } value) return;
        string? remedy = Kind switch
        {
            ThresholdKind.Quantile => value is > 0 and < 1 ? null : "above 0 and below 1",
            ThresholdKind.MeanSigma or ThresholdKind.MedianMad => value is > 0 and <= 1000 ? null : "above 0 and at most 1000",
            _ => "no number at all",
        };
        if (remedy is not null) throw new OptionException($"The threshold rule '{this}' is out of range; '{NameOf(Kind)}' takes {remedy}.");
    }

    /// <summary>The threshold: samples with a score above it are anomalies.</summary>
    /// <remarks>
    /// The contamination rule flags exactly ⌊c·n⌉ samples where no scores tie; where they do, the nearest number that ties allow, and never all.
    /// Median + k·MAD takes the median deviation of the upper half only, because scores are skewed: deviations below the median say nothing of
    /// how far normal samples reach above it. k = 2.5 flagged 4 % of the samples, and at most 8 % of any of 17 sets of ADBench, with the scores of
    /// an isolation forest and of kNN (mean F1 0.32 and 0.23); k = 2 gains 0.02 of F1 and flags 6 %. The two-sided MAD has about the same F1 at the
    /// same mean share, but flags 15 % of one set where that share is 5 %. Where MAD is 0 because most scores are
    /// equal, the mean absolute deviation stands in (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993).
    /// </remarks>
    /// <param name="scores">Training scores.</param>
    /// <param name="labels">Their labels, for the rules that need them.</param>
    /// <param name="contamination">Expected fraction of anomalies, above 0 and at most 0.5, for the rule that needs it.</param>
    /// <exception cref="OptionException">Labels or contamination are needed and missing, or a parameter is out of range.</exception>
    /// <exception cref="DataException">There are no scores.</exception>
    public float Find(ReadOnlySpan<float> scores, IReadOnlyList<byte>? labels, double? contamination)
    {
        Validate();
        if (scores.IsEmpty) throw new DataException("A threshold needs at least one score.");
        switch (Kind)
        {
            case ThresholdKind.MeanSigma:
                return Finite(MeanSigma(scores, Parameter ?? 3));
            case ThresholdKind.Youden:
                return DetectionMetrics.YoudenThreshold(scores, RequireLabels(scores.Length, labels));
            case ThresholdKind.BestF1:
                return DetectionMetrics.BestF1Threshold(scores, RequireLabels(scores.Length, labels));
        }
        float[] sorted = scores.ToArray();
        Array.Sort(sorted);
        return Kind switch
        {
            ThresholdKind.Contamination => TopFraction(sorted, RequireContamination(contamination)),
            ThresholdKind.Quantile => Finite(Quantile(sorted, Parameter ?? 0.99)),
            _ => Finite(MedianMad(sorted, Parameter ?? 2.5)),
        };
    }

    /// <summary>Does nothing if <paramref name="contamination"/> is above 0 and at most 0.5.</summary>
    /// <exception cref="OptionException">It is not.</exception>
    internal static double RequireContamination(double? contamination) => contamination switch
    {
        null => throw new OptionException(
            "The threshold rule 'contamination' needs the expected fraction of anomalies: give --contamination, above 0 and at most 0.5."),
        > 0 and <= 0.5 => contamination.Value,
        { } value => throw new OptionException(
            string.Create(CultureInfo.InvariantCulture, $"Contamination is {value}; allowed: above 0 and at most 0.5.")),
    };

    // The (k+1)-th largest score, so that the k above it are flagged. Where it ties with its upper neighbours, either the whole tie is
    // flagged or none of it: whichever comes nearer to k.
    private static float TopFraction(float[] sorted, double contamination)
    {
        int wanted = (int)Math.Round(contamination * sorted.Length, MidpointRounding.AwayFromZero);
        float threshold = sorted[sorted.Length - 1 - Math.Min(wanted, sorted.Length - 1)];
        int below = Array.FindIndex(sorted, score => score == threshold);
        int above = Array.FindLastIndex(sorted, score => score == threshold) + 1;
        int flagged = sorted.Length - above;
        return below > 0 && sorted.Length - below - wanted < wanted - flagged ? sorted[below - 1] : threshold;
    }

    private static double MeanSigma(ReadOnlySpan<float> scores, double k)
    {
        double sum = 0, squares = 0;
        foreach (float score in scores) sum += score;
        double mean = sum / scores.Length;
        foreach (float score in scores) squares += (score - mean) * (score - mean);
        return mean + k * Math.Sqrt(squares / scores.Length);
    }

    private static double MedianMad(float[] sorted, double k)
    {
        double median = Quantile(sorted, 0.5);
        return median + k * UpperSpread(sorted, median);
    }

    /// <summary>Standard deviation that a normal distribution with this upper half would have; 0 where all scores are equal.</summary>
    internal static double UpperSpread(float[] sorted, double median)
    {
        // The median deviation of the upper half is the upper quartile's.
        double mad = Quantile(sorted, 0.75) - median;
        if (mad > 0) return mad * MadToSigma;
        double deviation = 0;
        foreach (float score in sorted) deviation += Math.Abs(score - median);
        return deviation / sorted.Length * MeanDeviationToSigma;
    }

    /// <summary>Quantile with linear interpolation between neighbours (Hyndman and Fan's type 7).</summary>
    internal static double Quantile(ReadOnlySpan<float> sorted, double fraction)
    {
        double position = fraction * (sorted.Length - 1);
        int below = (int)position;
        return below + 1 >= sorted.Length ? sorted[^1] : sorted[below] + (position - below) * ((double)sorted[below + 1] - sorted[below]);
    }

    /// <summary>The labels, if there is one for each of <paramref name="count"/> samples and both kinds occur.</summary>
    internal IReadOnlyList<byte> RequireLabels(int count, IReadOnlyList<byte>? labels)
    {
        if (labels is null || labels.Count != count)
        {
            throw new OptionException(
                $"The threshold rule '{this}' needs a label for every training sample: give --label, or choose median-mad or quantile.");
        }
        if (labels.All(label => label == 0) || labels.All(label => label == 1))
        {
            throw new OptionException(
                $"The threshold rule '{this}' needs labels of both kinds, and all are {labels[0]}. Choose median-mad or quantile.");
        }
        return labels;
    }

    private static float Finite(double threshold) => (float)Math.Clamp(threshold, float.MinValue, float.MaxValue);

    private static string NameOf(ThresholdKind kind) =>
        kind == ThresholdKind.BestF1 ? "best-f1" : JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString());
}
