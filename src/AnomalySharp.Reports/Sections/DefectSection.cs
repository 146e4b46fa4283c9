using AnomalySharp.Evaluation;
using AnomalySharp.Reports.Charts;

namespace AnomalySharp.Reports.Sections;

/// <summary>How well heat maps find what masks say is defective, and up to six pictures beside mask and map.</summary>
internal static class DefectSection
{
    private const int Examples = 6;

    public static Html Render(ReportView view)
    {
        if (view.Defects is not { } defects || view.Data.Samples is not { } samples) return Html.Empty;
        PixelMetrics pixels = defects.Metrics;
        Picture picture = new(samples.Shape, samples.Values.Span);
        Picture mask = new(new SampleShape(1, defects.Masks.Height, defects.Masks.Width), []);
        return Html.Of($"""
            <section>
            <h2>Heat maps against the masks</h2>
            <p class="hint">{Numbers.Count(pixels.DefectivePixels)} of {Numbers.Count(pixels.Pixels)} pixels
            ({Numbers.Percent((double)pixels.DefectivePixels / pixels.Pixels)}) are defective, say the masks, which were used for these figures only.</p>
            <table>
            {Line("ROC AUC over all pixels", pixels.RocAuc)}
            {Line("Average precision over all pixels", pixels.AveragePrecision)}
            {Line($"Dice above {Numbers.Short(pixels.Threshold)}, the threshold with the greatest Youden's J on these pixels", pixels.Dice)}
            {Line("Best Dice over all thresholds", pixels.BestDice)}
            </table>
            <div class="block"><h3>Pictures with a defect</h3></div>
            <p class="hint">Picture, mask and heat map, from the highest to the lowest score at even steps among all pictures with a defect. Each map
            is scaled to its own maximum.</p>
            <div class="gallery wide">{ExamplesOf(view, defects.Masks).Select(i => Example(view, picture, mask, defects, samples, i))}</div>
            </section>
            """);
    }

    /// <summary>Not the best ones: evenly from the highest score to the lowest.</summary>
    private static IEnumerable<int> ExamplesOf(ReportView view, PixelMasks masks)
    {
        int[] defective = [.. view.Scored.MostAnomalous(view.Scored.Count).Where(masks.HasDefect)];
        int count = Math.Min(Examples, defective.Length);
        return Enumerable.Range(0, count).Select(i => defective[count == 1 ? 0 : i * (defective.Length - 1) / (count - 1)]);
    }

    private static Html Example(ReportView view, Picture picture, Picture mask, DefectMaps defects, Samples samples, int i)
    {
        string name = view.Scored.RowName(i);
        float[] defect = [.. defects.Masks[i].ToArray().Select(pixel => (float)pixel)];
        return Html.Of($"""
            <div><div class="shot">{GallerySection.Image(picture, picture.Png(samples[i]), name)}
            {GallerySection.Image(mask, mask.Png(defect), $"mask of {name}")}
            {GallerySection.Image(picture, picture.HeatMapPng(samples[i], defects.Maps[i]), $"heat map of {name}")}</div>
            <div class="caption"><b>{name}</b><br>
            <span class="hint">score {Numbers.Short(view.Scored.Scores.Span[i])}{(view.Scored.IsAnomaly(i) ? "" : ", below the threshold")}
            </span></div></div>
            """);
    }

    private static Html Line(string name, double value) => Html.Of($"""<tr><td>{name}</td><td class="number">{value:0.0000}</td></tr>""");
}
