using AnomalySharp.Data;

namespace AnomalySharp.Benchmarks;

/// <summary>The shuttle data (49,097 rows of 9 columns).</summary>
internal static class Shuttle
{
    public static Samples Read() => DatasetReader.Read(PublicData.File("tabular/shuttle.npz"), new ReadOptions { LabelColumn = "y" }).Samples!;

    /// <summary>The first rows, each column with mean 0 and standard deviation 1: what <c>neighbors.py</c> searches.</summary>
    public static Samples ReadStandardized(int rows)
    {
        Samples samples = Read().Slice(0, rows);
        float[] values = samples.Values.ToArray();
        int width = samples.Shape.Length;
        for (int j = 0; j < width; j++)
        {
            double sum = 0, squares = 0;
            for (int i = j; i < values.Length; i += width) sum += values[i];
            double mean = sum / rows;
            for (int i = j; i < values.Length; i += width) squares += (values[i] - mean) * (values[i] - mean);
            double deviation = Math.Sqrt(squares / rows);
            for (int i = j; i < values.Length; i += width) values[i] = (float)((values[i] - mean) / (deviation > 0 ? deviation : 1));
        }
        return samples.WithValues(values, samples.Shape);
    }
}
