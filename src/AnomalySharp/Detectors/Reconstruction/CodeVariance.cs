using AnomalySharp.Networks;

namespace AnomalySharp.Detectors.Reconstruction;

/// <summary>How much the units of a code vary from sample to sample: one that does not vary says nothing.</summary>
internal static class CodeVariance
{
    private const int Block = 256;

    /// <summary>Units of the first <paramref name="units"/> whose variance over the samples is greater than <paramref name="least"/>.</summary>
    public static int CountAbove(double least, Network encoder, Samples samples, int units)
    {
        int width = samples.Shape.Length, outputs = encoder.OutputSize;
        double[] sums = new double[units], squares = new double[units];
        float[] codes = new float[Math.Min(Block, samples.Count) * outputs];
        for (int start = 0; start < samples.Count; start += Block)
        {
            int rows = Math.Min(Block, samples.Count - start);
            encoder.Infer(samples.Values.Span.Slice(start * width, rows * width), rows, codes);
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < units; j++)
                {
                    double value = codes[i * outputs + j];
                    sums[j] += value;
                    squares[j] += value * value;
                }
            }
        }
        return Enumerable.Range(0, units).Count(j => squares[j] / samples.Count - Math.Pow(sums[j] / samples.Count, 2) > least);
    }
}
