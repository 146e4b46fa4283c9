using System.Numerics.Tensors;

namespace AnomalySharp.Explanation;

/// <summary>Attributions of pictures as heat maps: where in a picture its score comes from.</summary>
public static class HeatMaps
{
    private const double WidestSigma = 100;

    /// <summary>One value per pixel: the sum of its attributions over the channels, smoothed with a Gaussian where that is asked for.</summary>
    /// <param name="attributions">Attributions of pictures, of the shape <c>[c,h,w]</c>, of <see cref="AnomalyModel.Attribute(Dataset, int?, CancellationToken)"/>.</param>
    /// <param name="sigma">
    /// Standard deviation of the Gaussian in pixels, at most 100; 0, the default, leaves the map as it is. The Gaussian is cut off at 4 σ, and pictures
    /// are mirrored at their edges (the edge pixel repeated).
    /// </param>
    /// <returns>Maps of the shape <c>[1,h,w]</c>, with the labels and names of the pictures.</returns>
    /// <exception cref="DataException">The samples are not pictures.</exception>
    /// <exception cref="OptionException"><paramref name="sigma"/> is out of its range.</exception>
    public static Samples Of(Samples attributions, double sigma = 0)
    {
        if (attributions.Shape.Rank != 3)
        {
            throw new DataException($"Heat maps are of pictures (channels×height×width), not of samples of the shape {attributions.Shape}.");
        }
        RequireSigma(sigma);
        (int channels, int height, int width) = (attributions.Shape[0], attributions.Shape[1], attributions.Shape[2]);
        int area = height * width;
        float[] maps = new float[attributions.Count * area];
        Gaussian? gaussian = sigma > 0 ? new Gaussian(sigma, height, width) : null;
        for (int i = 0; i < attributions.Count; i++)
        {
            Span<float> map = maps.AsSpan(i * area, area);
            ReadOnlySpan<float> parts = attributions[i];
            for (int c = 0; c < channels; c++) TensorPrimitives.Add(map, parts.Slice(c * area, area), map);
            gaussian?.Smooth(map);
        }
        return attributions.WithValues(maps, new SampleShape(1, height, width));
    }

    /// <summary>Does nothing where maps can be smoothed with <paramref name="sigma"/>.</summary>
    /// <exception cref="OptionException">It is negative, above 100 or not a number.</exception>
    public static void RequireSigma(double sigma)
    {
        if (sigma is >= 0 and <= WidestSigma) return;
        throw new OptionException(
            $"Heat maps cannot be smoothed with a standard deviation of {sigma}; allowed: 0 (not at all) to {WidestSigma} pixels.");
    }

    /// <summary>Convolves maps of one size with a Gaussian, first along their rows, then along their columns.</summary>
    private sealed class Gaussian
    {
        private readonly float[] _weights, _line, _rows;
        private readonly int[] _across, _down;
        private readonly int _height, _width;

        public Gaussian(double sigma, int height, int width)
        {
            int radius = (int)(4 * sigma + 0.5);
            double[] weights = [.. Enumerable.Range(-radius, 2 * radius + 1).Select(k => Math.Exp(-k * k / (2 * sigma * sigma)))];
            double sum = weights.Sum();
            _weights = [.. weights.Select(weight => (float)(weight / sum))];
            _across = [.. Enumerable.Range(-radius, width + 2 * radius).Select(x => Mirrored(x, width))];
            _down = [.. Enumerable.Range(-radius, height + 2 * radius).Select(y => Mirrored(y, height))];
            (_height, _width, _line, _rows) = (height, width, new float[_across.Length], new float[height * width]);
        }

        public void Smooth(Span<float> map)
        {
            for (int y = 0; y < _height; y++)
            {
                ReadOnlySpan<float> source = map.Slice(y * _width, _width);
                for (int x = 0; x < _line.Length; x++) _line[x] = source[_across[x]];
                Span<float> target = _rows.AsSpan(y * _width, _width);
                target.Clear();
                for (int k = 0; k < _weights.Length; k++) TensorPrimitives.MultiplyAdd(_line.AsSpan(k, _width), _weights[k], target, target);
            }
            map.Clear();
            for (int y = 0; y < _height; y++)
            {
                Span<float> target = map.Slice(y * _width, _width);
                for (int k = 0; k < _weights.Length; k++)
                {
                    TensorPrimitives.MultiplyAdd(_rows.AsSpan(_down[y + k] * _width, _width), _weights[k], target, target);
                }
            }
        }

        // … c b a | a b c … x y z | z y x …, over and over where the Gaussian is wider than the picture.
        private static int Mirrored(int position, int extent)
        {
            int period = 2 * extent, place = ((position % period) + period) % period;
            return place < extent ? place : period - 1 - place;
        }
    }
}
