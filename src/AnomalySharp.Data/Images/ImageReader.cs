using System.Collections.Concurrent;
using System.Numerics.Tensors;
using System.Runtime.ExceptionServices;

namespace AnomalySharp.Data.Images;

/// <summary>
/// Pictures of a folder and of the folders in it, or one picture. Values are 0…1; where all are grey there is one channel, else three. The folder
/// that a picture lies in is its class, and the video that it is a frame of.
/// </summary>
internal static class ImageReader
{
    private static readonly HashSet<string> Endings = new(StringComparer.OrdinalIgnoreCase) { ".png", ".jpg", ".jpeg", ".webp", ".bmp" };
    private static readonly HashSet<string> NormalFolders = new(StringComparer.OrdinalIgnoreCase) { "normal", "good" };

    public static Dataset Read(string path, ReadOptions options, CancellationToken cancellation)
    {
        bool isFolder = Directory.Exists(path);
        string[] names = isFolder ? FindPictures(path) : [Path.GetFileName(path)];
        string folder = isFolder ? path : Path.GetDirectoryName(path) ?? "";
        Picture?[] pictures = new Picture?[names.Length];
        ConcurrentDictionary<int, DataException> failures = [];
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = Math.Min(2, Environment.ProcessorCount), CancellationToken = cancellation };
        try
        {
            Parallel.For(0, names.Length, parallel, (i, state) =>
            {
                try
                {
                    pictures[i] = Picture.Read(Path.Combine(folder, names[i]), options.ImageSize);
                }
                catch (DataException e)
                {
                    failures[i] = e;
                    if (!options.SkipBad) state.Break();
                }
            });
        }
        catch (AggregateException several)
        {
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
        List<string> notes = [];
        if (!failures.IsEmpty)
        {
            int[] bad = [.. failures.Keys.Order()];
            if (!options.SkipBad) throw failures[bad[0]];
            notes.Add($"{bad.Length} unreadable picture(s) left out: {string.Join(", ", bad.Take(10).Select(i => names[i]))}{(bad.Length > 10 ? ", …" : "")}.");
            int[] good = [.. Enumerable.Range(0, names.Length).Where(i => pictures[i] is not null)];
            if (good.Length == 0) throw new DataException($"None of the {names.Length} pictures in '{path}' can be read. {failures[bad[0]].Message}");
            (names, pictures) = ([.. good.Select(i => names[i])], [.. good.Select(i => pictures[i])]);
        }
        string[]? folders = names.Any(name => name.Contains('/')) ? Array.ConvertAll(names, FolderOf) : null;
        return new Dataset(ToSamples(pictures!, names, path, ClassLabels(names, path, options), "--image-size")) { Source = path, Notes = notes, Series = folders };
    }

    /// <summary>Names of the pictures of a folder and of the folders in it, relative to it, with <c>/</c>, in order: <c>2.png</c> before <c>10.png</c>.</summary>
    /// <exception cref="DataException">There are none, or the folder cannot be read.</exception>
    public static string[] FindPictures(string folder) => FileBytes.Guard(folder, () =>
    {
        string[] names =
        [
            .. Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
                .Where(file => Endings.Contains(Path.GetExtension(file)))
                .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/')).Order(NaturalOrder.Instance),
        ];
        return names.Length > 0 ? names
            : throw new DataException(
                $"The folder '{folder}' holds no pictures (.png, .jpg, .webp, .bmp), nor do the folders in it. Give another one, or a file.");
    });

    /// <summary>Pictures as samples.</summary>
    /// <param name="pictures">The pictures; let go of one by one.</param>
    /// <param name="names">Their names.</param>
    /// <param name="path">Where they are from, for messages.</param>
    /// <param name="labels">Their labels, or null.</param>
    /// <param name="resize">The option that would make them of one size.</param>
    /// <exception cref="DataException">They differ in size, or are too many.</exception>
    public static Samples ToSamples(Picture[] pictures, string[] names, string path, byte[]? labels, string resize)
    {
        Picture first = pictures[0];
        bool grey = true;
        for (int i = 0; i < pictures.Length; i++)
        {
            grey &= pictures[i].IsGrey;
            if (pictures[i].Width == first.Width && pictures[i].Height == first.Height) continue;
            throw new DataException(
                $"The pictures in '{path}' differ in size: '{names[0]}' is {first.Width}x{first.Height}, '{names[i]}' {pictures[i].Width}x{pictures[i].Height}. "
                + $"Resize them all with {resize} WxH, for example {resize} {first.Width}x{first.Height}.");
        }
        SampleShape shape = new(grey ? 1 : 3, first.Height, first.Width);
        if ((long)shape.Length * pictures.Length > Array.MaxLength)
        {
            throw new DataException(
                $"{pictures.Length:N0} pictures of {shape} in '{path}' are more than fit into memory at once. "
                + $"Make them smaller with {resize} WxH.");
        }
        float[] values = new float[shape.Length * pictures.Length];
        for (int i = 0; i < pictures.Length; i++)
        {
            Span<float> target = values.AsSpan(i * shape.Length, shape.Length);
            byte[] planes = pictures[i].Planes;
            for (int start = 0; start < target.Length; start += planes.Length)
            {
                // A grey picture among coloured ones has the same plane three times.
                TensorPrimitives.ConvertTruncating<byte, float>(planes, target.Slice(start, planes.Length));
            }
            pictures[i] = null!;
        }
        TensorPrimitives.Multiply(values, 1f / 255, values);
        return new Samples(values, shape, labels, rowNames: names);
    }

    private static byte[]? ClassLabels(string[] names, string path, ReadOptions options)
    {
        if (options.LabelColumn is null) return null;
        string[] classes = Array.ConvertAll(names, FolderOf);
        int loose = Array.IndexOf(classes, "");
        if (loose >= 0)
        {
            if (options.LabelOptional) return null;
            throw new DataException(
                $"'{names[loose]}' lies in no class folder of '{path}'. "
                + "Put the pictures into folders such as normal/ and anomaly/, or leave out --label.");
        }
        if (options.AnomalyValue is null && classes.Any(NormalFolders.Contains))
        {
            return Array.ConvertAll(classes, name => NormalFolders.Contains(name) ? (byte)0 : (byte)1);
        }
        return new LabelMap(path, options.LabelColumn, options.AnomalyValue).Of(classes);
    }

    private static string FolderOf(string name) => name.IndexOf('/') is int end and >= 0 ? name[..end] : "";
}
