namespace AnomalySharp.Preprocessing;

/// <summary>Extremes, mean and standard deviation of each group of values, accumulated in double precision.</summary>
internal sealed class GroupStatistics(int count)
{
    public float[] Minimum { get; } = Filled(count, float.PositiveInfinity);

    public float[] Maximum { get; } = Filled(count, float.NegativeInfinity);

    public double[] Mean { get; } = new double[count];

    public double[] Deviation { get; } = new double[count];

    /// <summary>Two passes: deviations from a known mean lose nothing where the mean is large against the spread.</summary>
    public static GroupStatistics Of(Samples samples)
    {
        ValueGroups groups = new(samples.Shape);
        GroupStatistics result = new(groups.Count);
        int[] groupOf = new int[samples.Shape.Length];
        for (int j = 0; j < groupOf.Length; j++) groupOf[j] = groups.Of(j);
        double values = (double)samples.Count * (samples.Shape.Length / groups.Count);
        for (int i = 0; i < samples.Count; i++)
        {
            ReadOnlySpan<float> sample = samples[i];
            for (int j = 0; j < sample.Length; j++)
            {
                int g = groupOf[j];
                float value = sample[j];
                result.Mean[g] += value;
                if (value < result.Minimum[g]) result.Minimum[g] = value;
                if (value > result.Maximum[g]) result.Maximum[g] = value;
            }
        }
        for (int g = 0; g < groups.Count; g++) result.Mean[g] /= values;
        for (int i = 0; i < samples.Count; i++)
        {
            ReadOnlySpan<float> sample = samples[i];
            for (int j = 0; j < sample.Length; j++)
            {
                double deviation = sample[j] - result.Mean[groupOf[j]];
                result.Deviation[groupOf[j]] += deviation * deviation;
            }
        }
        for (int g = 0; g < groups.Count; g++) result.Deviation[g] = Math.Sqrt(result.Deviation[g] / values);
        return result;
    }

    private static float[] Filled(int count, float value)
    {
        float[] values = new float[count];
        Array.Fill(values, value);
        return values;
    }
}
