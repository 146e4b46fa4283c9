using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AnomalySharp.Neighbors;

/// <summary>
/// A k-d tree (Bentley 1975; Friedman, Bentley and Finkel 1977) over padded rows: every node knows the box around its rows, and a search leaves out
/// the boxes that lie farther away than the worst row it holds. For many rows of few values.
/// </summary>
/// <remarks>
/// A box's distance is computed by the operations, in the order, that a row's is: rounding keeps it at or below those of the rows in the box. So an
/// exact search finds what comparing all rows finds, to the last bit, ties in order of position included.
/// </remarks>
internal sealed unsafe class KdTree
{
    private const int LeafRows = 24;

    private readonly int _stride;
    private readonly float[] _rows, _boxes;
    private readonly int[] _positions;
    private readonly Node[] _nodes;

    /// <param name="rows">Rows, padded with zeros to a multiple of <see cref="NearestList.RowAlignment"/>.</param>
    /// <param name="stride">Floats per padded row.</param>
    public KdTree(float[] rows, int stride)
    {
        _stride = stride;
        int count = rows.Length / stride;
        _positions = [.. Enumerable.Range(0, count)];
        List<Node> nodes = [];
        List<float> boxes = [];
        float[] keys = new float[count];
        Grow(0, count);
        (_nodes, _boxes) = ([.. nodes], [.. boxes]);
        _rows = new float[rows.Length];
        for (int i = 0; i < count; i++) rows.AsSpan(_positions[i] * stride, stride).CopyTo(_rows.AsSpan(i * stride));

        void Grow(int start, int end)
        {
            int node = nodes.Count, box = boxes.Count;
            for (int side = 0; side < 2; side++) boxes.AddRange(rows.AsSpan(_positions[start] * stride, stride));
            Span<float> low = CollectionsMarshal.AsSpan(boxes).Slice(box, stride);
            Span<float> high = CollectionsMarshal.AsSpan(boxes).Slice(box + stride, stride);
            for (int i = start + 1; i < end; i++)
            {
                ReadOnlySpan<float> row = rows.AsSpan(_positions[i] * stride, stride);
                TensorPrimitives.Min(low, row, low);
                TensorPrimitives.Max(high, row, high);
            }
            int widest = 0;
            for (int j = 1; j < stride; j++)
            {
                if (high[j] - low[j] > high[widest] - low[widest]) widest = j;
            }
            bool leaf = end - start <= LeafRows || !(high[widest] > low[widest]);
            nodes.Add(new Node(start, end, 0));
            if (leaf) return;
            for (int i = start; i < end; i++) keys[i] = rows[_positions[i] * stride + widest];
            Array.Sort(keys, _positions, start, end - start);
            int middle = (start + end) / 2;
            Grow(start, middle);
            nodes[node] = new Node(start, end, nodes.Count);
            Grow(middle, end);
        }
    }

    /// <summary>
    /// Whether a search from every row takes less time through the tree than through all rows: measured on tables of 3 to 16 features and 2,000 to 50,000
    /// rows.
    /// </summary>
    public static bool Pays(int count, int width) => width <= 16 && count >= 1500L * width;

    /// <summary>Finds the <paramref name="k"/> nearest rows, nearest first; equally near ones in order of position.</summary>
    /// <param name="query">The query, padded.</param>
    /// <param name="k">How many.</param>
    /// <param name="stretch">
    /// A box is left out where its squared distance times this exceeds that of the worst row found: 1 for an exact search, (1 + ε)² for one whose
    /// distances are at most 1 + ε times the exact ones (Arya et al. 1998).
    /// </param>
    /// <param name="neighbors">Receives the positions of the rows.</param>
    /// <param name="distances">Receives their squared distances.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Search(float* query, int k, float stretch, int* neighbors, float* distances)
    {
        // Halves of halves: no more than 31 levels, each leaving one node to come back to.
        (int Node, float Distance)* waiting = stackalloc (int, float)[64];
        int top = 0, found = 0, stride = _stride;
        waiting[top++] = (0, 0);
        fixed (float* rows = _rows, boxes = _boxes)
        fixed (int* positions = _positions)
        fixed (Node* nodes = _nodes)
        {
            while (top > 0)
            {
                (int at, float distance) = waiting[--top];
                // Not where they are equal: a row of a lower position may be in there.
                if (found == k && distance * stretch > distances[k - 1]) continue;
                Node node = nodes[at];
                if (node.Right == 0)
                {
                    for (int i = node.Start; i < node.End; i++)
                    {
                        float square = NearestList.SquaredDistance(rows + (nint)i * stride, query, stride);
                        int place = found, position = positions[i];
                        if (found == k)
                        {
                            if (!(square < distances[k - 1] || (square == distances[k - 1] && position < neighbors[k - 1]))) continue;
                            place--;
                        }
                        else
                        {
                            found++;
                        }
                        for (; place > 0; place--)
                        {
                            float before = distances[place - 1];
                            if (before < square || (before == square && neighbors[place - 1] < position)) break;
                            distances[place] = distances[place - 1];
                            neighbors[place] = neighbors[place - 1];
                        }
                        distances[place] = square;
                        neighbors[place] = position;
                    }
                    continue;
                }
                int left = at + 1, right = node.Right;
                float toLeft = ToBox(boxes + (nint)left * 2 * stride, query, stride);
                float toRight = ToBox(boxes + (nint)right * 2 * stride, query, stride);
                bool leftFirst = toLeft <= toRight;
                waiting[top++] = leftFirst ? (right, toRight) : (left, toLeft);
                waiting[top++] = leftFirst ? (left, toLeft) : (right, toRight);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float ToBox(float* box, float* query, int stride)
    {
        Vector256<float> sum = default;
        for (int j = 0; j < stride; j += NearestList.RowAlignment)
        {
            Vector256<float> q = Vector256.Load(query + j), low = Vector256.Load(box + j) - q, high = q - Vector256.Load(box + stride + j);
            Vector256<float> outside = Vector256.Max(Vector256.Max(low, high), Vector256<float>.Zero);
            sum += outside * outside;
        }
        return Vector256.Sum(sum);
    }

    /// <summary>Rows from <c>Start</c> to before <c>End</c>; the left child follows, the right one is at <c>Right</c>: 0 for a leaf.</summary>
    private readonly record struct Node(int Start, int End, int Right);
}
