using System.Runtime.CompilerServices;

namespace AnomalySharp.Tests.Common;

/// <summary>Public data sets that are not part of the repository: tests that need them are skipped, with this reason, where they are absent.</summary>
internal static class RealData
{
    /// <summary>Folder of the data sets: <c>ANOMALYSHARP_DATA</c>, or <c>shared/data</c> beside the repository; null where there is none.</summary>
    public static string? Folder { get; } = Find();

    /// <summary>Folder of the repository.</summary>
    public static string Repository() => AboveThisFile();

    /// <summary>A file or folder below <see cref="Folder"/>; skips the test where it is absent.</summary>
    public static string Require(string relative)
    {
        string? path = Folder is null ? null : Path.Combine(Folder, relative);
        bool exists = File.Exists(path) || Directory.Exists(path);
        Assert.SkipUnless(exists, $"The data set '{relative}' is not here; set ANOMALYSHARP_DATA to the folder that holds it.");
        return path!;
    }

    // A default value is filled in where the call stands: here, and not in the test that asks.
    private static string AboveThisFile([CallerFilePath] string thisFile = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../.."));

    private static string? Find()
    {
        string folder = Environment.GetEnvironmentVariable("ANOMALYSHARP_DATA") ?? Path.Combine(Repository(), "../shared/data");
        return Directory.Exists(folder) ? Path.GetFullPath(folder) : null;
    }
}
