using AnomalySharp.Explanation;

namespace AnomalySharp.Evaluation;

/// <summary>
/// How well heat maps find the defective pixels (the positive class) of pictures. Every pixel of every picture counts alike, those of normal pictures
/// too: all are ranked together, so a map that is bright everywhere in normal pictures costs as much as one that is dark in the defects.
/// </summary>
public sealed record PixelMetrics
{
    /// <summary>Area under the ROC curve over all pixels; ties count half.</summary>
    public required double RocAuc { get; init; }

    /// <summary>Average precision over all pixels, defective ones positive. What chance gives is the share of defective pixels.</summary>
    public required double AveragePrecision { get; init; }

    /// <summary>Dice = 2·|flagged ∩ defective| / (|flagged| + |defective|) over all pixels, flagged those above <see cref="Threshold"/>.</summary>
    public required double Dice { get; init; }

    /// <summary>The greatest Dice over all thresholds: an upper bound, for it is chosen by the masks it is measured on.</summary>
    public required double BestDice { get; init; }

    /// <summary>Pixels above it are flagged.</summary>
    public required float Threshold { get; init; }

    /// <summary>Pixels in all.</summary>
    public required int Pixels { get; init; }

    /// <summary>Defective ones among them.</summary>
    public required int DefectivePixels { get; init; }

    /// <summary>Sorts all pixels once and computes all of it: no histogram, so nothing is rounded.</summary>
    /// <param name="maps">One value per pixel, of the shape <c>[1,h,w]</c>, higher = more abnormal, as <see cref="HeatMaps.Of"/> makes them.</param>
    /// <param name="masks">What is defective, for the same pictures in the same order.</param>
    /// <param name="threshold">
    /// Pixels above it are flagged. Null: the one with the greatest Youden's J on these very pixels, which flatters <see cref="Dice"/>; to measure
    /// it on pixels that did not choose the threshold, take the <see cref="Threshold"/> of other pictures.
    /// </param>
    /// <exception cref="DataException">Numbers or sizes differ, a value is not a number, or pixels are all defective or all not.</exception>
    public static PixelMetrics Compute(Samples maps, PixelMasks masks, float? threshold = null)
    {
        Require(maps, masks);
        RankedScores ranked = new(maps.Values.Span, masks.Values);
        float chosen = threshold ?? DetectionMetrics.YoudenThreshold(ranked);
        DetectionMetrics pixels = DetectionMetrics.Of(ranked, chosen);
        return new PixelMetrics
        {
            RocAuc = pixels.RocAuc,
            AveragePrecision = pixels.AveragePrecision,
            // Dice of two sets is the F1 of one as a prediction of the other.
            Dice = pixels.F1,
            BestDice = pixels.BestF1,
            Threshold = chosen,
            Pixels = ranked.Count,
            DefectivePixels = ranked.Positives,
        };
    }

    private static void Require(Samples maps, PixelMasks masks)
    {
        if (maps.Shape.Rank != 3 || maps.Shape[0] != 1) throw new DataException($"Heat maps have the shape 1×height×width, not {maps.Shape}.");
        if (maps.Count != masks.Count) throw new DataException($"{maps.Count} heat maps need {maps.Count} masks, not {masks.Count}.");
        if ((maps.Shape[1], maps.Shape[2]) != (masks.Height, masks.Width))
        {
            throw new DataException(
                $"The masks are {masks.Width}x{masks.Height} and the pictures {maps.Shape[2]}x{maps.Shape[1]}. Give masks of the pictures' size.");
        }
        int defective = 0;
        for (int i = 0; i < masks.Count; i++) defective += masks.HasDefect(i) ? 1 : 0;
        if (defective > 0) return;
        throw new DataException($"None of the {masks.Count} masks has a defective pixel, so nothing can be measured. Check the masks.");
    }
}
