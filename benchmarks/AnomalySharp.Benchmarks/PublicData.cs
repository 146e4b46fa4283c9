using System.Runtime.CompilerServices;

namespace AnomalySharp.Benchmarks;

/// <summary>The public data sets: in <c>ANOMALYSHARP_DATA</c>, or in <c>shared/data</c> beside the repository.</summary>
internal static class PublicData
{
    public static string File(string name) => Path.Combine(Folder(), name);

    public static string Repository([CallerFilePath] string thisFile = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../.."));

    private static string Folder() => Environment.GetEnvironmentVariable("ANOMALYSHARP_DATA") ?? Path.Combine(Repository(), "../shared/data");
}
