using System.Numerics.Tensors;

namespace AnomalySharp.Data.Arrays;

/// <summary>The binary files of CIFAR-10: per picture one label byte and 3 × 32 × 32 bytes, channels first; scaled to 0…1.</summary>
internal static class CifarReader
{
    private const int Pixels = 3 * 32 * 32, Record = 1 + Pixels;

    private static readonly string[] Classes = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    public static Dataset Read(string path, ReadOptions options, CancellationToken cancellation)
    {
        byte[] file = FileBytes.ReadAll(path, cancellation);
        int count = file.Length / Record;
        if (count == 0 || file.Length % Record != 0)
        {
            throw new DataException(
                $"'{path}' is not a CIFAR-10 file: {file.Length:N0} bytes are not a whole number of pictures of {Record:N0}. Download it again.");
        }
        float[] values = new float[count * Pixels];
        string[] classes = new string[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> record = file.AsSpan(i * Record, Record);
            if (record[0] >= Classes.Length)
            {
                throw new DataException(
                    $"'{path}' is not a CIFAR-10 file: picture {i} has the label {record[0]}, and labels end at 9.");
            }
            classes[i] = Classes[record[0]];
            TensorPrimitives.ConvertTruncating(record[1..], values.AsSpan(i * Pixels, Pixels));
        }
        TensorPrimitives.Multiply(values, 1f / 255, values);
        // A class can be called by its number too.
        string? anomaly = int.TryParse(options.AnomalyValue, out int number) && number is >= 0 and < 10 ? Classes[number] : options.AnomalyValue;
        byte[]? labels = options.LabelColumn is null ? null : new LabelMap(path, options.LabelColumn, anomaly).Of(classes);
        return new Dataset(new Samples(values, new SampleShape(3, 32, 32), labels)) { Source = path };
    }
}
