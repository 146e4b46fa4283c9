using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using AnomalySharp.Data.Protocols;
using AnomalySharp.Tests.Common;

namespace AnomalySharp.Data.Tests;

public class GraphReaderTests : TemporaryFolder
{
    private static readonly ReadOptions ById = new() { IdColumn = "id" };

    private string Nodes => Write("nodes.csv", "id,size,color\n007,1.5,red\nb,2.5,blue\nc,0.5,red\nd,4,red\n");

    [Fact]
    public void Rows_become_nodes_by_their_ids_and_the_column_of_ids_is_no_feature()
    {
        string edges = Write("edges.csv", "weight,source,target\n1,007,b\n2,c,b\n2,b,c\n3,d,d\n");
        Dataset data = Read(Nodes, ById with { Edges = edges, FromColumn = "source", ToColumn = "target" });
        Assert.Equal(["size", "color"], data.Table!.Columns.Select(column => column.Name));
        Assert.Equal(["007", "b", "c", "d"], data.Graph!.Names!);
        Assert.Equal([1, 2, 1, 0], Enumerable.Range(0, 4).Select(data.Graph.DegreeOf));
        Assert.Equal(2, data.Notes.Count);
        Dataset block = Assert.Single(ReadBlocks(Nodes, ById with { Edges = edges, FromColumn = "source", ToColumn = "target" }, blockRows: 2));
        Assert.Equal(2, block.Graph!.EdgeCount);
    }

    [Fact]
    public void Nodes_of_arrays_get_their_labels_from_a_file()
    {
        ReadOptions options = new() { Edges = Write("edges.csv", "from,to\n0,1\n"), LabelsFile = Write("labels.txt", "0\n1\n0\n") };
        foreach (float last in (float[])[3, float.NaN])
        {
            // With a missing value an array is read as a table.
            Dataset nodes = Read(Npz($"{last}.npz", ("X", Npy("<f4", "3, 1", [1f, 2f, last]))), options);
            Assert.Equal([0, 1, 0], nodes.Labels!);
            Assert.Equal(1, nodes.Graph!.EdgeCount);
        }
    }

    [Fact]
    public void Ids_that_numbers_do_not_tell_apart_and_nodes_without_attributes_are_refused()
    {
        string edges = Write("edges.csv", "from,to\n123456789012345678,123456789012345679\n");
        AssertRefused(Write("large.csv", "id,a\n123456789012345678,1\n123456789012345679,2\n"), ById with { Edges = edges }, "row 0", "2^53");
        AssertRefused(Write("bare.csv", "id\na\nb\n"), ById with { Edges = Write("ab.csv", "from,to\na,b\n") }, "bare.csv", "no column but 'id'");
    }

    [Fact]
    public void Ids_may_be_numbers_texts_that_look_like_some_or_rows()
    {
        string nodes = Write("n.csv", "id,x\n10,1\n20,2\n30,5\n"), edges = Write("e.csv", "a,b\n10,30\n30,20\n"), rows = Write("r.csv", "a,b\n0,2\n2,1\n");
        Assert.Equal([1, 1, 2], Enumerable.Range(0, 3).Select(Read(nodes, ById with { Edges = edges }).Graph!.DegreeOf));
        Dataset byRow = Read(nodes, new ReadOptions { Edges = rows });
        Assert.Equal([1, 1, 2], Enumerable.Range(0, 3).Select(byRow.Graph!.DegreeOf));
        Assert.Equal(["id", "x"], byRow.Table!.Columns.Select(column => column.Name));
        // 007 is a text beside b, and a number among numbers.
        Assert.Equal(1, Read(Nodes, ById with { Edges = Write("f.csv", "a,b\n007,007\nc,b\n") }).Graph!.EdgeCount);
        string few = Write("g.csv", "id,x\n007,1\nb,2\n008,3\n"), numbers = Write("h.csv", "a,b\n007,008\n");
        Assert.Equal(1, Read(few, ById with { Edges = numbers }).Graph!.EdgeCount);
    }

    [Fact]
    public void Edges_that_cannot_be_used_are_refused_by_row_and_column()
    {
        string nodes = Nodes, edges = Write("e.csv", "from,to\nb,c\n007,zoe\nb,tom\n");
        AssertRefused(nodes, ById with { Edges = edges }, "e.csv", "row 1 (counted from 0), column 'to'", "no node 'zoe'", "nodes.csv", "column 'id'", "2 edges");
        AssertRefused(nodes, new ReadOptions { Edges = edges }, "row 0", "column 'from'", "no node 'b'", "row numbers 0 to 3", "--id");
        AssertRefused(nodes, ById with { Edges = Write("m.csv", "from,to\nb,\n") }, "row 0", "column 'to'", "missing");
        AssertRefused(nodes, ById with { Edges = edges, FromColumn = "left" }, "no column 'left' (--from)", "from, to");
        AssertRefused(nodes, new ReadOptions { Edges = edges, IdColumn = "name" }, "no column 'name' (--id)", "id, size, color");
        AssertRefused(nodes, ById with { Edges = Write("one.csv", "from\nb\n") }, "one column", "two ends");
        AssertRefused(nodes, ById with { Edges = PathOf("none.csv") }, "none.csv");
        AssertRefused(Write("twice.csv", "id,x\na,1\nb,2\na,3\n"), ById with { Edges = edges }, "rows 0 and 2", "same id 'a'");
        AssertRefused(Write("gap.csv", "id,x\na,1\n,2\n"), ById with { Edges = edges }, "row 1", "id is missing");
    }

