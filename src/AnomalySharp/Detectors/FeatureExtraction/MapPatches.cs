using System.Numerics.Tensors;

namespace AnomalySharp.Detectors.FeatureExtraction;

/// <summary>What becomes of the neighbourhood of a patch.</summary>
public enum PatchNeighborhood
{
    /// <summary>The mean; all values of maps of fewer than 16 channels, such as the picture itself, of which a mean would tell too little.</summary>
    Auto,

    /// <summary>The mean of each channel.</summary>
    Mean,

    /// <summary>All values.</summary>
    Values,
}

/// <summary>Cuts feature maps <c>[c,h,w]</c> into patches: one for each place, with the p × p places around it, those outside left out of means.</summary>
internal sealed class MapPatches
{
    private const int FewChannels = 16;

    private readonly int _channels, _height, _width, _side;
    private readonly bool _mean;

    public MapPatches(SampleShape shape, int side, PatchNeighborhood pooling)
    {
        (_channels, _height, _width, _side) = (shape[0], shape[1], shape[2], side);
        _mean = pooling == PatchNeighborhood.Mean || (pooling == PatchNeighborhood.Auto && _channels >= FewChannels);
    }

    /// <summary>Patches of a sample, row by row.</summary>
    public int PerSample => _height * _width;

    /// <summary>Values of a patch.</summary>
    public int Width => _mean ? _channels : _channels * _side * _side;

    /// <summary>Cuts one sample: <see cref="PerSample"/> patches of <see cref="Width"/> values.</summary>
    public void Write(ReadOnlySpan<float> maps, Span<float> patches)
    {
        // The neighbourhood of an even side reaches one farther down and right.
        int before = (_side - 1) / 2, after = _side - 1 - before;
        for (int c = 0; c < _channels; c++)
        {
            ReadOnlySpan<float> map = maps.Slice(c * PerSample, PerSample);
            for (int y = 0; y < _height; y++)
            {
                for (int x = 0; x < _width; x++)
                {
                    Span<float> patch = patches.Slice(((y * _width) + x) * Width, Width);
                    if (!_mean)
                    {
                        for (int k = 0; k < _side * _side; k++)
                        {
                            // The nearest place where one is outside.
                            int row = Math.Clamp(y - before + (k / _side), 0, _height - 1), column = Math.Clamp(x - before + (k % _side), 0, _width - 1);
                            patch[(c * _side * _side) + k] = map[(row * _width) + column];
                        }
                        continue;
                    }
                    int left = Math.Max(0, x - before), right = Math.Min(_width, x + after + 1);
                    int top = Math.Max(0, y - before), bottom = Math.Min(_height, y + after + 1);
                    float sum = 0;
                    for (int row = top; row < bottom; row++)
                    {
                        for (int column = left; column < right; column++) sum += map[(row * _width) + column];
                    }
                    patch[c] = sum / ((right - left) * (bottom - top));
                }
            }
        }
    }

    /// <summary>Adds a patch's distance to its place in each channel, in proportion to the channel's part of the squared distance.</summary>
    /// <param name="difference">The difference whose length the distance is; overwritten.</param>
    /// <param name="distance">The distance, not negative.</param>
    /// <param name="place">Number of the patch.</param>
    /// <param name="attributions">One sample's.</param>
    public void Share(Span<float> difference, float distance, int place, Span<float> attributions)
    {
        float most = MathF.Abs(TensorPrimitives.MaxMagnitude<float>(difference));
        if (!(most > 0)) return;
        // Relative to the greatest, so that no square overflows.
        TensorPrimitives.Divide(difference, most, difference);
        float total = TensorPrimitives.SumOfSquares<float>(difference);
        int each = difference.Length / _channels;
        for (int c = 0; c < _channels; c++)
        {
            attributions[(c * PerSample) + place] += distance * (TensorPrimitives.SumOfSquares<float>(difference.Slice(c * each, each)) / total);
        }
    }
}
