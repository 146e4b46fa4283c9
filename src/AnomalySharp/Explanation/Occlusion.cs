namespace AnomalySharp.Explanation;

/// <summary>
/// Attribution for scores that do not fall into parts by themselves: the mean of how much lower the score of a sample is once a value is replaced
/// by its usual one (Zeiler and Fergus, ECCV 2014), and how much higher that of the usual sample is once it has the value.
/// </summary>
/// <remarks>
/// The two are the first and the last term of a Shapley value, the others being as many as there are subsets of values. The first alone finds
/// nothing where several values are wrong and one of them is enough for the score.
/// </remarks>
internal static class Occlusion
{
    /// <summary>Long samples are occluded in so many runs of neighbouring values at most.</summary>
    private const int MostRuns = 256;

    /// <summary>What every value adds to the score of its sample; negative where it makes the sample look usual.</summary>
    /// <param name="samples">Samples to explain.</param>
    /// <param name="usual">What values are replaced by: one sample.</param>
    /// <param name="score">One score per sample.</param>
    /// <param name="parts">For each value of a sample the part, counted from 0, that is occluded at once; null: runs of neighbouring values.</param>
    /// <returns>As many values as the samples have.</returns>
    public static float[] Attribute(Samples samples, ReadOnlyMemory<float> usual, Func<Samples, float[]> score, int[]? parts = null)
    {
        int width = samples.Shape.Length;
        Range[][] ranges = Ranges(parts, width);
        int runs = ranges.Length;
        float[] attributions = new float[samples.Values.Length], whole = score(samples), changed = new float[2 * runs * width];
        float nothing = score(new Samples(usual, samples.Shape))[0];
        for (int i = 0; i < samples.Count; i++)
        {
            for (int r = 0; r < runs; r++)
            {
                Span<float> without = changed.AsSpan(r * width, width), alone = changed.AsSpan((runs + r) * width, width);
                samples[i].CopyTo(without);
                usual.Span.CopyTo(alone);
                foreach (Range range in ranges[r])
                {
                    usual.Span[range].CopyTo(without[range]);
                    samples[i][range].CopyTo(alone[range]);
                }
            }
            float[] scores = score(new Samples(changed, samples.Shape));
            for (int r = 0; r < runs; r++)
            {
                double share = Difference(whole[i], scores[r]) / 2 + Difference(scores[runs + r], nothing) / 2;
                Span<float> row = attributions.AsSpan(i * width, width);
                foreach (Range range in ranges[r]) row[range].Fill((float)Math.Clamp(share, float.MinValue, float.MaxValue));
            }
        }
        return attributions;
    }

    /// <summary>For every part the ranges of values that it consists of.</summary>
    private static Range[][] Ranges(int[]? parts, int width)
    {
        int run = (width + MostRuns - 1) / MostRuns;
        List<Range>[] ranges = [.. Enumerable.Range(0, 1 + (parts?.Max() ?? (width - 1) / run)).Select(_ => new List<Range>())];
        for (int start = 0, end; start < width; start = end)
        {
            int part = PartOf(start);
            for (end = start + 1; end < width && PartOf(end) == part; end++) { }
            ranges[part].Add(start..end);
        }
        return [.. ranges.Select(one => one.ToArray())];

        int PartOf(int j) => parts is null ? j / run : parts[j];
    }

    /// <summary>The mean of every value over the samples.</summary>
    public static float[] Mean(Samples samples)
    {
        int width = samples.Shape.Length;
        double[] sums = new double[width];
        for (int i = 0; i < samples.Count; i++)
        {
            ReadOnlySpan<float> sample = samples[i];
            for (int j = 0; j < width; j++) sums[j] += sample[j];
        }
        return [.. sums.Select(sum => (float)(sum / samples.Count))];
    }

    /// <summary>Finite also where scores are beyond float32: what two such samples differ by is not known.</summary>
    private static double Difference(float more, float less)
    {
        double difference = Math.Clamp((double)more, float.MinValue, float.MaxValue) - Math.Clamp((double)less, float.MinValue, float.MaxValue);
        return double.IsNaN(difference) ? 0 : difference;
    }
}
