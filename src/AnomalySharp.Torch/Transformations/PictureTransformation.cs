namespace AnomalySharp.Torch.Transformations;

/// <summary>
/// A linear map of the pixels of pictures of one size: every pixel of the result is one pixel of the picture, or a weighted sum of several, or 0.
/// A pure function, in the form in which it is applied to whole batches: positions that are computed once.
/// </summary>
internal sealed class PictureTransformation
{
    private const int BilinearTaps = 4;

    private readonly int[] _sources;
    private readonly float[]? _weights;

    private PictureTransformation(int height, int width, int taps, int[] sources, float[]? weights)
    {
        (Height, Width, Taps) = (height, width, taps);
        (_sources, _weights) = (sources, weights);
    }

    /// <summary>Rows of a picture.</summary>
    public int Height { get; }

    /// <summary>Columns of a picture.</summary>
    public int Width { get; }

    /// <summary>Pixels that one pixel of the result is a sum of.</summary>
    public int Taps { get; }

    /// <summary>Positions (row · width + column) in the picture: <see cref="Taps"/> for each pixel of the result, row by row.</summary>
    public ReadOnlySpan<int> Sources => _sources;

    /// <summary>Their weights; empty where each pixel is one of the picture.</summary>
    public ReadOnlySpan<float> Weights => _weights;

    /// <summary>x.</summary>
    public static PictureTransformation Identity(int height, int width) => Move(height, width, (y, x) => (y, x));

    /// <summary>Left and right exchanged.</summary>
    public static PictureTransformation Flip(int height, int width) => Move(height, width, (y, x) => (y, width - 1 - x));

    /// <summary>
    /// The picture moved up and left by so many pixels (down and right where negative); what comes in is the picture mirrored at its border, the
    /// border pixels included, as SciPy's <c>reflect</c> has it. A black border would tell the translation at a glance, and teach nothing about the
    /// picture.
    /// </summary>
    public static PictureTransformation Translate(int height, int width, int up, int left) =>
        Move(height, width, (y, x) => (Reflect(y + up, height), Reflect(x + left, width)));

    /// <summary>Turned counter-clockwise by quarters of a turn; odd numbers of them need a square.</summary>
    public static PictureTransformation RotateQuarters(int height, int width, int quarters)
    {
        int turns = ((quarters % 4) + 4) % 4;
        if (turns % 2 == 1 && height != width)
        {
            throw new ArgumentException($"A picture of {width}x{height} cannot be turned by a quarter.", nameof(quarters));
        }
        return Move(height, width, (y, x) => turns switch
        {
            0 => (y, x),
            1 => (x, width - 1 - y),
            2 => (height - 1 - y, width - 1 - x),
            _ => (height - 1 - x, y),
        });
    }

    /// <summary>
    /// Turned counter-clockwise around its centre by any angle, between pixels bilinear, outside of the picture 0, of which only the part within the
    /// old frame is kept.
    /// </summary>
    public static PictureTransformation Rotate(int height, int width, double degrees)
    {
        (double sine, double cosine) = Math.SinCos(degrees * Math.PI / 180);
        double centerY = (height - 1) / 2.0, centerX = (width - 1) / 2.0;
        int[] sources = new int[height * width * BilinearTaps];
        float[] weights = new float[sources.Length];
        for (int p = 0; p < height * width; p++)
        {
            (double y, double x) = ((p / width) - centerY, (p % width) - centerX);
            // Where the pixel was before the turn; rows grow downwards.
            double sourceY = centerY + (sine * x) + (cosine * y), sourceX = centerX + (cosine * x) - (sine * y);
            int top = (int)Math.Floor(sourceY), left = (int)Math.Floor(sourceX);
            for (int tap = 0; tap < BilinearTaps; tap++)
            {
                int row = top + (tap / 2), column = left + (tap % 2);
                if (row < 0 || row >= height || column < 0 || column >= width) continue;
                sources[(p * BilinearTaps) + tap] = (row * width) + column;
                weights[(p * BilinearTaps) + tap] = (float)((1 - Math.Abs(sourceY - row)) * (1 - Math.Abs(sourceX - column)));
            }
        }
        return new PictureTransformation(height, width, BilinearTaps, sources, weights);
    }

    /// <summary>The patches of a grid in another order: patch i of the result, counted row by row, is patch <c>order[i]</c> of the picture.</summary>
    /// <param name="height">Rows, a multiple of the grid's.</param>
    /// <param name="width">Columns, likewise.</param>
    /// <param name="order">A permutation of the patches of a square grid.</param>
    public static PictureTransformation Rearrange(int height, int width, IReadOnlyList<int> order)
    {
        int grid = (int)Math.Round(Math.Sqrt(order.Count)), down = height / grid, across = width / grid;
        if (grid * grid != order.Count || !order.Order().SequenceEqual(Enumerable.Range(0, order.Count)))
        {
            throw new ArgumentException($"[{string.Join(", ", order)}] is no order of the patches of a square grid.", nameof(order));
        }
        if (down * grid != height || across * grid != width)
        {
            throw new ArgumentException($"A picture of {width}x{height} has no {grid}x{grid} equal patches.", nameof(order));
        }
        return Move(height, width, (y, x) =>
        {
            int patch = order[(y / down * grid) + (x / across)];
            return ((patch / grid * down) + (y % down), (patch % grid * across) + (x % across));
        });
    }

    /// <summary>First this one, then <paramref name="next"/>: one map.</summary>
    public PictureTransformation Then(PictureTransformation next)
    {
        if (next.Height != Height || next.Width != Width) throw new ArgumentException("Both must be of one size.", nameof(next));
        int taps = Taps * next.Taps;
        int[] sources = new int[Height * Width * taps];
        float[]? weights = _weights is null && next._weights is null ? null : new float[sources.Length];
        for (int i = 0; i < next._sources.Length; i++)
        {
            for (int tap = 0; tap < Taps; tap++)
            {
                int from = (next._sources[i] * Taps) + tap, to = (i * Taps) + tap;
                sources[to] = _sources[from];
                if (weights is not null) weights[to] = (_weights?[from] ?? 1) * (next._weights?[i] ?? 1);
            }
        }
        return new PictureTransformation(Height, Width, taps, sources, weights);
    }

    private static PictureTransformation Move(int height, int width, Func<int, int, (int Row, int Column)> source)
    {
        int[] sources = new int[height * width];
        for (int p = 0; p < sources.Length; p++)
        {
            (int row, int column) = source(p / width, p % width);
            sources[p] = (row * width) + column;
        }
        return new PictureTransformation(height, width, 1, sources, null);
    }

    private static int Reflect(int position, int extent)
    {
        int within = ((position % (2 * extent)) + (2 * extent)) % (2 * extent);
        return within < extent ? within : (2 * extent) - 1 - within;
    }
}
