using System.Numerics.Tensors;

namespace AnomalySharp.Data.Arrays;

/// <summary>The binary files of CIFAR-10: per picture one label byte and 3 × 32 × 32 bytes, channels first; scaled to 0…1.</summary>
internal static class CifarReader
{
    private const int Pixels = 3 * 32 * 32, Record = 1 + Pixels;

    /// <summary>Names of the classes, by their number.</summary>
    public static readonly IReadOnlyList<string> Classes = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    public static Dataset Read(string path, ReadOptions options, CancellationToken cancellation)
    {
        Samples pictures = Read(path, out byte[] numbers, cancellation);
        // A class can be called by its number too.
        string? anomaly = int.TryParse(options.AnomalyValue, out int number) && number is >= 0 and < 10 ? Classes[number] : options.AnomalyValue;
        byte[]? labels = options.LabelColumn is null
            ? null
            : new LabelMap(path, options.LabelColumn, anomaly).Of(Array.ConvertAll(numbers, k => Classes[k]));
        return new Dataset(pictures.WithLabels(labels)) { Source = path };
    }

    /// <summary>The pictures, and the number of the class of each.</summary>
    /// <exception cref="DataException">It is not such a file.</exception>
    public static Samples Read(string path, out byte[] numbers, CancellationToken cancellation)
    {
        byte[] file = FileBytes.ReadAll(path, cancellation);
        int count = file.Length / Record;
        if (count == 0 || file.Length % Record != 0)
        {
            throw new DataException(
                $"'{path}' is not a CIFAR-10 file: {file.Length:N0} bytes are not a whole number of pictures of {Record:N0}. Download it again.");
        }
        float[] values = new float[count * Pixels];
        numbers = new byte[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> record = file.AsSpan(i * Record, Record);
            if (record[0] >= Classes.Count)
            {
                throw new DataException(
                    $"'{path}' is not a CIFAR-10 file: picture {i} has the label {record[0]}, and labels end at 9.");
            }
            numbers[i] = record[0];
            TensorPrimitives.ConvertTruncating(record[1..], values.AsSpan(i * Pixels, Pixels));
        }
        TensorPrimitives.Multiply(values, 1f / 255, values);
        return new Samples(values, new SampleShape(3, 32, 32));
    }
}
