using System.Globalization;
using System.Text;
using AnomalySharp.Persistence;

namespace AnomalySharp.Data;

/// <summary>Writes samples as a <c>.csv</c> table: one line per sample, one column per value, under the names of the features.</summary>
public static class SampleWriter
{
    /// <summary>Writes all samples, whole or not at all.</summary>
    /// <exception cref="AnomalySharpException">The folder is missing or not writable, or the disk is full.</exception>
    public static void Write(string path, Samples samples) => AtomicFile.Write(path, stream =>
    {
        using StreamWriter writer = new(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true);
        int width = samples.Shape.Length;
        writer.Write(string.Join(',', Enumerable.Range(0, width).Select(j => Quoted(samples.FeatureName(j)))));
        writer.Write('\n');
        for (int i = 0; i < samples.Count; i++)
        {
            ReadOnlySpan<float> row = samples[i];
            for (int j = 0; j < width; j++)
            {
                if (j > 0) writer.Write(',');
                writer.Write(row[j].ToString(CultureInfo.InvariantCulture));
            }
            writer.Write('\n');
        }
    });

    private static string Quoted(string name) =>
        name.AsSpan().IndexOfAny(",\"\r\n") < 0 ? name : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
