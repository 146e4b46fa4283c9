using AnomalySharp.Data.Tables;
using AnomalySharp.Graphs;
using AnomalySharp.Tables;

namespace AnomalySharp.Data.Graphs;

/// <summary>A table of edges, which makes the rows of another one nodes of a graph.</summary>
internal static class EdgeTable
{
    /// <summary>The rows as nodes. The column of ids is no feature: it names them.</summary>
    /// <param name="nodes">A table, or samples that are rows.</param>
    /// <param name="options">The file of the edges, and names of columns.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="DataException">A column is missing, ids are not unique, or an edge leads to a node that is not there.</exception>
    public static Dataset Connect(Dataset nodes, ReadOptions options, CancellationToken cancellation)
    {
        string path = options.Edges!;
        TableColumn? id = options.IdColumn is string name ? Column(nodes.Table, nodes.Source, name, "--id") : null;
        Table edges = Read(path, [], cancellation);
        (TableColumn from, TableColumn to) = Ends(edges, path, options);
        if (id is TextColumn && (from is NumberColumn || to is NumberColumn))
        {
            // Ids that look like numbers here are texts there: 007 is not 7.
            edges = Read(path, [from.Name, to.Name], cancellation);
            (from, to) = Ends(edges, path, options);
        }
        RequireExact(from, path);
        RequireExact(to, path);
        if (id is not null) RequireExact(id, nodes.Source);
        Dictionary<string, int> places = PlacesOf(id, nodes);
        Graph graph = Graph.OfEdges(
            nodes.Count, Find(from, places, path, nodes, options), Find(to, places, path, nodes, options), id is null ? null : [.. places.Keys]);
        Dataset features = nodes;
        if (id is not null)
        {
            Table without = new([.. nodes.Table!.Columns.Where(column => column != id)], nodes.Table.Source) { FirstRow = nodes.Table.FirstRow };
            if (without.Columns.Count == 0)
            {
                throw new DataException($"'{nodes.Source}' has no column but '{id.Name}', and nodes need an attribute. Add a column, if need be one of zeros.");
            }
            features = new Dataset(without, nodes.Labels);
        }
        return features.WithGraph(graph).WithNotes([.. nodes.Notes, .. graph.Notes]);
    }

    // Numbers are read as doubles, of which those beyond 2⁵³ are not all whole numbers apart.
    private static void RequireExact(TableColumn column, string source)
    {
        int row = column is NumberColumn numbers ? Array.FindIndex(numbers.Values, value => Math.Abs(value) > 1L << 53) : -1;
        if (row < 0) return;
        throw new DataException(
            $"In '{source}', row {row} (counted from 0), column '{column.Name}', the id is a number of more digits than are told apart (2^53). Write a letter "
            + "before ids, in nodes and edges.");
    }

    private static Table Read(string path, IReadOnlyList<string> textColumns, CancellationToken cancellation)
    {
        ReadOptions options = new() { TextColumns = textColumns };
        FileKind kind = FileKinds.Of(path, options);
        if (!kind.IsTable) throw new DataException($"'{path}' is no table of edges. Give a table with a column for each end of an edge.");
        return TableReader.ReadBlocks(kind, path, options, int.MaxValue, cancellation).Single().Table!;
    }

    private static (TableColumn From, TableColumn To) Ends(Table edges, string path, ReadOptions options)
    {
        if (edges.Columns.Count < 2) throw new DataException($"'{path}' has one column, and edges have two ends. Give a table with a column for each.");
        return (
            options.FromColumn is string from ? Column(edges, path, from, "--from") : edges.Columns[0],
            options.ToColumn is string to ? Column(edges, path, to, "--to") : edges.Columns[1]);
    }

    private static TableColumn Column(Table? table, string source, string name, string option)
    {
        if (table is null) throw new DataException($"{source} is no table, so it has no column '{name}'. Leave {option} away: edges then name nodes by number.");
        return table.Columns.FirstOrDefault(column => column.Name == name) ?? throw new DataException(
            $"'{source}' has no column '{name}' ({option}). Its columns are: {string.Join(", ", table.Columns.Take(50).Select(column => column.Name))}.");
    }

    private static Dictionary<string, int> PlacesOf(TableColumn? id, Dataset nodes)
    {
        Dictionary<string, int> places = new(nodes.Count, StringComparer.Ordinal);
        for (int i = 0; i < nodes.Count; i++)
        {
            string text = id?.Text(i) ?? i.ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (text.Length == 0) throw new DataException($"In '{nodes.Source}', row {i}, column '{id!.Name}', the id is missing. Fill it in.");
            if (places.TryAdd(text, i)) continue;
            throw new DataException($"In '{nodes.Source}', rows {places[text]} and {i} have the same id '{text}' in column '{id!.Name}'. Ids must differ.");
        }
        return places;
    }

    private static int[] Find(TableColumn ends, Dictionary<string, int> places, string path, Dataset nodes, ReadOptions options)
    {
        int[] found = new int[ends.Count];
        int first = -1, unknown = 0;
        for (int e = 0; e < found.Length; e++)
        {
            if (places.TryGetValue(ends.Text(e), out found[e])) continue;
            if (first < 0) first = e;
            unknown++;
        }
        if (first < 0) return found;
        string text = ends.Text(first), where = $"In '{path}', row {first} (counted from 0), column '{ends.Name}'";
        if (text.Length == 0) throw new DataException($"{where}, the end of the edge is missing. Fill it in, or leave the edge out.");
        string nodesAre = options.IdColumn is string id ? $"whose ids are in column '{id}'" : $"whose ids are the row numbers 0 to {nodes.Count - 1}";
        string remedy = options.IdColumn is null ? ", leave the edge out, or name the column of ids with --id." : ", or leave the edge out.";
        throw new DataException(
            $"{where}: there is no node '{text}' in '{nodes.Source}', {nodesAre}. {(unknown == 1 ? "1 edge leads" : $"{unknown} edges lead")} to such nodes "
            + $"by this column. Add the node{remedy}");
    }
}
