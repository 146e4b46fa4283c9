using AnomalySharp.Data.Images;

namespace AnomalySharp.Data.Video;

/// <summary>Frames as nothing but their bytes, one after the other, gzipped or not: grey, or red, green and blue of each pixel.</summary>
internal static class RawFrames
{
    /// <summary>The frames of a file, of the size that <see cref="ReadOptions.Frame"/> says; grey where it does not say channels.</summary>
    /// <exception cref="DataException">The file cannot be read, or is no whole number of frames.</exception>
    public static IEnumerable<Picture> Read(string path, ReadOptions options, CancellationToken cancellation)
    {
        (int width, int height, int? given) = options.Frame!.Value;
        int channels = given ?? 1, size = checked(width * height * channels);
        byte[] bytes = FileBytes.ReadAll(path, cancellation);
        if (bytes.Length == 0 || bytes.Length % size != 0)
        {
            throw new DataException(
                $"'{path}' holds {bytes.Length:N0} bytes, and a frame of {width}x{height}x{channels} has {size:N0}: that is no whole number of frames. "
                + "Give their true size with --frame WxH for grey ones, WxHx3 for coloured ones.");
        }
        for (int start = 0; start < bytes.Length; start += size) yield return Picture.FromPixels(width, height, bytes.AsSpan(start, size), channels);
    }
}
