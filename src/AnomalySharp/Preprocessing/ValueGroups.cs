namespace AnomalySharp.Preprocessing;

/// <summary>
/// Which values of a sample measure the same thing: each feature of a row, each d of a window <c>[t,d]</c>, each channel of a picture or of a clip.
/// </summary>
internal readonly struct ValueGroups(SampleShape shape)
{
    // Enough for quantiles to within 0.2 % of rank, and quick to sort.
    private const int MostValues = 1 << 16;

    private readonly int _plane = shape.Rank >= 3 ? shape[shape.Rank - 2] * shape[shape.Rank - 1] : 1;

    /// <summary>Number of groups.</summary>
    public int Count { get; } = shape.Rank >= 3 ? shape[shape.Rank - 3] : shape[shape.Rank - 1];

    /// <summary>Group of value <paramref name="i"/> of a sample.</summary>
    public int Of(int i) => i / _plane % Count;

    /// <summary>The values of a group in rising order; of very many, evenly spaced ones.</summary>
    public float[] SortedValues(Samples samples, int group)
    {
        int perSample = samples.Shape.Length / Count;
        long available = (long)perSample * samples.Count;
        int taken = (int)Math.Min(available, MostValues);
        float[] values = new float[taken];
        for (int i = 0; i < taken; i++)
        {
            (long sample, long k) = Math.DivRem(i * available / taken, perSample);
            long within = k / _plane * _plane * Count + group * _plane + k % _plane;
            values[i] = samples[(int)sample][(int)within];
        }
        Array.Sort(values);
        return values;
    }
}
