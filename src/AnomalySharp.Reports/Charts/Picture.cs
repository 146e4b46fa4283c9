using System.Numerics.Tensors;
using ScottPlot.Colormaps;
using SkiaSharp;

namespace AnomalySharp.Reports.Charts;

/// <summary>
/// Turns samples of shape <c>[c,h,w]</c> into PNG files: three channels are red, green, blue; of any other number the mean is shown in grey.
/// </summary>
internal sealed class Picture
{
    // Twice the largest size at which a page shows one; more would only make the file larger.
    private const int LongestSide = 224;

    private static readonly ScottPlot.Color[] Palette = [.. Enumerable.Range(0, 256).Select(i => new Inferno().GetColor(i / 255.0))];

    private readonly int _channels, _sourceWidth, _sourceHeight;
    private readonly float _low, _scale;

    /// <summary>Pixels across, in the file.</summary>
    public int Width { get; }

    /// <summary>Pixels down, in the file.</summary>
    public int Height { get; }

    /// <summary>Whether pixels should stay sharp squares when shown larger.</summary>
    public bool IsSmall => _sourceWidth <= 64 && _sourceHeight <= 64;

    /// <param name="shape">Shape of every picture.</param>
    /// <param name="all">Values of all of them, which decide what is black and what is white.</param>
    public Picture(SampleShape shape, ReadOnlySpan<float> all)
    {
        (_channels, _sourceHeight, _sourceWidth) = (shape[0], shape[1], shape[2]);
        double shrink = Math.Min(1, (double)LongestSide / Math.Max(_sourceWidth, _sourceHeight));
        (Width, Height) = (Math.Max(1, (int)Math.Round(_sourceWidth * shrink)), Math.Max(1, (int)Math.Round(_sourceHeight * shrink)));
        float low = all.IsEmpty ? 0 : TensorPrimitives.Min(all), high = all.IsEmpty ? 1 : TensorPrimitives.Max(all);
        // The usual ranges are kept, so that a dark picture stays dark.
        (_low, high) = low >= 0 && high <= 1 ? (0, 1) : low >= 0 && high <= 255 ? (0, 255) : (low, high);
        _scale = 255 / Math.Max(high - _low, float.Epsilon);
    }

    /// <summary>One picture as it is.</summary>
    public byte[] Png(ReadOnlySpan<float> values)
    {
        using SKBitmap bitmap = Draw(values);
        return Encode(bitmap);
    }

    /// <summary>One picture, dimmed, under its heat map, scaled to the map's own maximum.</summary>
    public byte[] HeatMapPng(ReadOnlySpan<float> values, ReadOnlySpan<float> map)
    {
        using SKBitmap bitmap = DrawHeatMap(values, map, TensorPrimitives.Max(map));
        return Encode(bitmap);
    }

    /// <summary>One picture, dimmed, under its heat map, in the pixels that it has.</summary>
    /// <param name="values">The picture.</param>
    /// <param name="map">One value per pixel.</param>
    /// <param name="hottest">The value that gets the brightest colour; higher ones get it too.</param>
    public SKBitmap DrawHeatMap(ReadOnlySpan<float> values, ReadOnlySpan<float> map, float hottest)
    {
        SKBitmap bitmap = Draw(values);
        Span<byte> pixels = bitmap.GetPixelSpan();
        for (int i = 0; i < map.Length; i++)
        {
            float share = hottest > 0 ? Math.Clamp(map[i] / hottest, 0, 1) : 0;
            ScottPlot.Color color = Palette[(int)(share * (Palette.Length - 1))];
            // Even the coldest place hides most of the picture, so that bright pixels are not taken for hot ones.
            float cover = 0.72f + (0.23f * share);
            Span<byte> pixel = pixels.Slice(i * 4, 3);
            pixel[0] = Mix(pixel[0], color.R, cover);
            pixel[1] = Mix(pixel[1], color.G, cover);
            pixel[2] = Mix(pixel[2], color.B, cover);
        }
        return bitmap;
    }

    private static byte Mix(byte under, byte over, float cover) => (byte)((under * (1 - cover)) + (over * cover));

    /// <summary>One picture as it is, in the pixels that it has.</summary>
    public SKBitmap Draw(ReadOnlySpan<float> values)
    {
        SKBitmap bitmap = new(_sourceWidth, _sourceHeight, SKColorType.Rgba8888, SKAlphaType.Opaque);
        Span<byte> pixels = bitmap.GetPixelSpan();
        int area = _sourceWidth * _sourceHeight;
        for (int i = 0; i < area; i++)
        {
            float grey = 0;
            for (int c = 0; c < _channels && _channels != 3; c++) grey += values[(c * area) + i] / _channels;
            for (int c = 0; c < 3; c++)
            {
                float value = _channels == 3 ? values[(c * area) + i] : grey;
                pixels[(i * 4) + c] = (byte)Math.Clamp(((value - _low) * _scale) + 0.5f, 0, 255);
            }
            pixels[(i * 4) + 3] = 255;
        }
        return bitmap;
    }

    private byte[] Encode(SKBitmap bitmap)
    {
        using SKBitmap? smaller = bitmap.Width == Width && bitmap.Height == Height ? null
            : bitmap.Resize(new SKImageInfo(Width, Height), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        using SKData data = (smaller ?? bitmap).Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }
}
