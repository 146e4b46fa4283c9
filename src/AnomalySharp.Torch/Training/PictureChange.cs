namespace AnomalySharp.Torch.Training;

/// <summary>What random changes of pictures are drawn from; the probabilities are SimCLR's (its appendix A).</summary>
/// <param name="SmallestCrop">Least share of the picture's area that a crop keeps; the greatest is 1.</param>
/// <param name="Jitter">Strength s of colour jitter: brightness, contrast and saturation change by up to 0.8·s, the hue by up to 0.2·s turns.</param>
internal sealed record PictureChangeRanges(double SmallestCrop, double Jitter)
{
    public const double FlipShare = 0.5, JitterShare = 0.8, GrayShare = 0.2, WidestAspect = 4.0 / 3;
}

/// <summary>One change: a part of the picture, brought to the size of the whole and perhaps flipped, with other colours.</summary>
internal sealed record PictureChange
{
    /// <summary>What is cut out, in pixels: top, left, height, width.</summary>
    public required (double Top, double Left, double Height, double Width) Crop { get; init; }

    /// <summary>Whether left and right are exchanged.</summary>
    public bool Flip { get; init; }

    /// <summary>Factors, and a part of a turn of the hue; null: colours stay as they are.</summary>
    public (float Brightness, float Contrast, float Saturation, float Hue)? Colors { get; init; }

    /// <summary>Whether a picture of three channels becomes grey.</summary>
    public bool Gray { get; init; }

    /// <summary>The change that changes nothing.</summary>
    public static PictureChange None(SampleShape shape) => new() { Crop = (0, 0, shape[1], shape[2]) };

    /// <summary>A random one. Crops that would be longer than the picture are cut to it.</summary>
    public static PictureChange Draw(PictureChangeRanges ranges, SampleShape shape, Random random)
    {
        double area = Between(ranges.SmallestCrop, 1) * shape[1] * shape[2], widest = Math.Log(PictureChangeRanges.WidestAspect);
        double aspect = Math.Exp(Between(-widest, widest));
        double height = Math.Min(Math.Sqrt(area / aspect), shape[1]), width = Math.Min(Math.Sqrt(area * aspect), shape[2]);
        double strong = 0.8 * ranges.Jitter, turn = 0.2 * ranges.Jitter;
        return new PictureChange
        {
            Crop = (Between(0, shape[1] - height), Between(0, shape[2] - width), height, width),
            Flip = random.NextDouble() < PictureChangeRanges.FlipShare,
            Colors = random.NextDouble() < PictureChangeRanges.JitterShare ? (Factor(), Factor(), Factor(), (float)Between(-turn, turn)) : null,
            Gray = random.NextDouble() < PictureChangeRanges.GrayShare,
        };

        double Between(double low, double high) => low + (random.NextDouble() * (high - low));

        float Factor() => (float)Between(Math.Max(0, 1 - strong), 1 + strong);
    }

    /// <summary>Writes the changed picture.</summary>
    /// <param name="picture">Values in −1 to 1, <c>[c,h,w]</c>; others are cut to that where colours change.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="changed">Receives as many values.</param>
    public void Apply(ReadOnlySpan<float> picture, SampleShape shape, Span<float> changed)
    {
        int plane = shape[1] * shape[2];
        for (int c = 0; c < shape[0]; c++) Cut(picture.Slice(c * plane, plane), shape[1], shape[2], changed.Slice(c * plane, plane));
        bool colored = shape[0] == 3;
        if (Colors is { } factors)
        {
            foreach (ref float value in changed) value = Math.Clamp((value + 1) / 2 * factors.Brightness, 0, 1);
            Contrast(changed, colored ? plane : 0, factors.Contrast);
            if (colored) Recolor(changed, factors.Saturation, factors.Hue);
            foreach (ref float value in changed) value = (2 * value) - 1;
        }
        // No saturation: the luminance in all channels.
        if (Gray && colored) Recolor(changed, 0, 0, low: -1);
    }

    /// <summary>Bilinear, beyond the border the border's pixels.</summary>
    private void Cut(ReadOnlySpan<float> channel, int height, int width, Span<float> target)
    {
        for (int y = 0; y < height; y++)
        {
            (int above, int below, float down) = At(Crop.Top, Crop.Height, y, height);
            for (int x = 0; x < width; x++)
            {
                (int left, int right, float across) = At(Crop.Left, Crop.Width, Flip ? width - 1 - x : x, width);
                float upper = Mix(channel[above * width + left], channel[above * width + right], across);
                target[y * width + x] = Mix(upper, Mix(channel[below * width + left], channel[below * width + right], across), down);
            }
        }

        static (int, int, float) At(double start, double length, int position, int size)
        {
            double at = Math.Clamp(start + ((position + 0.5) * length / size) - 0.5, 0, size - 1);
            int first = (int)at;
            return (first, Math.Min(first + 1, size - 1), (float)(at - first));
        }

        static float Mix(float a, float b, float share) => share == 0 ? a : a + ((b - a) * share);
    }

    /// <summary>Differences from the mean luminance grow by the factor.</summary>
    /// <param name="values">In 0 to 1.</param>
    /// <param name="plane">Pixels of a channel, where there are three; 0: the luminance is the mean of all values.</param>
    /// <param name="factor">The factor.</param>
    private static void Contrast(Span<float> values, int plane, float factor)
    {
        double sum = 0;
        if (plane == 0)
        {
            foreach (float value in values) sum += value;
            sum /= values.Length;
        }
        else
        {
            for (int i = 0; i < plane; i++) sum += Luminance(values[i], values[plane + i], values[(2 * plane) + i]);
            sum /= plane;
        }
        foreach (ref float value in values) value = Math.Clamp((float)(sum + ((value - sum) * factor)), 0, 1);
    }

    /// <summary>
    /// The distance from grey grows by a factor, and its direction turns: in the colour space YIQ, where the usual code goes through HSV.
    /// </summary>
    private static void Recolor(Span<float> values, float saturation, float hue, float low = 0)
    {
        int plane = values.Length / 3;
        (float sine, float cosine) = MathF.SinCos(2 * MathF.PI * hue);
        for (int p = 0; p < plane; p++)
        {
            float r = values[p], g = values[plane + p], b = values[(2 * plane) + p], y = Luminance(r, g, b);
            float i = saturation * ((0.596f * r) - (0.274f * g) - (0.322f * b)), q = saturation * ((0.211f * r) - (0.523f * g) + (0.312f * b));
            (i, q) = ((i * cosine) - (q * sine), (i * sine) + (q * cosine));
            values[p] = Math.Clamp(y + (0.956f * i) + (0.621f * q), low, 1);
            values[plane + p] = Math.Clamp(y - (0.272f * i) - (0.647f * q), low, 1);
            values[(2 * plane) + p] = Math.Clamp(y - (1.106f * i) + (1.703f * q), low, 1);
        }
    }

    private static float Luminance(float red, float green, float blue) => (0.299f * red) + (0.587f * green) + (0.114f * blue);
}
