using AnomalySharp.Networks;

namespace AnomalySharp.Detectors.Reconstruction;

/// <summary>What the units of a code do over samples: one that does not vary says nothing.</summary>
/// <param name="Means">Mean of each unit.</param>
/// <param name="Variances">Variance of each unit.</param>
internal sealed record CodeMoments(double[] Means, double[] Variances)
{
    private const int Block = 256;

    /// <summary>Of the first <paramref name="units"/> outputs.</summary>
    public static CodeMoments Of(Network encoder, Samples samples, int units)
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
        double[] means = [.. sums.Select(sum => sum / samples.Count)];
        return new CodeMoments(means, [.. squares.Select((square, j) => square / samples.Count - means[j] * means[j])]);
    }
}
