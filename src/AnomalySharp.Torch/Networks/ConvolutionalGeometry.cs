using AnomalySharp.Networks;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// The geometry that encoder and decoder share: stages of 3×3 convolutions that halve each extent above four (rounding up), and then one dense layer
/// to the code. The decoder walks the same extents back, so its output has exactly the input's size.
/// </summary>
/// <param name="Channels">Channels before the first stage and after each.</param>
/// <param name="Heights">Heights before the first stage and after each.</param>
/// <param name="Widths">Widths before the first stage and after each.</param>
internal sealed record ConvolutionalGeometry(IReadOnlyList<int> Channels, IReadOnlyList<int> Heights, IReadOnlyList<int> Widths)
{
    /// <summary>Channels that the convolutions of libtorch compute at once.</summary>
    public const int ChannelBlock = 16;

    private const int SmallestExtent = 4;

    public int Stages => Channels.Count - 1;

    /// <summary>Values after the last stage.</summary>
    public int Features => Channels[^1] * Heights[^1] * Widths[^1];

    public static ConvolutionalGeometry Of(SampleShape shape, IReadOnlyList<int>? hidden)
    {
        IReadOnlyList<int> stages = hidden ?? AutoencoderArchitecture.DefaultHidden(shape);
        List<int> heights = [shape[1]], widths = [shape[2]];
        foreach (int _ in stages)
        {
            heights.Add(Reduced(heights[^1]));
            widths.Add(Reduced(widths[^1]));
        }
        return new ConvolutionalGeometry([shape[0], .. stages.Select(Filled)], heights, widths);
    }

    /// <summary>
    /// Channels filled up to a multiple of 16. Of other numbers libtorch 2.10 reads the rest of a block from memory that nobody wrote, and multiplies it by 0:
    /// where a NaN lay there before, outputs and gradients become NaN. Pictures of one or three channels are not concerned where they are laid out
    /// channels-last and come from or go to as many as this gives, nor are the first convolutions of up to 16 channels of a sequence.
    /// </summary>
    public static int Filled(int channels) => (channels + ChannelBlock - 1) / ChannelBlock * ChannelBlock;

    /// <summary>The same pictures with their channels last in memory (n, h, w, c under the shape n, c, h, w): libtorch computes in this layout from here on.</summary>
    public static Tensor ChannelsLast(Tensor pictures) => pictures.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    /// <summary>Strides of stage <paramref name="i"/>: 2 where it halves, 1 where the extent is small already.</summary>
    public (long, long) Stride(int i) => (StrideOf(Heights[i]), StrideOf(Widths[i]));

    /// <summary>What a transposed convolution must add below and to the right to give back an even extent that was halved.</summary>
    public (long, long) OutputPadding(int i) => (PaddingOf(Heights[i]), PaddingOf(Widths[i]));

    private static int Reduced(int extent) => extent > SmallestExtent ? (extent + 1) / 2 : extent;

    private static long StrideOf(int extent) => extent > SmallestExtent ? 2 : 1;

    private static long PaddingOf(int extent) => extent > SmallestExtent && extent % 2 == 0 ? 1 : 0;
}
