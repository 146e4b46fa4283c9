using AnomalySharp.Explanation;
using AnomalySharp.Reports.Charts;

namespace AnomalySharp.Reports.Sections;

/// <summary>The most abnormal pictures beside their heat maps, and a few of the most normal ones to compare with.</summary>
internal static class GallerySection
{
    private static readonly Html Legend = new("""
        <p class="hint">On the right, the brighter, the more a place accounts for the score; each map is scaled to its own maximum.</p>
        """);

    private const int MostAbnormal = 24, MostNormal = 8;

    public static Html Render(ReportView view)
    {
        if (!view.HasPictures || view.Top.Count == 0) return Html.Empty;
        Samples samples = view.Data.Samples!;
        Picture picture = new(samples.Shape, samples.Values.Span);
        List<Html> abnormal = [];
        for (int i = 0; i < Math.Min(view.Top.Count, MostAbnormal); i++)
        {
            ReadOnlySpan<float> map = view.TopMaps is null ? [] : view.TopMaps[i];
            abnormal.Add(Abnormal(view, picture, view.Top[i], samples[view.Top[i].Index], map));
        }
        return Html.Of($"""
            <section>
            <h2>The most abnormal {view.Noun}s</h2>
            {(view.TopMaps is null ? Html.Empty : Legend)}
            <div class="gallery">{abnormal}</div>
            <div class="block"><h3>The most normal, to compare with</h3></div>
            <div class="gallery small">{MostNormalOf(view).Select(index => Normal(view, picture, samples, index))}</div>
            </section>
            """);
    }

    private static Html Abnormal(
        ReportView view, Picture picture, SampleExplanation sample, ReadOnlySpan<float> values, ReadOnlySpan<float> map) => Html.Of($"""
        <div><div class="shot">{Image(picture, picture.Png(values), sample.Row)}
        {(map.IsEmpty ? Html.Empty : Image(picture, picture.HeatMapPng(values, map), $"heat map of {sample.Row}"))}</div>
        <div class="caption"><b>{sample.Row}</b>{Label(view, sample.Index)}<br><span class="hint">score {Numbers.Short(sample.Score)}, probability
        {Numbers.Percent(sample.Probability)}{(sample.IsAnomaly ? "" : ", below the threshold")}</span></div></div>
        """);

    private static Html Normal(ReportView view, Picture picture, Samples samples, int index) => Html.Of($"""
        <div><div class="shot">{Image(picture, picture.Png(samples[index]), view.Scored.RowName(index))}</div>
        <div class="caption">{view.Scored.RowName(index)}{Label(view, index)}<br>
        <span class="hint">score {Numbers.Short(view.Scored.Scores.Span[index])}</span></div></div>
        """);

    /// <summary>An image of <paramref name="picture"/>'s size.</summary>
    internal static Html Image(Picture picture, byte[] png, string description) => Html.Of($"""
        <img class="{(picture.IsSmall ? "sharp" : "smooth")}" alt="{description}" width="{picture.Width}" height="{picture.Height}"
        src="data:image/png;base64,{Convert.ToBase64String(png)}">
        """);

    private static Html Label(ReportView view, int index) => view.Scored.Labels is not { } labels ? Html.Empty
        : new Html(labels[index] == 1 ? " <span class=\"pill alert\">anomaly</span>" : " <span class=\"pill\">normal</span>");

    private static IEnumerable<int> MostNormalOf(ReportView view)
    {
        float[] scores = view.Scored.Scores.ToArray();
        int[] order = [.. Enumerable.Range(0, scores.Length)];
        Array.Sort(scores, order);
        HashSet<int> shown = [.. view.Top.Select(sample => sample.Index)];
        return order.Where(index => !shown.Contains(index)).Take(MostNormal);
    }
}
