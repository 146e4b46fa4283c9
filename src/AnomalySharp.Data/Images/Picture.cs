using SkiaSharp;

namespace AnomalySharp.Data.Images;

/// <summary>A decoded picture: red, green and blue bytes, one plane after the other.</summary>
internal sealed record Picture(int Width, int Height, byte[] Planes, bool IsGrey)
{
    // A gigabyte of pixels. A header of a few bytes can promise any size.
    private const long MostPixels = 1 << 28;

    /// <summary>Decodes a file.</summary>
    /// <param name="path">A PNG, JPEG, WebP or BMP.</param>
    /// <param name="size">What to resize it to, or null.</param>
    /// <exception cref="DataException">It cannot be decoded.</exception>
    public static Picture Read(string path, (int Width, int Height)? size)
    {
        byte[] file = FileBytes.Guard(path, () => File.ReadAllBytes(path));
        using MemoryStream stream = new(file);
        using SKCodec? codec = SKCodec.Create(stream);
        if (codec is null) throw Unreadable(path, "it is not a picture of a known kind");
        if ((long)codec.Info.Width * codec.Info.Height > MostPixels)
        {
            throw Unreadable(path, $"{codec.Info.Width}x{codec.Info.Height} is more than the {MostPixels:N0} pixels that are decoded");
        }
        // Transparency is not composed onto anything: the colours are taken as they stand.
        SKImageInfo info = new(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        using SKBitmap bitmap = new();
        if (!bitmap.TryAllocPixels(info)) throw Unreadable(path, $"{info.Width}x{info.Height} pixels do not fit into memory");
        SKCodecResult result = codec.GetPixels(info, bitmap.GetPixels());
        if (result != SKCodecResult.Success) throw Unreadable(path, result == SKCodecResult.IncompleteInput ? "it is cut off" : $"its pixels are damaged ({result})");
        if (size is not (int width, int height) || (width, height) == (info.Width, info.Height)) return FromPixels(bitmap);
        using SKBitmap resized = bitmap.Resize(info.WithSize(width, height), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear))
            ?? throw Unreadable(path, $"it cannot be resized to {width}x{height}");
        return FromPixels(resized);
    }

    private static Picture FromPixels(SKBitmap bitmap)
    {
        return FromPixels(bitmap.Width, bitmap.Height, bitmap.GetPixelSpan(), 4);
    }

    /// <summary>A picture from the values of one pixel after the other.</summary>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    /// <param name="pixels">Row after row.</param>
    /// <param name="each">Values of a pixel: 1, grey; 3 or more, of which the first are red, green and blue.</param>
    public static Picture FromPixels(int width, int height, ReadOnlySpan<byte> pixels, int each)
    {
        int count = width * height;
        if (each == 1) return new Picture(width, height, pixels.ToArray(), IsGrey: true);
        byte[] planes = new byte[3 * count];
        Span<byte> red = planes.AsSpan(0, count), green = planes.AsSpan(count, count), blue = planes.AsSpan(2 * count);
        for (int i = 0; i < count; i++)
        {
            red[i] = pixels[each * i];
            green[i] = pixels[(each * i) + 1];
            blue[i] = pixels[(each * i) + 2];
        }
        bool grey = red.SequenceEqual(green) && red.SequenceEqual(blue);
        return new Picture(width, height, grey ? planes[..count] : planes, grey);
    }

    private static DataException Unreadable(string path, string why) =>
        new($"The picture '{path}' cannot be read: {why}. Replace or remove it, or leave unreadable pictures out with --skip-bad.");
}
