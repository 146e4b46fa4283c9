using AnomalySharp.Persistence;
using SkiaSharp;

namespace AnomalySharp.Data.Images;

/// <summary>Writes samples of shape <c>[1,h,w]</c> or <c>[3,h,w]</c> as PNG files: values from 0 to 1, others cut off there.</summary>
public static class PictureWriter
{
    private const int Gap = 2;

    /// <summary>Whether samples of <paramref name="shape"/> are pictures that can be written: grey or coloured.</summary>
    public static bool CanWrite(SampleShape shape) => shape.Rank == 3 && shape[0] is 1 or 3;

    /// <summary>Writes one sample.</summary>
    /// <exception cref="AnomalySharpException">The folder is missing or not writable, or the disk is full.</exception>
    public static void Write(string path, Samples samples, int index) => Save(path, samples.Shape[2], samples.Shape[1], bitmap => Draw(bitmap, samples, index, 0, 0));

    /// <summary>Writes all samples side by side, row after row.</summary>
    /// <param name="path">The file.</param>
    /// <param name="samples">At least one.</param>
    /// <param name="columns">Pictures per row, at least 1.</param>
    /// <exception cref="AnomalySharpException">The sheet is too large to draw, the folder is missing or not writable, or the disk is full.</exception>
    public static void WriteSheet(string path, Samples samples, int columns)
    {
        int wide = samples.Shape[2] + Gap, high = samples.Shape[1] + Gap, across = Math.Min(columns, samples.Count), rows = (samples.Count + columns - 1) / columns;
        Save(path, across * wide - Gap, rows * high - Gap, bitmap =>
        {
            bitmap.Erase(SKColors.White);
            for (int i = 0; i < samples.Count; i++) Draw(bitmap, samples, i, i % columns * wide, i / columns * high);
        });
    }

    private static void Save(string path, int width, int height, Action<SKBitmap> draw)
    {
        using SKBitmap bitmap = new();
        if (!bitmap.TryAllocPixels(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque)))
        {
            throw new AnomalySharpException($"A picture of {width}x{height} for '{path}' is too large to draw. Make fewer.");
        }
        draw(bitmap);
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        AtomicFile.Write(path, stream => data.SaveTo(stream));
    }

    private static unsafe void Draw(SKBitmap bitmap, Samples samples, int index, int left, int top)
    {
        ReadOnlySpan<float> values = samples[index];
        int height = samples.Shape[1], width = samples.Shape[2], plane = samples.Shape[0] == 3 ? height * width : 0;
        for (int y = 0; y < height; y++)
        {
            Span<byte> line = new((byte*)bitmap.GetAddress(left, top + y), 4 * width);
            for (int x = 0; x < width; x++)
            {
                int pixel = y * width + x;
                for (int channel = 0; channel < 3; channel++) line[4 * x + channel] = (byte)MathF.Round(255 * Math.Clamp(values[channel * plane + pixel], 0, 1));
                line[4 * x + 3] = 255;
            }
        }
    }
}
