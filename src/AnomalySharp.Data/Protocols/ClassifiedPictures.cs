using AnomalySharp.Data.Arrays;

namespace AnomalySharp.Data.Protocols;

/// <summary>Pictures of several classes, of which a protocol declares some normal and the others abnormal.</summary>
/// <param name="Pictures">The pictures, without labels; values in 0…1.</param>
/// <param name="Classes">Number of the class of each.</param>
/// <param name="Names">What the classes are called, by their number.</param>
public sealed record ClassifiedPictures(Samples Pictures, IReadOnlyList<byte> Classes, IReadOnlyList<string> Names)
{
    /// <summary>Reads IDX files of pictures (with the file of labels beside each) or CIFAR-10 files, one after the other.</summary>
    /// <exception cref="DataException">A file is missing, damaged, of another kind, or its pictures differ in size.</exception>
    public static ClassifiedPictures Read(IReadOnlyList<string> paths, CancellationToken cancellation = default)
    {
        if (paths.Count == 0) throw new DataException("No files of pictures were given.");
        List<Samples> parts = [];
        List<byte> classes = [];
        bool cifar = false;
        foreach (string path in paths)
        {
            FileKind kind = FileKinds.Of(path, new ReadOptions());
            if (kind is not (FileKind.Idx or FileKind.Cifar)) throw new DataException($"'{path}' has no classes: give IDX or CIFAR-10 files.");
            cifar = kind == FileKind.Cifar;
            byte[] numbers;
            if (cifar) parts.Add(CifarReader.Read(path, out numbers, cancellation));
            else
            {
                parts.Add(IdxReader.Read(path, new ReadOptions(), cancellation).Samples!);
                numbers = IdxReader.ReadClasses(path, parts[^1].Count, cancellation);
            }
            classes.AddRange(numbers);
            if (parts[^1].Shape.Equals(parts[0].Shape)) continue;
            throw new DataException($"The pictures of '{path}' are {parts[^1].Shape}, those of '{paths[0]}' {parts[0].Shape}.");
        }
        float[] values = new float[parts.Sum(part => part.Values.Length)];
        int offset = 0;
        foreach (Samples part in parts)
        {
            part.Values.CopyTo(values.AsMemory(offset));
            offset += part.Values.Length;
        }
        string[] names = cifar
            ? [.. CifarReader.Classes]
            : [.. Enumerable.Range(0, classes.Max() + 1).Select(k => k.ToString(System.Globalization.CultureInfo.InvariantCulture))];
        return new ClassifiedPictures(new Samples(values, parts[0].Shape), classes, names);
    }
}
