namespace AnomalySharp.SupportVectors;

/// <summary>Rows of a kernel matrix, made when asked for; as many as the memory allows are kept, the last used ones.</summary>
internal sealed class KernelRows(RadialKernel kernel, Samples samples, long bytes)
{
    private readonly LinkedListNode<(int Row, float[] Values)>?[] _kept = new LinkedListNode<(int, float[])>?[samples.Count];
    private readonly LinkedList<(int Row, float[] Values)> _byUse = [];

    // The two rows of a step at least.
    private readonly long _most = Math.Max(2, bytes / (sizeof(float) * (long)kernel.PaddedCount));

    /// <summary>k(x_row, ·) for all rows. The array is valid until two more rows were asked for.</summary>
    public float[] this[int row]
    {
        get
        {
            if (_kept[row] is { } node)
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
                return node.Value.Values;
            }
            float[] values;
            if (_byUse.Count < _most)
            {
                values = new float[kernel.PaddedCount];
            }
            else
            {
                (int oldest, values) = _byUse.Last!.Value;
                _byUse.RemoveLast();
                _kept[oldest] = null;
            }
            kernel.Evaluate(samples[row], values);
            _kept[row] = _byUse.AddFirst((row, values));
            return values;
        }
    }
}
