using System.IO.Compression;
using System.Text;

namespace AnomalySharp.Data.Tests;

/// <summary>A folder for the files of one test.</summary>
public abstract class TemporaryFolder : IDisposable
{
    protected string Folder { get; } = Directory.CreateTempSubdirectory("anomalysharp-test-").FullName;

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected string PathOf(string name) => Path.Combine(Folder, name);

    protected string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    protected string Write(string name, byte[] bytes)
    {
        string path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using Stream file = name.EndsWith(".gz", StringComparison.Ordinal)
            ? new GZipStream(File.Create(path), CompressionLevel.Fastest)
            : File.Create(path);
        file.Write(bytes);
        return path;
    }

    protected static Dataset Read(string? path, ReadOptions? options = null) => DatasetReader.Read(path, options, TestContext.Current.CancellationToken);

    protected static IEnumerable<Dataset> ReadBlocks(string? path, ReadOptions? options = null, int blockRows = 65_536) =>
        DatasetReader.ReadBlocks(path, options, blockRows, TestContext.Current.CancellationToken);

    /// <summary>Reads, expecting it to fail, and checks that the message names every one of the parts.</summary>
    protected static void AssertRefused(string? path, ReadOptions? options, params string[] parts)
    {
        string message = Assert.Throws<DataException>(() => Read(path, options)).Message;
        foreach (string part in parts) Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}
