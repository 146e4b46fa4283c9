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
    /// <returns>As many values as the samples have.</returns>
    public static float[] Attribute(Samples samples, ReadOnlyMemory<float> usual, Func<Samples, float[]> score)
    {
        int width = samples.Shape.Length, run = (width + MostRuns - 1) / MostRuns, runs = (width + run - 1) / run;
        float[] attributions = new float[samples.Values.Length], whole = score(samples), changed = new float[2 * runs * width];
        float nothing = score(new Samples(usual, samples.Shape))[0];
        for (int i = 0; i < samples.Count; i++)
        {
            for (int r = 0; r < runs; r++)
            {
                Span<float> without = changed.AsSpan(r * width, width), alone = changed.AsSpan((runs + r) * width, width);
                (int start, int length) = Part(r);
                samples[i].CopyTo(without);
                usual.Span.CopyTo(alone);
                usual.Span.Slice(start, length).CopyTo(without[start..]);
                samples[i].Slice(start, length).CopyTo(alone[start..]);
            }
            float[] scores = score(new Samples(changed, samples.Shape));
            for (int r = 0; r < runs; r++)
            {
                (int start, int length) = Part(r);
                double share = Difference(whole[i], scores[r]) / 2 + Difference(scores[runs + r], nothing) / 2;
                attributions.AsSpan(i * width + start, length).Fill((float)Math.Clamp(share, float.MinValue, float.MaxValue));
            }
        }
        return attributions;

        (int Start, int Length) Part(int r) => (r * run, Math.Min(run, width - r * run));
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
