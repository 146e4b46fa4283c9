using AnomalySharp.Data.Arrays;
using AnomalySharp.Graphs;

namespace AnomalySharp.Data.Graphs;

/// <summary>The arrays of a graph in an <c>.npz</c>: <c>edge_index</c> [2,m], and features as <c>x</c> [n,d] or in compressed rows.</summary>
internal static class GraphArrays
{
    /// <summary>Name of the array of edges: what has it is a graph.</summary>
    public const string Edges = "edge_index";

    /// <summary>Names of the arrays of compressed rows, as SciPy saves them.</summary>
    public static readonly string[] CompressedRows = ["data", "indices", "indptr", "shape"];

    /// <summary>The graph over <paramref name="count"/> nodes.</summary>
    /// <exception cref="DataException">Not two rows of whole numbers, or an end that is no node.</exception>
    public static Graph Read(NpyArray edges, int count, string path)
    {
        if (edges.IsText || edges.Shape is not [2, int length])
        {
            throw new DataException($"In '{path}', '{Edges}' has the shape [{string.Join(", ", edges.Shape)}]. Give [2, edges]: two rows of node numbers.");
        }
        int[] ends = Integers(edges, Edges, path);
        try
        {
            return Graph.OfEdges(count, ends.AsSpan(0, length), ends.AsSpan(length));
        }
        catch (DataException e)
        {
            throw new DataException($"In '{path}', '{Edges}': {e.Message}", e);
        }
    }

    /// <summary>Compressed rows as a matrix.</summary>
    /// <param name="arrays">Those of <see cref="CompressedRows"/>, in that order.</param>
    /// <param name="path">File, for messages.</param>
    /// <exception cref="DataException">They do not fit together.</exception>
    public static NpyArray Expand(NpyArray[] arrays, string path)
    {
        float[] data = arrays[0].ToSingles();
        int[] columns = Integers(arrays[1], CompressedRows[1], path), starts = Integers(arrays[2], CompressedRows[2], path);
        int[] shape = Integers(arrays[3], CompressedRows[3], path);
        if (shape is not [>= 0, > 0] || (long)shape[0] * shape[1] > Array.MaxLength / sizeof(float))
        {
            throw new DataException($"In '{path}', 'shape' is [{string.Join(", ", shape)}]. Give the number of nodes and of features, 2 GB as float32 at most.");
        }
        bool fits = starts.Length == shape[0] + 1 && data.Length == columns.Length && starts[0] == 0 && starts[^1] == data.Length;
        for (int i = 0; fits && i < shape[0]; i++) fits = starts[i] <= starts[i + 1];
        if (!fits || columns.Any(column => (uint)column >= (uint)shape[1]))
        {
            throw new DataException($"In '{path}', {string.Join(", ", CompressedRows)} do not fit together. Write them again, or save the matrix as 'x'.");
        }
        byte[] bytes = new byte[shape[0] * shape[1] * sizeof(float)];
        Span<float> values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        for (int i = 0; i < shape[0]; i++)
        {
            for (int k = starts[i]; k < starts[i + 1]; k++) values[(i * shape[1]) + columns[k]] += data[k];
        }
        return new NpyArray("f4", shape, bytes);
    }

    private static int[] Integers(NpyArray array, string name, string path) => Array.ConvertAll(array.ToDoubles(), value => value == (int)value
        ? (int)value
        : throw new DataException(FormattableString.Invariant($"In '{path}', '{name}' holds {value}, which is no number of a node or feature.")));
}
