using System.Numerics.Tensors;

namespace AnomalySharp.Graphs;

/// <summary>
/// Skip-gram with negative sampling (Mikolov, Sutskever, Chen, Corrado, Dean: Distributed representations of words and phrases and their compositionality.
/// NIPS 2013): vectors u, v with a high σ(u_w·v_c) for nodes c near w on walks and a low one for random nodes, drawn by their degree to the power of 3/4.
/// </summary>
internal sealed class SkipGram
{
    private readonly int _width, _window, _negatives;
    private readonly float[] _vectors, _contexts, _slope;
    private readonly double[] _cumulative;

    /// <param name="graph">Its nodes get vectors.</param>
    /// <param name="width">Values of a vector.</param>
    /// <param name="window">Most steps to a node that counts as near; how many it is for one node is drawn evenly from 1 on.</param>
    /// <param name="negatives">Random nodes for each near one.</param>
    /// <param name="random">Draws the first vectors; those of contexts are zero.</param>
    public SkipGram(Graph graph, int width, int window, int negatives, Random random)
    {
        (_width, _window, _negatives) = (width, window, negatives);
        (_vectors, _contexts, _slope) = (new float[graph.Count * width], new float[graph.Count * width], new float[width]);
        for (int i = 0; i < _vectors.Length; i++) _vectors[i] = (random.NextSingle() - 0.5f) / width;
        _cumulative = new double[graph.Count];
        double sum = 0;
        for (int i = 0; i < graph.Count; i++) _cumulative[i] = sum += Math.Pow(Math.Max(1, graph.DegreeOf(i)), 0.75);
    }

    /// <summary>The vectors u, node after node.</summary>
    public float[] Vectors => _vectors;

    /// <summary>A step of gradient descent for each pair of near nodes of a walk.</summary>
    public void Learn(ReadOnlySpan<int> walk, float rate, Random random)
    {
        for (int at = 0; at < walk.Length; at++)
        {
            int reach = 1 + random.Next(_window);
            for (int near = Math.Max(0, at - reach); near <= Math.Min(walk.Length - 1, at + reach); near++)
            {
                if (near != at) Pair(walk[at], walk[near], rate, random);
            }
        }
    }

    private void Pair(int node, int context, float rate, Random random)
    {
        Span<float> vector = _vectors.AsSpan(node * _width, _width);
        _slope.AsSpan().Clear();
        Move(vector, context, 1, rate);
        for (int k = 0; k < _negatives; k++)
        {
            int other = Draw(random);
            if (other != context) Move(vector, other, 0, rate);
        }
        TensorPrimitives.Add(vector, _slope, vector);
    }

    private void Move(ReadOnlySpan<float> vector, int other, float target, float rate)
    {
        Span<float> context = _contexts.AsSpan(other * _width, _width);
        float step = rate * (target - (1 / (1 + MathF.Exp(-TensorPrimitives.Dot(vector, context)))));
        TensorPrimitives.MultiplyAdd(context, step, _slope, _slope);
        TensorPrimitives.MultiplyAdd(vector, step, context, context);
    }

    private int Draw(Random random)
    {
        int found = Array.BinarySearch(_cumulative, random.NextDouble() * _cumulative[^1]);
        return Math.Min(found < 0 ? ~found : found, _cumulative.Length - 1);
    }
}
