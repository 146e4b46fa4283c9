using System.Numerics.Tensors;

namespace AnomalySharp.Preprocessing;

/// <summary>
/// Brings planes of one size to another: linear interpolation between pixel centres, and over as many pixels as a new one covers where there are
/// fewer (a triangle as wide as that, as image libraries shrink pictures), so that no pixel is passed over.
/// </summary>
public sealed class BilinearResize
{
    private readonly Axis _down, _across;
    private readonly int _fromWidth;

    /// <summary>Plans the change of size; all extents are positive.</summary>
    public BilinearResize(int fromHeight, int fromWidth, int height, int width) =>
        (_down, _across, _fromWidth) = (new Axis(fromHeight, height), new Axis(fromWidth, width), fromWidth);

    /// <summary>Resizes one plane, row-major.</summary>
    public void Apply(ReadOnlySpan<float> plane, Span<float> resized)
    {
        int width = _across.Extent;
        float[] line = new float[_fromWidth];
        for (int y = 0; y < _down.Extent; y++)
        {
            Array.Clear(line);
            for (int k = 0; k < _down.Weights[y].Length; k++)
            {
                TensorPrimitives.MultiplyAdd(plane.Slice((_down.First[y] + k) * _fromWidth, _fromWidth), _down.Weights[y][k], line, line);
            }
            Span<float> target = resized.Slice(y * width, width);
            for (int x = 0; x < width; x++)
            {
                float[] weights = _across.Weights[x];
                float sum = 0;
                for (int k = 0; k < weights.Length; k++) sum += weights[k] * line[_across.First[x] + k];
                target[x] = sum;
            }
        }
    }

    /// <summary>For every new position the first old one that it is made of, and the weights from there on.</summary>
    private sealed class Axis
    {
        public Axis(int from, int to)
        {
            (First, Weights) = (new int[to], new float[to][]);
            double scale = (double)from / to, radius = Math.Max(1, scale);
            for (int i = 0; i < to; i++)
            {
                double centre = (i + 0.5) * scale - 0.5;
                int first = Math.Max(0, (int)Math.Ceiling(centre - radius + 1e-9)), last = Math.Min(from - 1, (int)Math.Floor(centre + radius - 1e-9));
                double[] weights = new double[Math.Max(1, last - first + 1)];
                for (int k = 0; k < weights.Length; k++) weights[k] = Math.Max(0, 1 - Math.Abs(first + k - centre) / radius);
                double sum = weights.Sum();
                First[i] = Math.Min(first, from - 1);
                Weights[i] = sum > 0 ? [.. weights.Select(weight => (float)(weight / sum))] : [1];
            }
        }

        public int Extent => First.Length;

        public int[] First { get; }

        public float[][] Weights { get; }
    }
}
