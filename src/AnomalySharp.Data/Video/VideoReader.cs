using AnomalySharp.Data.Images;

namespace AnomalySharp.Data.Video;

/// <summary>
/// Frames of a video, or of all videos of a folder in the order of their names: raw bytes where the size of frames is given and the ending is none of a video's,
/// everything else through ffmpeg. Values are 0…1; where all are grey there is one channel, else three. Each video is a series of its own.
/// </summary>
internal static class VideoReader
{
    private static readonly HashSet<string> Videos = new(StringComparer.OrdinalIgnoreCase)
    {
        ".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".flv", ".ogv", ".3gp", ".mts", ".m2ts", ".y4m",
    };

    private static readonly HashSet<string> RawEndings = new(StringComparer.OrdinalIgnoreCase) { ".gz", ".u8", ".raw", ".gray", ".grey", ".rgb", ".bin" };

    /// <summary>Whether the path is a video or raw frames, or a folder of them.</summary>
    public static bool IsVideo(string path, ReadOptions options) => Directory.Exists(path) ? Find(path, options).Length > 0
        : File.Exists(path) && (HasEndingOfVideo(path) || options.Frame is not null);

    public static Dataset Read(string path, ReadOptions options, CancellationToken cancellation)
    {
        string[] files = Directory.Exists(path) ? Find(path, options) : [path];
        if (options.LabelColumn is not null && !options.LabelOptional)
        {
            throw new DataException($"Frames of '{path}' have no column '{options.LabelColumn}'. Name a file with a label for each frame with --labels.");
        }
        List<Picture> frames = [];
        List<string> names = [], series = [];
        foreach (string file in files)
        {
            string video = Path.GetFileName(file);
            int before = frames.Count;
            foreach (Picture frame in HasEndingOfVideo(file) ? Ffmpeg.Frames(file, options, cancellation) : RawFrames.Read(file, options, cancellation))
            {
                names.Add($"{video}/{frames.Count - before}");
                series.Add(video);
                frames.Add(frame);
            }
        }
        Samples samples = ImageReader.ToSamples([.. frames], [.. names], path, labels: null, "--frame");
        // Of a single video a number says enough.
        if (files.Length == 1) samples = new Samples(samples.Values, samples.Shape);
        return new Dataset(samples) { Source = path, Series = series };
    }

    private static bool HasEndingOfVideo(string path) => Videos.Contains(Path.GetExtension(path));

    private static string[] Find(string folder, ReadOptions options) => FileBytes.Guard(folder, () => (string[])
    [
        .. Directory.EnumerateFiles(folder)
            .Where(file => HasEndingOfVideo(file) || (options.Frame is not null && RawEndings.Contains(Path.GetExtension(file))))
            .Order(NaturalOrder.Instance),
    ]);
}
