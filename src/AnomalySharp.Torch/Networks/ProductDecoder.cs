using AnomalySharp.Graphs;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// Edges from codes: Â = ZZᵀ, to be like A + I. The sums over all pairs are products of matrices <c>[k,k]</c>: neither time nor memory is of the order of
/// the square of the nodes.
/// </summary>
internal static class ProductDecoder
{
    /// <summary>‖a_i − â_i‖₂ of every node: <c>[n]</c>.</summary>
    /// <param name="z">Z, <c>[n,k]</c>.</param>
    /// <param name="graph">The edges.</param>
    /// <remarks>Σ_j (z_i·z_j − a_ij)² = z_iᵀ(ZᵀZ)z_i − 2 Σ_{j: a_ij = 1} z_i·z_j + Σ_j a_ij.</remarks>
    public static Tensor Errors(Tensor z, Graph graph)
    {
        using Tensor ends = tensor(Array.ConvertAll(Enumerable.Range(0, graph.Count).ToArray(), i => 1f + graph.DegreeOf(i)));
        Tensor pairs = (mm(z, mm(z.t(), z)) * z).sum(1), edges = (mm(GraphConvolution.Adjacency(graph, z), z) * z).sum(1);
        // Rounding may leave less than nothing; the root has no slope at 0.
        return (pairs - edges.Times(2)).Plus(ends.to(z.dtype, z.device)).relu().Plus(1e-12).sqrt();
    }
}
