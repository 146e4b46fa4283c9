namespace AnomalySharp.Detectors.Classical;

/// <summary>One node of an isolation tree. The right child follows the left one; a leaf is its own left child, so nothing leaves it.</summary>
/// <param name="Threshold">Values above it go right; positive infinity in a leaf.</param>
/// <param name="Feature">The feature that is looked at; 0 in a leaf.</param>
/// <param name="Left">Position of the left child in the tree.</param>
/// <param name="Size">Training samples that came here.</param>
internal readonly record struct IsolationNode(float Threshold, int Feature, int Left, int Size);

/// <summary>Grows one isolation tree (Liu, Ting and Zhou 2008, algorithm 2).</summary>
internal sealed class IsolationTree
{
    private readonly ReadOnlyMemory<float> _values;
    private readonly int _width;
    private readonly Random _random;
    private readonly int[] _features;
    private readonly List<IsolationNode> _nodes = [];

    private IsolationTree(Samples samples, Random random)
    {
        (_values, _width, _random) = (samples.Values, samples.Shape.Length, random);
        _features = [.. Enumerable.Range(0, _width)];
    }

    /// <summary>Grows a tree on <paramref name="size"/> random samples, to at most ⌈log₂ size⌉ splits from the root.</summary>
    public static IsolationNode[] Grow(Samples samples, int size, Random random)
    {
        IsolationTree tree = new(samples, random);
        int[] rows = RandomRows.Draw(samples.Count, size, random);
        tree._nodes.Add(default);
        int depth = int.Log2(size - 1) + 1;
        tree.Split(0, rows, depth);
        return [.. tree._nodes];
    }

    private void Split(int node, Span<int> rows, int depthLeft)
    {
        if (depthLeft == 0 || rows.Length < 2 || !TryChoose(rows, out int feature, out float threshold))
        {
            _nodes[node] = new IsolationNode(float.PositiveInfinity, 0, node, rows.Length);
            return;
        }
        ReadOnlySpan<float> values = _values.Span;
        int middle = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            if (values[rows[i] * _width + feature] > threshold) continue;
            (rows[i], rows[middle]) = (rows[middle], rows[i]);
            middle++;
        }
        int left = _nodes.Count;
        _nodes[node] = new IsolationNode(threshold, feature, left, rows.Length);
        _nodes.Add(default);
        _nodes.Add(default);
        Split(left, rows[..middle], depthLeft - 1);
        Split(left + 1, rows[middle..], depthLeft - 1);
    }

    /// <summary>A random feature among those that vary in <paramref name="rows"/>, and a threshold with rows on either side of it.</summary>
    private bool TryChoose(ReadOnlySpan<int> rows, out int feature, out float threshold)
    {
        ReadOnlySpan<float> values = _values.Span;
        // Drawn one after the other without replacement until one varies: each that varies is equally likely.
        for (int drawn = 0; drawn < _width; drawn++)
        {
            int place = _random.Next(drawn, _width);
            (_features[drawn], _features[place]) = (_features[place], _features[drawn]);
            feature = _features[drawn];
            float low = float.PositiveInfinity, high = float.NegativeInfinity;
            foreach (int row in rows)
            {
                float value = values[row * _width + feature];
                low = Math.Min(low, value);
                high = Math.Max(high, value);
            }
            if (!(low < high)) continue;
            // In double, since high − low may be beyond float32; and below high, since rounding may reach it and leave the right side empty.
            threshold = (float)(low + _random.NextDouble() * ((double)high - low));
            threshold = Math.Clamp(threshold, low, float.BitDecrement(high));
            return true;
        }
        (feature, threshold) = (0, 0);
        return false;
    }
}
