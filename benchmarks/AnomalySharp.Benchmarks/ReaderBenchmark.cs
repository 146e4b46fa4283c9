using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using AnomalySharp.Data;
using BenchmarkDotNet.Attributes;
using DuckDB.NET.Data;

namespace AnomalySharp.Benchmarks;

/// <summary>Reading 200,000 rows of 20 numbers from each kind of file, and as many bytes of pictures from IDX.</summary>
[MemoryDiagnoser]
public class ReaderBenchmark
{
    private const int Rows = 200_000, Columns = 20;
    private readonly string _folder = Directory.CreateTempSubdirectory("anomalysharp-benchmark-").FullName;

    [GlobalSetup]
    public void WriteFiles()
    {
        using DuckDBConnection connection = new("DataSource=:memory:");
        connection.Open();
        string columns = string.Join(", ", Enumerable.Range(0, Columns).Select(j => $"random() AS v{j}"));
        foreach (string name in new[] { "t.csv", "t.parquet" })
        {
            using DuckDBCommand command = connection.CreateCommand();
            command.CommandText = $"COPY (SELECT {columns} FROM range({Rows})) TO '{PathOf(name)}'";
            command.ExecuteNonQuery();
        }
        Random random = new(1);
        using (ZipArchive zip = ZipFile.Open(PathOf("t.npz"), ZipArchiveMode.Create))
        using (Stream entry = zip.CreateEntry("X.npy", CompressionLevel.NoCompression).Open())
        {
            string header = $"{{'descr': '<f8', 'fortran_order': False, 'shape': ({Rows}, {Columns}), }}\n";
            entry.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header)]);
            double[] values = new double[Rows * Columns];
            for (int i = 0; i < values.Length; i++) values[i] = random.NextDouble();
            entry.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }
        byte[] pictures = new byte[16 + (Rows * Columns)];
        random.NextBytes(pictures);
        (pictures[0], pictures[1], pictures[2], pictures[3]) = (0, 0, 8, 3);
        BinaryPrimitives.WriteInt32BigEndian(pictures.AsSpan(4), Rows * Columns / 400);
        BinaryPrimitives.WriteInt32BigEndian(pictures.AsSpan(8), 20);
        BinaryPrimitives.WriteInt32BigEndian(pictures.AsSpan(12), 20);
        File.WriteAllBytes(PathOf("t-images-idx3-ubyte"), pictures);
    }

    [GlobalCleanup]
    public void RemoveFiles() => Directory.Delete(_folder, recursive: true);

    [Benchmark]
    public int Csv() => DatasetReader.Read(PathOf("t.csv")).Count;

    [Benchmark]
    public int Parquet() => DatasetReader.Read(PathOf("t.parquet")).Count;

    [Benchmark]
    public int ParquetInBlocks() => DatasetReader.ReadBlocks(PathOf("t.parquet")).Sum(block => block.Count);

    [Benchmark]
    public int Npz() => DatasetReader.Read(PathOf("t.npz")).Count;

    [Benchmark]
    public int Idx() => DatasetReader.Read(PathOf("t-images-idx3-ubyte")).Count;

    private string PathOf(string name) => Path.Combine(_folder, name);
}
