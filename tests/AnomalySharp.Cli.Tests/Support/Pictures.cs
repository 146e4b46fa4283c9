using SkiaSharp;

namespace AnomalySharp.Cli.Tests.Support;

/// <summary>Folders of small pictures.</summary>
internal static class Pictures
{
    public static void Write(string folder, int count, Func<int, (int Width, int Height)> size)
    {
        Directory.CreateDirectory(folder);
        for (int i = 0; i < count; i++)
        {
            (int width, int height) = size(i);
            using SKBitmap bitmap = new(width, height);
            bitmap.Erase(new SKColor((byte)(i * 37), (byte)(i * 11), 90));
            using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 90);
            File.WriteAllBytes(Path.Combine(folder, $"p{i:0000}.png"), data.ToArray());
        }
    }
}
