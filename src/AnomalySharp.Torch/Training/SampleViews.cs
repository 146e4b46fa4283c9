namespace AnomalySharp.Torch.Training;

/// <summary>Two views of each sample that a contrastive method takes for the same: what they differ in is to be of no importance.</summary>
internal interface ISampleViews
{
    /// <summary>Makes both views of each of some samples; the same ones for the same number.</summary>
    /// <param name="samples">Row-major.</param>
    /// <param name="count">Number of samples.</param>
    /// <param name="number">What is drawn from, such as that of a step.</param>
    /// <param name="first">Receives as many values.</param>
    /// <param name="second">Receives as many values.</param>
    void Fill(ReadOnlySpan<float> samples, int count, int number, Span<float> first, Span<float> second);
}

/// <summary>
/// Views of rows (Bahri et al., SCARF: Self-Supervised Contrastive Learning using Random Feature Corruption. ICLR 2022): the row itself, and the row
/// with a share of its features, anew at random, replaced by those of other rows, each of another one.
/// </summary>
/// <param name="rows">Where values come from.</param>
/// <param name="share">Share of the features, rounded down, at least one.</param>
/// <param name="seed">What is drawn from, together with the number.</param>
internal sealed class CorruptedRows(Samples rows, double share, int seed) : ISampleViews
{
    /// <summary>Features that are replaced in a row.</summary>
    public int Replaced { get; } = Math.Max(1, (int)(share * rows.Shape.Length));

    public void Fill(ReadOnlySpan<float> samples, int count, int number, Span<float> first, Span<float> second)
    {
        Random random = new FitContext { Seed = seed }.CreateRandom(number);
        int width = rows.Shape.Length;
        int[] features = [.. Enumerable.Range(0, width)];
        samples[..(count * width)].CopyTo(first);
        samples[..(count * width)].CopyTo(second);
        for (int i = 0; i < count; i++)
        {
            for (int drawn = 0; drawn < Replaced; drawn++)
            {
                // The first places of a shuffled list, whatever its order was before.
                int other = random.Next(drawn, width);
                (features[drawn], features[other]) = (features[other], features[drawn]);
                second[i * width + features[drawn]] = rows[random.Next(rows.Count)][features[drawn]];
            }
        }
    }
}

/// <summary>Views of pictures in −1 to 1, as SimCLR makes them: each with a random <see cref="PictureChange"/> of its own.</summary>
/// <param name="shape">Shape of a picture.</param>
/// <param name="ranges">What changes are drawn from.</param>
/// <param name="seed">What is drawn from, together with the number.</param>
internal sealed class ChangedPictures(SampleShape shape, PictureChangeRanges ranges, int seed) : ISampleViews
{
    public void Fill(ReadOnlySpan<float> samples, int count, int number, Span<float> first, Span<float> second)
    {
        Random random = new FitContext { Seed = seed }.CreateRandom(number);
        int width = shape.Length;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> picture = samples.Slice(i * width, width);
            PictureChange.Draw(ranges, shape, random).Apply(picture, shape, first.Slice(i * width, width));
            PictureChange.Draw(ranges, shape, random).Apply(picture, shape, second.Slice(i * width, width));
        }
    }
}
