using System.Runtime.CompilerServices;
using AnomalySharp.Persistence;

namespace AnomalySharp.Detectors.Classical;

/// <summary>A grown forest in flat arrays: sums path lengths of samples over its trees, and splits them up by feature.</summary>
internal sealed class IsolationTrees
{
    // Samples that share a tree while it is in the cache.
    private const int BlockSamples = 64;

    private readonly IsolationNode[] _nodes;
    private readonly int[] _starts, _depths;
    private readonly float[] _lengths;
    private readonly int _width;

    /// <param name="nodes">All nodes, tree after tree.</param>
    /// <param name="starts">Where each tree begins, and the number of nodes at the end.</param>
    /// <param name="width">Values per sample.</param>
    /// <exception cref="ModelFileException">Children or features out of place: then the arrays come from an altered file.</exception>
    private IsolationTrees(IsolationNode[] nodes, int[] starts, int width)
    {
        (_nodes, _starts, _width) = (nodes, starts, width);
        _depths = new int[starts.Length - 1];
        _lengths = new float[nodes.Length];
        for (int tree = 0; tree < _depths.Length; tree++)
        {
            _depths[tree] = Measure(nodes.AsSpan(starts[tree]..starts[tree + 1]), _lengths.AsSpan(starts[tree]));
        }
    }

    /// <summary>Number of trees.</summary>
    public int Count => _depths.Length;

    /// <summary>Joins grown trees.</summary>
    public static IsolationTrees Join(IReadOnlyList<IsolationNode[]> trees, int width)
    {
        int[] starts = new int[trees.Count + 1];
        for (int i = 0; i < trees.Count; i++) starts[i + 1] = checked(starts[i] + trees[i].Length);
        return new IsolationTrees([.. trees.SelectMany(tree => tree)], starts, width);
    }

    /// <summary>The mean length of an unsuccessful search in a binary search tree of <paramref name="size"/> keys: c(n), equation 1.</summary>
    public static double MeanPathLength(int size) => size switch
    {
        <= 1 => 0,
        2 => 1,
        _ => 2 * (Math.Log(size - 1) + 0.57721566490153286) - 2 * (size - 1.0) / size,
    };

    /// <summary>The mean over all trees of every sample's path length: splits passed, and c(size of the leaf) for those never made.</summary>
    public void MeanPathLengths(ReadOnlySpan<float> values, Span<float> lengths)
    {
        Span<double> sums = stackalloc double[BlockSamples];
        for (int start = 0; start < lengths.Length; start += BlockSamples)
        {
            int count = Math.Min(BlockSamples, lengths.Length - start);
            ReadOnlySpan<float> block = values.Slice(start * _width, count * _width);
            sums.Clear();
            for (int tree = 0; tree < Count; tree++) AddPathLengths(tree, block, sums[..count]);
            for (int i = 0; i < count; i++) lengths[start + i] = (float)(sums[i] / Count);
        }
    }

    /// <summary>
    /// Adds to every feature what its splits took from the expected path length of a sample: at a split from m to m′ samples, c(m) − 1 − c(m′),
    /// in means over the trees. Over all features that is c(size of a tree's sample) − mean path length.
    /// </summary>
    public void AddContributions(ReadOnlySpan<float> sample, Span<double> contributions)
    {
        for (int tree = 0; tree < Count; tree++)
        {
            ReadOnlySpan<IsolationNode> nodes = _nodes.AsSpan(_starts[tree].._starts[tree + 1]);
            for (int at = 0, next; ; at = next)
            {
                IsolationNode node = nodes[at];
                if (node.Left == at) break;
                next = node.Left + (sample[node.Feature] > node.Threshold ? 1 : 0);
                contributions[node.Feature] += (MeanPathLength(node.Size) - 1 - MeanPathLength(nodes[next].Size)) / Count;
            }
        }
    }

    /// <summary>
    /// The mean over all trees of the mean distance of every sample from the thresholds that it is compared with on its path; 0 of a tree without splits.
    /// </summary>
    public void MeanDeviations(ReadOnlySpan<float> values, Span<float> deviations)
    {
        for (int i = 0; i < deviations.Length; i++)
        {
            ReadOnlySpan<float> sample = values.Slice(i * _width, _width);
            double sum = 0;
            for (int tree = 0; tree < Count; tree++)
            {
                ReadOnlySpan<IsolationNode> nodes = _nodes.AsSpan(_starts[tree].._starts[tree + 1]);
                double path = 0;
                int splits = 0;
                for (int at = 0; nodes[at].Left != at; splits++)
                {
                    IsolationNode node = nodes[at];
                    path += Math.Abs((double)sample[node.Feature] - node.Threshold);
                    at = node.Left + (sample[node.Feature] > node.Threshold ? 1 : 0);
                }
                if (splits > 0) sum += path / splits;
            }
            deviations[i] = (float)(sum / Count);
        }
    }