    [Fact]
    public void Arrays_with_an_edge_index_are_a_graph_dense_or_in_compressed_rows()
    {
        byte[] edges = Npy("<i4", "2, 2", [0, 1, 2, 0]);
        Dataset dense = Read(Npz("d.npz", ("x", Npy("<f4", "3, 2", [1f, 0f, 0f, 2f, 3f, 0f])), ("edge_index", edges), ("y", Npy("<i4", "3", [0, 1, 0]))),
            new ReadOptions { LabelColumn = "y" });
        Assert.Equal([0, 1, 0], dense.Labels!);
        Assert.Equal([2, 1, 1], Enumerable.Range(0, 3).Select(dense.Graph!.DegreeOf));
        Dataset compressed = Read(Npz(
            "c.npz",
            ("data", Npy("<f4", "3", [1f, 2f, 3f])), ("indices", Npy("<i4", "3", [0, 1, 0])), ("indptr", Npy("<i4", "4", [0, 1, 2, 3])),
            ("shape", Npy("<i4", "2", [3, 2])), ("edge_index", edges)));
        Assert.Equal(dense.Samples!.Values.ToArray(), compressed.Samples!.Values.ToArray());
        Assert.Equal(DataKinds.Graph, compressed.Kind);
        Assert.Null(Read(Npz("t.npz", ("X", Npy("<f4", "1, 2", [1f, 2f])))).Graph);
    }

    [Fact]
    public void Arrays_that_do_not_fit_are_refused()
    {
        (string, byte[]) x = ("x", Npy("<f4", "2, 1", [1f, 2f]));
        AssertRefused(Npz("a.npz", x, ("edge_index", Npy("<i4", "2, 2", [0, 1, 1, 2]))), null, "a.npz", "edge_index", "node 2", "2 nodes");
        AssertRefused(Npz("b.npz", x, ("edge_index", Npy("<i4", "1, 2", [0, 1]))), null, "[1, 2]", "[2, edges]");
        AssertRefused(Npz("f.npz", x, ("edge_index", Npy("<f4", "2, 1", [0f, 0.5f]))), null, "0.5", "no number of a node");
        (string, byte[])[] rows =
        [
            ("data", Npy("<f4", "1", [1f])), ("indices", Npy("<i4", "1", [5])), ("indptr", Npy("<i4", "3", [0, 1, 1])), ("shape", Npy("<i4", "2", [2, 2])),
        ];
        AssertRefused(Npz("r.npz", [.. rows, ("edge_index", Npy("<i4", "2, 1", [0, 1]))]), null, "do not fit together");
        AssertRefused(Npz("p.npz", ("x", Npy("<f4", "2, 1, 2", [1f, 2f, 3f, 4f])), ("edge_index", Npy("<i4", "2, 1", [0, 1]))), null, "[n, features]");
    }

    [Fact]
    public void Public_graphs_are_read_with_their_edges_and_labels()
    {
        Dataset injected = LabelledGraph.Read(RealData.Require("graph/inj_cora.npz"), TestContext.Current.CancellationToken);
        Assert.Equal((2708, 1433, 5574, 138), (injected.Count, injected.Samples!.Shape.Length, injected.Graph!.EdgeCount, injected.Labels!.Count(label => label == 1)));
        Dataset cora = Read(RealData.Require("graph/cora.npz"));
        Assert.Equal((2708, 1433, 5278), (cora.Count, cora.Samples!.Shape.Length, cora.Graph!.EdgeCount));
    }

    private static byte[] Npy<T>(string type, string shape, T[] values) where T : unmanaged
    {
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({shape},), }}\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.Latin1.GetBytes(header), .. MemoryMarshal.AsBytes<T>(values)];
    }

    private string Npz(string name, params (string Name, byte[] Npy)[] arrays)
    {
        string path = PathOf(name);
        using ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach ((string array, byte[] npy) in arrays)
        {
            using Stream entry = zip.CreateEntry(array + ".npy").Open();
            entry.Write(npy);
        }
        return path;
    }
}
