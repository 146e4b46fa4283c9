using System.Globalization;
using System.Text;

namespace AnomalySharp.Cli.Tests.Support;

/// <summary>A folder of its own for a test, gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("anomaly-test-").FullName;

    /// <summary>The path of <paramref name="name"/> in the folder.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Names of the files in the folder, in order.</summary>
    public string[] Files =>
        [.. Directory.EnumerateFileSystemEntries(Path).Select(entry => System.IO.Path.GetFileName(entry)!).Order(StringComparer.Ordinal)];

    public string Write(string name, string content) => Write(name, Encoding.UTF8.GetBytes(content));

    public string Write(string name, byte[] content)
    {
        File.WriteAllBytes(this[name], content);
        return this[name];
    }

    /// <summary>A table of two numbers, with some rows far from the others and labelled 1 in the column <c>y</c>.</summary>
    public string WriteTable(string name, int rows = 200, bool labels = true)
    {
        Random random = new(3);
        StringBuilder text = new(labels ? "a,b,y\n" : "a,b\n");
        for (int i = 0; i < rows; i++)
        {
            int label = i % 20 == 7 ? 1 : 0;
            text.Append(CultureInfo.InvariantCulture, $"{random.NextDouble() + label * 9:F4},{random.NextDouble() - label * 9:F4}");
            text.Append(labels ? $",{label}\n" : "\n");
        }
        return Write(name, text.ToString());
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
