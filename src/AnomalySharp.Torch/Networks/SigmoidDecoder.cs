using AnomalySharp.Graphs;
using TorchSharp;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// Edges from codes: Â = σ(ZZᵀ), whose row â_i holds the probabilities of an edge from node i to each other one. Rows are computed some at a time, so that
/// memory is of the order of the nodes, not of their square. Pairs of a node with itself are left out.
/// </summary>
internal static class SigmoidDecoder
{
    // A block of so many probabilities stays in the caches.
    private const int BlockValues = 1 << 18;

    /// <summary>‖a_i − â_i‖₂ of nodes, and the gradient of their sum at the codes.</summary>
    /// <param name="codes">Z, <c>[n,k]</c>, row-major in this process's memory.</param>
    /// <param name="graph">The edges.</param>
    /// <param name="nodes">The nodes i, different ones.</param>
    /// <param name="others">
    /// The nodes that are looked at as what i has no edge to, different ones; the part that they have in the sum of squares is raised to that of all such
    /// nodes. With all nodes the result is exact.
    /// </param>
    /// <param name="gradient">Receives the gradient, of the shape of the codes; null: it is not wanted.</param>
    public static float[] Errors(Tensor codes, Graph graph, ReadOnlySpan<int> nodes, ReadOnlySpan<int> others, Tensor? gradient)
    {
        using IDisposable noGradient = no_grad();
        float[] errors = new float[nodes.Length];
        int[] place = new int[graph.Count];
        Array.Fill(place, -1);
        for (int c = 0; c < others.Length; c++) place[others[c]] = c;
        using Tensor columns = Positions(others), ends = codes.index_select(0, columns);
        int block = Math.Clamp(BlockValues / others.Length, 1, 256);
        gradient?.zero_();
        for (int start = 0; start < nodes.Length; start += block)
        {
            using DisposeScope scope = NewDisposeScope();
            ReadOnlySpan<int> part = nodes.Slice(start, Math.Min(block, nodes.Length - start));
            Tensor rows = Positions(part), from = codes.index_select(0, rows), guesses = mm(from, ends.t());
            for (int r = 0; r < part.Length; r++)
            {
                Span<float> guess = TorchNetwork.Floats(guesses).Slice(r * others.Length, others.Length);
                errors[start + r] = Row(codes, graph, part[r], place, guess, gradient);
            }
            if (gradient is null) continue;
            gradient.index_add_(0, rows, mm(guesses, ends), KeptScalar.Of(1));
            gradient.index_add_(0, columns, mm(guesses.t(), from), KeptScalar.Of(1));
        }
        return errors;
    }

    /// <summary>The mean of ‖a_i − â_i‖₂ over nodes, as a tensor with its gradient.</summary>
    /// <param name="z">Z, <c>[n,k]</c>.</param>
    /// <param name="graph">The edges.</param>
    /// <param name="nodes">The nodes i, which also stand for all others: see <see cref="Errors"/>.</param>
    public static Tensor MeanError(Tensor z, Graph graph, ReadOnlySpan<int> nodes)
    {
        using Tensor codes = TorchNetwork.Export(z), slopes = zeros_like(codes);
        double mean = TensorPrimitives.Sum<float>(Errors(codes, graph, nodes, nodes, slopes)) / nodes.Length;
        // Linear in the codes, with that gradient; then moved to the mean.
        Tensor linear = (z * slopes.to(z.device)).sum().Over(nodes.Length);
        return linear.Plus(linear.detach().From(mean));
    }

    /// <summary>The error of one row of z_i·z_j, which is replaced by the slopes of the error at them; those of edges go to the gradient at once.</summary>
    private static float Row(Tensor codes, Graph graph, int node, int[] place, Span<float> guess, Tensor? gradient)
    {
        TensorPrimitives.Sigmoid(guess, guess);
        ReadOnlySpan<int> neighbors = graph.NeighborsOf(node);
        int without = guess.Length;
        if (place[node] >= 0) Leave(place[node], guess, ref without);
        foreach (int neighbor in neighbors)
        {
            if (place[neighbor] >= 0) Leave(place[neighbor], guess, ref without);
        }
        double weight = without == 0 ? 0 : (graph.Count - 1.0 - neighbors.Length) / without;
        double squares = weight * TensorPrimitives.SumOfSquares(guess);
        int width = (int)codes.shape[1];
        ReadOnlySpan<float> z = TorchNetwork.Floats(codes), own = z.Slice(node * width, width);
        Span<float> missed = neighbors.Length <= 256 ? stackalloc float[neighbors.Length] : new float[neighbors.Length];
        for (int k = 0; k < neighbors.Length; k++) missed[k] = 1 / (1 + MathF.Exp(TensorPrimitives.Dot(own, z.Slice(neighbors[k] * width, width))));
        squares += TensorPrimitives.SumOfSquares<float>(missed);
        float error = (float)Math.Sqrt(squares);
        if (gradient is null) return error;
        // d‖·‖/dσ = (σ − a)/‖·‖ and dσ = σ(1 − σ).
        float scale = (float)(1 / Math.Max(error, 1e-12));
        Span<float> slopes = TorchNetwork.Floats(gradient), ownSlope = slopes.Slice(node * width, width);
        for (int k = 0; k < neighbors.Length; k++)
        {
            float slope = -scale * missed[k] * missed[k] * (1 - missed[k]);
            Span<float> otherSlope = slopes.Slice(neighbors[k] * width, width);
            TensorPrimitives.MultiplyAdd(z.Slice(neighbors[k] * width, width), slope, ownSlope, ownSlope);
            TensorPrimitives.MultiplyAdd(own, slope, otherSlope, otherSlope);
        }
        float factor = scale * (float)weight;
        for (int c = 0; c < guess.Length; c++) guess[c] = factor * guess[c] * guess[c] * (1 - guess[c]);
        return error;
    }

    private static void Leave(int position, Span<float> guess, ref int without)
    {
        guess[position] = 0;
        without--;
    }

    private static Tensor Positions(ReadOnlySpan<int> nodes) => tensor(Array.ConvertAll(nodes.ToArray(), node => (long)node));
}