    /// <summary>Writes the nodes as four arrays.</summary>
    public void WriteState(TensorState state)
    {
        state.Set<int>("starts", _starts);
        state.Set<float>("thresholds", [.. _nodes.Select(node => node.Threshold)]);
        state.Set<int>("features", [.. _nodes.Select(node => node.Feature)]);
        state.Set<int>("left", [.. _nodes.Select(node => node.Left)]);
        state.Set<int>("sizes", [.. _nodes.Select(node => node.Size)]);
    }

    /// <summary>Reads what <see cref="WriteState"/> wrote; refuses nodes that would lead out of a tree or round in circles.</summary>
    public static IsolationTrees ReadState(TensorState state, int trees, int width)
    {
        int[] starts = state.Get<int>("starts", trees + 1);
        if (starts[0] != 0) throw Altered();
        for (int i = 0; i < trees; i++)
        {
            if (starts[i + 1] <= starts[i]) throw Altered();
        }
        float[] thresholds = state.Get<float>("thresholds", starts[^1]);
        int[] features = state.Get<int>("features", starts[^1]), left = state.Get<int>("left", starts[^1]);
        int[] sizes = state.Get<int>("sizes", starts[^1]);
        IsolationNode[] nodes = new IsolationNode[starts[^1]];
        for (int i = 0; i < nodes.Length; i++) nodes[i] = new IsolationNode(thresholds[i], features[i], left[i], sizes[i]);
        return new IsolationTrees(nodes, starts, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void AddPathLengths(int tree, ReadOnlySpan<float> values, Span<double> sums)
    {
        int start = _starts[tree], depth = _depths[tree], width = _width;
        fixed (IsolationNode* nodes = &_nodes[start])
        fixed (float* lengths = &_lengths[start], rows = values)
        {
            int i = 0;
            // Eight samples at once walk down as many steps as the tree is deep: leaves lead to themselves, so no branch has to be guessed and
            // the processor overlaps the loads.
            for (; i + 8 <= sums.Length; i += 8)
            {
                float* x0 = rows + i * width, x1 = x0 + width, x2 = x1 + width, x3 = x2 + width;
                float* x4 = x3 + width, x5 = x4 + width, x6 = x5 + width, x7 = x6 + width;
                int a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0, a5 = 0, a6 = 0, a7 = 0;
                for (int step = 0; step < depth; step++)
                {
                    a0 = Next(nodes + a0, x0);
                    a1 = Next(nodes + a1, x1);
                    a2 = Next(nodes + a2, x2);
                    a3 = Next(nodes + a3, x3);
                    a4 = Next(nodes + a4, x4);
                    a5 = Next(nodes + a5, x5);
                    a6 = Next(nodes + a6, x6);
                    a7 = Next(nodes + a7, x7);
                }
                sums[i] += lengths[a0];
                sums[i + 1] += lengths[a1];
                sums[i + 2] += lengths[a2];
                sums[i + 3] += lengths[a3];
                sums[i + 4] += lengths[a4];
                sums[i + 5] += lengths[a5];
                sums[i + 6] += lengths[a6];
                sums[i + 7] += lengths[a7];
            }
            for (; i < sums.Length; i++)
            {
                int at = 0;
                for (int step = 0; step < depth; step++) at = Next(nodes + at, rows + i * width);
                sums[i] += lengths[at];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe int Next(IsolationNode* node, float* sample)
    {
        bool right = sample[node->Feature] > node->Threshold;
        return node->Left + Unsafe.BitCast<bool, byte>(right);
    }

    /// <summary>Path lengths of the leaves and the depth of one tree; checks that every step leads on, within tree and sample.</summary>
    private int Measure(ReadOnlySpan<IsolationNode> nodes, Span<float> lengths)
    {
        int[] depths = new int[nodes.Length];
        int deepest = 0;
        for (int i = 0; i < nodes.Length; i++)
        {
            IsolationNode node = nodes[i];
            if (node.Feature < 0 || node.Feature >= _width || node.Size < 1) throw Altered();
            if (node.Left == i)
            {
                if (!float.IsPositiveInfinity(node.Threshold)) throw Altered();
                lengths[i] = (float)(depths[i] + MeanPathLength(node.Size));
                deepest = Math.Max(deepest, depths[i]);
                continue;
            }
            if (node.Left <= i || node.Left >= nodes.Length - 1 || !float.IsFinite(node.Threshold)) throw Altered();
            for (int child = node.Left; child <= node.Left + 1; child++) depths[child] = Math.Max(depths[child], depths[i] + 1);
        }
        return deepest;
    }

    private static ModelFileException Altered() => new("The model's trees do not fit together: the file was altered. Train the model again.");
}
