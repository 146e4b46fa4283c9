using System.Numerics.Tensors;
using AnomalySharp.Reports.Charts;
using SkiaSharp;

namespace AnomalySharp.Reports;

/// <summary>Pictures side by side, and such strips below each other: what pages without a report show.</summary>
public static class PictureStrip
{
    // In the pictures' own pixels, so that it grows with them.
    private const int Gap = 2;

    private const double Brightest = 0.005;

    /// <summary>The pictures as they are, side by side, as a WebP file without losses.</summary>
    /// <param name="pictures">At least one, of the shape <c>[c,h,w]</c>.</param>
    public static byte[] Of(Samples pictures)
    {
        Picture picture = new(pictures.Shape, pictures.Values.Span);
        return Draw(pictures, i => picture.Draw(pictures[i]));
    }

    /// <summary>
    /// The pictures, dimmed, under their heat maps, each on a scale of its own, so that one map with a glaring spot does not leave the others dark:
    /// colours compare places within a picture. The coldest pixel is darkest, and the hottest half percent of the pixels are brightest.
    /// </summary>
    /// <param name="pictures">At least one, of the shape <c>[c,h,w]</c>.</param>
    /// <param name="maps">Their heat maps, of the shape <c>[1,h,w]</c>.</param>
    public static byte[] HeatMaps(Samples pictures, Samples maps)
    {
        Picture picture = new(pictures.Shape, pictures.Values.Span);
        return Draw(pictures, i =>
        {
            float[] map = maps[i].ToArray(), sorted = [.. map.Order()];
            float coldest = sorted[0], hot = sorted[(int)((1 - Brightest) * (sorted.Length - 1))], hottest = hot > coldest ? hot : sorted[^1];
            TensorPrimitives.Subtract(map, coldest, map);
            return picture.DrawHeatMap(pictures[i], map, hottest - coldest);
        });
    }

    /// <summary>Strips below each other, as a PNG file.</summary>
    /// <param name="strips">At least one, as the other methods make them.</param>
    /// <param name="zoom">How many times larger, at least 1; pixels stay sharp squares.</param>
    public static byte[] Stack(IReadOnlyList<byte[]> strips, int zoom)
    {
        SKBitmap[] bitmaps = [.. strips.Select(strip => SKBitmap.Decode(strip))];
        try
        {
            int width = bitmaps.Max(bitmap => bitmap.Width), height = bitmaps.Sum(bitmap => bitmap.Height + Gap) - Gap;
            using SKBitmap sheet = Draw(zoom * width, zoom * height, canvas =>
            {
                canvas.Scale(zoom);
                int top = 0;
                foreach (SKBitmap bitmap in bitmaps)
                {
                    using SKImage image = SKImage.FromBitmap(bitmap);
                    canvas.DrawImage(image, SKRect.Create(0, top, bitmap.Width, bitmap.Height), new SKSamplingOptions(SKFilterMode.Nearest));
                    top += bitmap.Height + Gap;
                }
            });
            using SKData data = sheet.Encode(SKEncodedImageFormat.Png, 100);
            return data.ToArray();
        }
        finally
        {
            foreach (SKBitmap bitmap in bitmaps) bitmap.Dispose();
        }
    }

    private static byte[] Draw(Samples pictures, Func<int, SKBitmap> draw)
    {
        int height = pictures.Shape[1], width = pictures.Shape[2];
        using SKBitmap strip = Draw(pictures.Count * (width + Gap) - Gap, height, canvas =>
        {
            for (int i = 0; i < pictures.Count; i++)
            {
                using SKBitmap bitmap = draw(i);
                canvas.DrawBitmap(bitmap, i * (width + Gap), 0);
            }
        });
        // Quality 100 means without losses.
        using SKData data = strip.Encode(SKEncodedImageFormat.Webp, 100);
        return data.ToArray();
    }

    private static SKBitmap Draw(int width, int height, Action<SKCanvas> draw)
    {
        SKBitmap bitmap = new(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        bitmap.Erase(SKColors.White);
        using SKCanvas canvas = new(bitmap);
        draw(canvas);
        return bitmap;
    }
}
