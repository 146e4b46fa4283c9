using AnomalySharp.Data.Images;

namespace AnomalySharp.Data.Video;

/// <summary>Pictures in the forms PGM (<c>P5</c>, grey) and PPM (<c>P6</c>, coloured) of one byte a value, one after the other.</summary>
internal static class PortableMap
{
    // A gigabyte of pixels, as of other pictures. A header of a few bytes can promise any size.
    private const int MostPixels = 1 << 28;

    /// <summary>The next picture; null at the end.</summary>
    /// <exception cref="DataException">It is none, or is cut off.</exception>
    public static Picture? Read(Stream stream, string source)
    {
        int first = stream.ReadByte();
        if (first < 0) return null;
        int kind = stream.ReadByte();
        if (first != 'P' || kind is not ('5' or '6')) throw Damaged(source, "it begins with neither P5 nor P6");
        (int width, int height, int most) = (Number(stream, source), Number(stream, source), Number(stream, source));
        if (most != 255 || width == 0 || height == 0 || (long)width * height > MostPixels)
        {
            throw Damaged(source, $"its size is {width}x{height}, and its greatest value {most}");
        }
        int channels = kind == '5' ? 1 : 3;
        byte[] pixels = new byte[width * height * channels];
        if (stream.ReadAtLeast(pixels, pixels.Length, throwOnEndOfStream: false) < pixels.Length) throw Damaged(source, "it is cut off");
        return Picture.FromPixels(width, height, pixels, channels);
    }

    private static int Number(Stream stream, string source)
    {
        int next = stream.ReadByte();
        while (next is ' ' or '\n' or '\r' or '\t') next = stream.ReadByte();
        long number = 0;
        for (; next is >= '0' and <= '9'; next = stream.ReadByte()) number = Math.Min((number * 10) + next - '0', int.MaxValue);
        // One white space ends a number; after the last one come the pixels.
        return next is ' ' or '\n' or '\r' or '\t' ? (int)number : throw Damaged(source, "its heading holds no numbers");
    }

    private static DataException Damaged(string source, string why) => new($"A frame of '{source}' cannot be read: {why}. Convert the video, or update ffmpeg.");
}
