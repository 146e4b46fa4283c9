using System.Runtime.CompilerServices;
using AnomalySharp.FeatureExtraction;

namespace AnomalySharp.Onnx.Tests;

/// <summary>A folder of networks that a test wrote.</summary>
internal sealed class NetworkFolder : IDisposable
{
    private static readonly string Caches = Path.Combine(Path.GetTempPath(), $"anomalysharp-caches-{Guid.NewGuid():N}");

    private readonly string _path = Directory.CreateTempSubdirectory("anomalysharp-networks-").FullName;

    /// <summary>Where features are kept, of all tests.</summary>
    public static string Cache { get; } = Path.Combine(Caches, "features");

    public string this[string name] => Path.Combine(_path, name);

    /// <summary>Writes a network, and gives the path of the file.</summary>
    public string Add(string name, byte[] network)
    {
        File.WriteAllBytes(this[name], network);
        return this[name];
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    /// <summary>Tests leave the user's cache alone.</summary>
    [ModuleInitializer]
    internal static void UseOwnCaches()
    {
        Environment.SetEnvironmentVariable(FeatureCache.FolderVariable, Caches);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            if (Directory.Exists(Caches)) Directory.Delete(Caches, recursive: true);
        };
    }
}
