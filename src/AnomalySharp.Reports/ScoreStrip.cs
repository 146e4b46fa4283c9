using SkiaSharp;

namespace AnomalySharp.Reports;

/// <summary>The scores of a series in its order as a strip for pages without a report, like those of <see cref="PictureStrip"/>.</summary>
public static class ScoreStrip
{
    private static readonly SKColor Ink = new(0x2f, 0x6d, 0xb5), Anomaly = new(0xfb, 0xd6, 0xcd), Threshold = new(0xc8, 0x45, 0x2f);

    /// <summary>
    /// A WebP file without losses: of each column's rows the range of scores, from the lowest at the bottom to the highest at the top; columns with a row that
    /// is labelled 1 are shaded.
    /// </summary>
    /// <param name="scores">At least one score, in order.</param>
    /// <param name="labels">As many labels.</param>
    /// <param name="threshold">Drawn as a line where it is among the scores.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Pixels down.</param>
    public static byte[] Of(ReadOnlySpan<float> scores, IReadOnlyList<byte> labels, float threshold, int width, int height)
    {
        (float low, float high) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (float score in scores) (low, high) = (Math.Min(low, score), Math.Max(high, score));
        using SKBitmap strip = new(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        strip.Erase(SKColors.White);
        using SKCanvas canvas = new(strip);
        using SKPaint paint = new() { IsAntialias = false };
        float Down(float score) => high > low ? (height - 1) * (1 - ((score - low) / (high - low))) : height - 1;
        float last = Down(scores[0]);
        for (int x = 0; x < width; x++)
        {
            int from = (int)((long)x * scores.Length / width), to = Math.Max(from + 1, (int)((long)(x + 1) * scores.Length / width));
            bool anomaly = false;
            // From the column before on, so that the line has no gaps.
            (float top, float bottom) = (last, last);
            for (int i = from; i < to; i++)
            {
                anomaly |= labels[i] == 1;
                last = Down(scores[i]);
                (top, bottom) = (Math.Min(top, last), Math.Max(bottom, last));
            }
            paint.Color = Anomaly;
            if (anomaly) canvas.DrawRect(x, 0, 1, height, paint);
            paint.Color = Ink;
            canvas.DrawRect(x, top, 1, Math.Max(1, bottom - top), paint);
        }
        paint.Color = Threshold;
        if (threshold >= low && threshold <= high) canvas.DrawRect(0, Down(threshold), width, 1, paint);
        // Quality 100 means without losses.
        using SKData data = strip.Encode(SKEncodedImageFormat.Webp, 100);
        return data.ToArray();
    }
}
