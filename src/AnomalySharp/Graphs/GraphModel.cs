namespace AnomalySharp.Graphs;

/// <summary>What a model that judges nodes by their edges says of single nodes: it needs all nodes of the graph for it.</summary>
/// <param name="parts">The model.</param>
/// <param name="detector">Its detector.</param>
/// <param name="nodes">All nodes, as features that are not scaled.</param>
internal sealed class GraphModel(ModelParts parts, Detector detector, Samples nodes)
{
    /// <summary>How much each feature of the wanted nodes contributed to their scores: shape of the nodes.</summary>
    public Samples Attribute(IReadOnlyList<int> wanted, int threads, CancellationToken cancellation)
    {
        int[] rows = [.. wanted];
        if (parts.Features is not { SeesGraph: true } features)
        {
            return BlockedDetector.Attribute(detector, parts.Scaler, nodes, threads, cancellation, parts.Features).Select(rows);
        }
        Samples chosen = nodes.WithLabels(null).Select(rows);
        List<float> contributions = new(chosen.Values.Length);
        foreach (int row in rows)
        {
            cancellation.ThrowIfCancellationRequested();
            contributions.AddRange(features.AttributeNode(nodes, row, parts.Scaler, detector));
        }
        return chosen.WithValues(contributions.ToArray(), chosen.Shape, chosen.FeatureNames);
    }

    /// <summary>For each of the wanted nodes the edges, there and not there, that contributed most; null where the detector does not say.</summary>
    public IReadOnlyList<IReadOnlyList<EdgeEffect>>? Edges(IReadOnlyList<int> wanted, int top)
    {
        if (detector is not IEdgeEffects effects) return null;
        Samples seen = parts.Features is null ? nodes : parts.Features.Extract(nodes);
        return effects.EdgeEffects(parts.Scaler.Apply(seen.WithLabels(null)), wanted, top);
    }
}
