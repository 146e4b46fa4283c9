namespace AnomalySharp.Torch.Networks;

/// <summary>
/// Extents of a picture on its way through the stages of an adversarial network: each stage halves (rounding down) the sides that are at least 8
/// long, so that 64, 32 and 28 pixels end at 4, 4 and 7; a generator walks the same extents back. At least one stage, also where nothing is left to
/// halve.
/// </summary>
/// <param name="Heights">Heights before the first stage and after each.</param>
/// <param name="Widths">Widths before the first stage and after each.</param>
internal sealed record HalvingGeometry(IReadOnlyList<int> Heights, IReadOnlyList<int> Widths)
{
    private const int SmallestHalved = 8;

    public int Stages => Heights.Count - 1;

    /// <summary>Pixels after the last stage.</summary>
    public int SmallestArea => Heights[^1] * Widths[^1];

    public static HalvingGeometry Of(SampleShape shape)
    {
        List<int> heights = [shape[1]], widths = [shape[2]];
        do
        {
            heights.Add(heights[^1] >= SmallestHalved ? heights[^1] / 2 : heights[^1]);
            widths.Add(widths[^1] >= SmallestHalved ? widths[^1] / 2 : widths[^1]);
        }
        while (Math.Max(heights[^1], widths[^1]) >= SmallestHalved);
        return new HalvingGeometry(heights, widths);
    }

    /// <summary>Strides of stage <paramref name="i"/>: 2 where it halves.</summary>
    public (long Down, long Right) Stride(int i) => (Heights[i] == Heights[i + 1] ? 1 : 2, Widths[i] == Widths[i + 1] ? 1 : 2);

    /// <summary>
    /// Kernel of a convolution with padding 1 and these strides that gives exactly these extents: 4 where it halves, 3 where it does not.
    /// </summary>
    public (long Down, long Right) Kernel(int i) => (Stride(i).Down + 2, Stride(i).Right + 2);

    /// <summary>What a transposed convolution adds below and to the right to give back an odd extent.</summary>
    public (long Down, long Right) OutputPadding(int i) =>
        (Heights[i] - (Stride(i).Down * Heights[i + 1]), Widths[i] - (Stride(i).Right * Widths[i + 1]));
}
