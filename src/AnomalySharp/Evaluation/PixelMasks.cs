namespace AnomalySharp.Evaluation;

/// <summary>What is defective in each of several pictures of one size: 1 where a pixel is, 0 where it is not. Known to the evaluation only.</summary>
public sealed class PixelMasks
{
    private readonly byte[] _values;

    /// <summary>Number of pictures.</summary>
    public int Count { get; }

    /// <summary>Pixels down.</summary>
    public int Height { get; }

    /// <summary>Pixels across.</summary>
    public int Width { get; }

    /// <summary>The mask of picture <paramref name="i"/>, row by row: <c>Height × Width</c> pixels.</summary>
    public ReadOnlySpan<byte> this[int i] => _values.AsSpan(i * Height * Width, Height * Width);

    /// <summary>All masks, one after the other: the labels of all pixels.</summary>
    internal byte[] Values => _values;

    /// <summary>Wraps <paramref name="values"/> without copying.</summary>
    /// <param name="values">Row-major, a whole number of masks; 0 or 1 each.</param>
    /// <param name="height">Pixels down, at least 1.</param>
    /// <param name="width">Pixels across, at least 1.</param>
    /// <exception cref="DataException">The lengths do not fit, or a pixel is neither 0 nor 1.</exception>
    public PixelMasks(byte[] values, int height, int width)
    {
        if (height < 1 || width < 1) throw new DataException($"A mask of {width}x{height} pixels is none: both must be positive.");
        if (values.Length % ((long)height * width) != 0)
        {
            throw new DataException($"{values.Length} pixels are not a whole number of masks of {width}x{height}.");
        }
        if (values.AsSpan().ContainsAnyExceptInRange((byte)0, (byte)1))
        {
            throw new DataException("A pixel of a mask must be 0 (normal) or 1 (defective).");
        }
        (_values, Height, Width, Count) = (values, height, width, values.Length / (height * width));
    }

    /// <summary>Whether any pixel of picture <paramref name="i"/> is defective.</summary>
    public bool HasDefect(int i) => this[i].Contains((byte)1);

    /// <summary>The masks at <paramref name="rows"/>, copied in that order.</summary>
    public PixelMasks Select(ReadOnlySpan<int> rows)
    {
        int area = Height * Width;
        byte[] values = new byte[checked(rows.Length * area)];
        for (int i = 0; i < rows.Length; i++) this[rows[i]].CopyTo(values.AsSpan(i * area));
        return new PixelMasks(values, Height, Width);
    }

    /// <summary>The masks as pictures of the shape <c>[1,h,w]</c>: 1 where a pixel is defective, else 0.</summary>
    public Samples ToSamples() => new(Array.ConvertAll(_values, pixel => (float)pixel), new SampleShape(1, Height, Width));

    /// <summary>
    /// The same masks in another size: each pixel is as the one under its middle (nearest neighbour), so that nothing lies between normal and
    /// defective. A defect thinner than the step between the pixels looked at may vanish.
    /// </summary>
    /// <param name="height">Pixels down, at least 1.</param>
    /// <param name="width">Pixels across, at least 1.</param>
    public PixelMasks Resize(int height, int width)
    {
        if ((height, width) == (Height, Width)) return this;
        byte[] values = new byte[checked(Count * height * width)];
        for (int i = 0, next = 0; i < Count; i++)
        {
            ReadOnlySpan<byte> mask = this[i];
            for (int y = 0; y < height; y++)
            {
                ReadOnlySpan<byte> line = mask.Slice(Under(y, height, Height) * Width, Width);
                for (int x = 0; x < width; x++) values[next++] = line[Under(x, width, Width)];
            }
        }
        return new PixelMasks(values, height, width);
    }

    private static int Under(int position, int extent, int source) => (int)((2L * position + 1) * source / (2L * extent));
}
