using System.IO.Compression;
using System.Numerics.Tensors;
using AnomalySharp.Data.Graphs;
using AnomalySharp.Tables;

namespace AnomalySharp.Data.Arrays;

/// <summary>
/// NumPy's <c>.npz</c>: array <c>X</c> holds the samples, another one the labels where they are asked for. <c>[n,d]</c> are rows of a table,
/// <c>[n,t,d]</c> windows of a sequence, <c>[n,c,h,w]</c> pictures; <c>[n,h,w]</c> of bytes with 8 or more in both extents are grey pictures. Bytes
/// of pictures are scaled to 0…1. Rows with missing values become a table, whose gaps are filled later.
/// With an array <c>edge_index</c> it is a graph, whose nodes are in <c>x</c>: see <see cref="GraphArrays"/>.
/// </summary>
internal static class NpzReader
{
    private const string SamplesName = "X";

    public static Dataset Read(string path, ReadOptions options, CancellationToken cancellation) => FileBytes.Guard(path, () =>
    {
        cancellation.ThrowIfCancellationRequested();
        using FileStream file = File.OpenRead(path);
        if (file.ReadByte() == 0x93)
        {
            file.Position = 0;
            RequireNoLabels(path, options, [Path.GetFileName(path)]);
            return ToDataset(NpyArray.Read(file, $"'{path}'"), null, path);
        }
        file.Position = 0;
        using ZipArchive zip = new(file, ZipArchiveMode.Read);
        string[] names = NamesOf(zip);
        NpyArray? edges = ReadArray(GraphArrays.Edges);
        NpyArray samples = (edges is null ? null : NodesOf(names)) ?? ReadArray(SamplesName) ?? throw new DataException(
            $"'{path}' has no array '{SamplesName}'. It holds {Listed(names)}. Save the samples with numpy.savez(file, {SamplesName}=…, y=…).");
        cancellation.ThrowIfCancellationRequested();
        NpyArray? labels = options.LabelColumn is null ? null : ReadArray(options.LabelColumn);
        if (labels is null) RequireNoLabels(path, options, names);
        Dataset data = ToDataset(samples, labels is null ? null : ToLabels(path, labels, samples, options), path);
        if (edges is null) return data;
        if (samples.Shape.Length != 2) throw new DataException($"'{path}' has edges, and nodes of a graph have features [n, features].");
        AnomalySharp.Graphs.Graph graph = GraphArrays.Read(edges, samples.Shape[0], path);
        return data.WithGraph(graph).WithNotes(graph.Notes);

        NpyArray? NodesOf(string[] there) => there.Contains("x") ? ReadArray("x")
            : GraphArrays.CompressedRows.All(there.Contains) ? GraphArrays.Expand([.. GraphArrays.CompressedRows.Select(name => ReadArray(name)!)], path)
            : null;

        NpyArray? ReadArray(string name)
        {
            if (zip.GetEntry(name + ".npy") is not ZipArchiveEntry entry) return null;
            using Stream stream = entry.Open();
            return NpyArray.Read(stream, $"Array '{name}' of '{path}'");
        }
    });

    /// <summary>Arrays of an archive by their names.</summary>
    /// <exception cref="DataException">The file cannot be read, or lacks one of them.</exception>
    public static NpyArray[] ReadArrays(string path, params string[] names) => FileBytes.Guard(path, () =>
    {
        using FileStream file = File.OpenRead(path);
        using ZipArchive zip = new(file, ZipArchiveMode.Read);
        return Array.ConvertAll(names, name =>
        {
            ZipArchiveEntry entry = zip.GetEntry(name + ".npy")
                ?? throw new DataException($"'{path}' has no array '{name}'. It holds {Listed(NamesOf(zip))}.");
            using Stream stream = entry.Open();
            return NpyArray.Read(stream, $"Array '{name}' of '{path}'");
        });
    });

    private static string[] NamesOf(ZipArchive zip) =>
        [.. zip.Entries.Where(entry => entry.FullName.EndsWith(".npy", StringComparison.Ordinal)).Select(entry => entry.FullName[..^4])];

    private static string Listed(string[] names) => names.Length == 0 ? "no arrays" : string.Join(", ", names.Take(20).Select(name => $"'{name}'"));

    private static void RequireNoLabels(string path, ReadOptions options, string[] names)
    {
        if (options.LabelColumn is null || options.LabelOptional) return;
        throw new DataException($"'{path}' has no array '{options.LabelColumn}' for the labels. It holds {Listed(names)}.");
    }

    private static byte[] ToLabels(string path, NpyArray labels, NpyArray samples, ReadOptions options)
    {
        int rows = samples.Shape.Length == 0 ? 0 : samples.Shape[0];
        if (labels.Length != rows) throw new DataException($"In '{path}', '{options.LabelColumn}' has {labels.Length} labels for {rows} samples.");
        return new LabelMap(path, options.LabelColumn!, options.AnomalyValue).Of(labels.ToTexts());
    }

    private static Dataset ToDataset(NpyArray array, byte[]? labels, string path)
    {
        int[] shape = array.Shape;
        string extents = $"[{string.Join(", ", shape)}]";
        if (array.IsText) throw new DataException($"The samples of '{path}' are texts ({array.Type}). Save numbers, or a table as .csv or .parquet.");
        if (shape.Length is < 2 or > 4)
        {
            throw new DataException(
                $"The samples of '{path}' have the shape {extents}. Give [n, features], [n, time, features] or [n, channels, height, width].");
        }
        if (shape.Contains(0)) throw new DataException($"'{path}' holds no samples: its shape is {extents}. Give at least one.");
        bool bytes = array.Type == "u1", pictures = shape.Length == 4 || (shape.Length == 3 && bytes && shape[1] >= 8 && shape[2] >= 8);
        float[] values = array.ToSingles();
        if (bytes && pictures) TensorPrimitives.Multiply(values, 1f / 255, values);
        SampleShape sample = pictures && shape.Length == 3 ? new SampleShape(1, shape[1], shape[2]) : new SampleShape(shape.AsSpan(1));
        if (shape.Length == 2 && array.Type[0] == 'f' && values.Any(float.IsNaN))
        {
            return new Dataset(ToTable(array, path), labels);
        }
        return new Dataset(new Samples(values, sample, labels)) { Source = path };
    }

    private static Table ToTable(NpyArray array, string path)
    {
        double[] values = array.ToDoubles();
        int rows = array.Shape[0], width = array.Shape[1];
        TableColumn[] columns = new TableColumn[width];
        for (int j = 0; j < width; j++)
        {
            double[] cells = new double[rows];
            for (int i = 0; i < rows; i++) cells[i] = values[i * width + j];
            // The names that samples without names go by, so that a model of such samples knows them.
            columns[j] = new NumberColumn($"f{j}", cells);
        }
        return new Table(columns, path);
    }
}
