using System.Buffers.Binary;
using System.Globalization;
using System.Numerics.Tensors;

namespace AnomalySharp.Data.Arrays;

/// <summary>
/// IDX files, as MNIST and Fashion-MNIST come in: bytes of grey pictures, scaled to 0…1. The labels are in the file beside it that is called the same
/// with <c>labels-idx1</c> for <c>images-idx3</c>.
/// </summary>
internal static class IdxReader
{
    public static Dataset Read(string path, ReadOptions options, CancellationToken cancellation)
    {
        (int[] shape, byte[] file, int offset) = ReadFile(path, cancellation);
        if (shape.Length is not (3 or 4))
        {
            throw new DataException(
                $"'{path}' has {shape.Length} dimensions; pictures have 3 (count, height, width). "
                + "Labels are found by themselves: give the file of pictures.");
        }
        if (shape.Contains(0)) throw new DataException($"'{path}' holds no pictures: its shape is [{string.Join(", ", shape)}].");
        byte[]? labels = options.LabelColumn is null ? null : ReadLabels(path, shape[0], options, cancellation);
        float[] values = new float[file.Length - offset];
        TensorPrimitives.ConvertTruncating<byte, float>(file.AsSpan(offset), values);
        TensorPrimitives.Multiply(values, 1f / 255, values);
        SampleShape sample = shape.Length == 3 ? new SampleShape(1, shape[1], shape[2]) : new SampleShape(shape[1], shape[2], shape[3]);
        return new Dataset(new Samples(values, sample, labels)) { Source = path };
    }

    /// <summary>The class numbers of <paramref name="count"/> pictures, from the file beside theirs.</summary>
    /// <exception cref="DataException">There is no such file, or it does not fit.</exception>
    public static byte[] ReadClasses(string path, int count, CancellationToken cancellation)
    {
        string found = FindLabels(path, out string wanted)
            ?? throw new DataException($"'{path}' has no labels beside it. Put '{wanted}' into the same folder.");
        (int[] shape, byte[] file, int offset) = ReadFile(found, cancellation);
        return shape.Length == 1 && shape[0] == count ? file[offset..] : throw new DataException(
            $"'{found}' has the shape [{string.Join(", ", shape)}]; '{path}' needs {count} labels.");
    }

    private static byte[]? ReadLabels(string path, int count, ReadOptions options, CancellationToken cancellation)
    {
        string? found = FindLabels(path, out _);
        if (found is null && options.LabelOptional) return null;
        byte[] numbers = ReadClasses(path, count, cancellation);
        string[] classes = [.. Enumerable.Range(0, 256).Select(k => k.ToString(CultureInfo.InvariantCulture))];
        return new LabelMap(found!, options.LabelColumn!, options.AnomalyValue).Of(Array.ConvertAll(numbers, k => classes[k]));
    }

    private static string? FindLabels(string path, out string wanted)
    {
        string name = Path.GetFileName(path);
        string sibling = name.Replace("images", "labels", StringComparison.Ordinal)
            .Replace("idx3", "idx1", StringComparison.Ordinal).Replace("idx4", "idx1", StringComparison.Ordinal);
        string folder = Path.GetDirectoryName(path) ?? "";
        // One of the two may have been unpacked.
        string other = sibling.EndsWith(".gz", StringComparison.Ordinal) ? sibling[..^3] : sibling + ".gz";
        wanted = sibling == name ? "…-labels-idx1-ubyte" : sibling;
        return sibling == name ? null : new[] { sibling, other }.Select(file => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
    }

    private static (int[] Shape, byte[] File, int Offset) ReadFile(string path, CancellationToken cancellation)
    {
        byte[] file = FileBytes.ReadAll(path, cancellation);
        if (file.Length < 8 || file[0] != 0 || file[1] != 0) throw new DataException($"'{path}' is not an IDX file. Copy or download it again.");
        if (file[2] != 0x08)
        {
            throw new DataException(
                $"'{path}' holds values of type 0x{file[2]:X2}; only bytes (0x08) are read. Save other arrays as .npz.");
        }
        int[] shape = new int[file[3]];
        int offset = 4 + (4 * shape.Length);
        long length = 1;
        for (int d = 0; d < shape.Length && offset <= file.Length; d++)
        {
            uint extent = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(4 + (4 * d)));
            shape[d] = (int)Math.Min(extent, int.MaxValue);
            // Three extents of 2³¹ would pass the range of long.
            length = Math.Min(length * shape[d], int.MaxValue);
        }
        return length == file.Length - offset ? (shape, file, offset) : throw new DataException(
            $"'{path}' is damaged: its header promises [{string.Join(", ", shape)}], and {Math.Max(0, file.Length - offset):N0} bytes follow. Copy or download it again.");
    }
}
