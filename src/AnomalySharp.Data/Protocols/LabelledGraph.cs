using AnomalySharp.Data.Arrays;

namespace AnomalySharp.Data.Protocols;

/// <summary>
/// A graph in an <c>.npz</c> whose array <c>y</c> is 0 for normal nodes: other numbers, which say how an anomaly was made, all mean anomaly.
/// </summary>
public static class LabelledGraph
{
    /// <summary>The nodes with their edges and labels.</summary>
    /// <exception cref="DataException">The file cannot be read, holds no graph, or has no labels.</exception>
    public static Dataset Read(string path, CancellationToken cancellation = default)
    {
        Dataset data = DatasetReader.Read(path, cancellation: cancellation);
        if (data is not { Graph: not null, Samples: { } nodes }) throw new DataException($"'{path}' holds no graph: it lacks 'edge_index' or 'x'.");
        byte[] labels = [.. NpzReader.ReadArrays(path, "y")[0].ToDoubles().Select(label => label == 0 ? (byte)0 : (byte)1)];
        return new Dataset(nodes.WithLabels(labels)) { Source = data.Source, Notes = data.Notes };
    }
}
