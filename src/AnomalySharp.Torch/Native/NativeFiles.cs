using System.Runtime.InteropServices;

namespace AnomalySharp.Torch.Native;

/// <summary>Where the native files of libtorch are looked for, and their names on this system.</summary>
internal sealed class NativeFiles
{
    /// <summary>Names a folder with another libtorch (of the same version), for example one for a GPU; it is looked into first.</summary>
    public const string FolderVariable = "ANOMALYSHARP_LIBTORCH";

    /// <summary>The folders, in the order in which they are looked into.</summary>
    public IReadOnlyList<string> Folders { get; }

    public NativeFiles(IEnumerable<string?> folders) =>
        Folders =
        [
            .. folders.OfType<string>().Where(folder => folder.Length > 0).Select(Path.TrimEndingDirectorySeparator).Distinct(StringComparer.Ordinal),
        ];

    /// <summary>
    /// The folder that the user names, those that the host found by the application's deps.json (beside the application, or the NuGet folder
    /// when it was built and not published), and the places beside the application where they would be.
    /// </summary>
    public static NativeFiles OfThisProcess()
    {
        string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        string architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        string[] found = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator);
        return new NativeFiles(
        [
            Environment.GetEnvironmentVariable(FolderVariable),
            .. found,
            AppContext.BaseDirectory,
            Path.Combine(AppContext.BaseDirectory, "runtimes", $"{system}-{architecture}", "native"),
        ]);
    }

    /// <summary>Full path of library <paramref name="name"/> (without prefix and extension), or null.</summary>
    public string? Find(string name) => Folders.Select(folder => Path.Combine(folder, FileName(name))).FirstOrDefault(File.Exists);

    /// <summary>File name of library <paramref name="name"/> on this system.</summary>
    public static string FileName(string name) =>
        OperatingSystem.IsWindows() ? $"{name}.dll" : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";
}
