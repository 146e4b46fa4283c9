using AnomalySharp.Data;
using AnomalySharp.Persistence;

namespace AnomalySharp.Cli.Output;

/// <summary>Looks before hours of training whether the results can be written afterwards.</summary>
internal static class OutputFile
{
    /// <summary>Does nothing where <paramref name="path"/> is null or can be written.</summary>
    /// <param name="path">The file to be.</param>
    /// <param name="input">A file that must not be overwritten.</param>
    /// <exception cref="AnomalySharpException">The folder is missing or not writable, or the path is a folder.</exception>
    /// <exception cref="OptionException">It is the input.</exception>
    public static void Require(string? path, params ReadOnlySpan<string?> input)
    {
        if (path is null) return;
        if (path.Length == 0) throw new OptionException("The name of the file to write is empty. Name a file.");
        string full = Path.GetFullPath(path), real = Resolved(full);
        foreach (string? other in input)
        {
            if (!string.IsNullOrEmpty(other) && Resolved(Path.GetFullPath(other)) == real)
            {
                throw new OptionException($"'{path}' would overwrite the input. Choose another name.");
            }
        }
        if (Directory.Exists(full)) throw new AnomalySharpException($"Cannot write '{path}': it is a folder. Name a file in it.");
        string probe = AtomicFile.TemporaryName(path);
        try
        {
            using FileStream stream = new(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string folder = Path.GetDirectoryName(full)!;
            throw new AnomalySharpException(
                Directory.Exists(folder)
                    ? $"Cannot write '{path}': {e.Message} Choose another folder, or make this one writable."
                    : $"Cannot write '{path}': the folder '{folder}' does not exist. Create it first.",
                e);
        }
    }

    /// <summary>The path without symbolic links, as far as it is there.</summary>
    private static string Resolved(string full)
    {
        if (Path.GetDirectoryName(full) is not string folder) return full;
        string path = Path.Combine(Resolved(folder), Path.GetFileName(full));
        FileSystemInfo entry = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        try
        {
            return entry.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not there, or a link that leads nowhere: nothing that could be overwritten.
            return path;
        }
    }

    /// <summary>The same for a file of scores, whose ending must be a known one.</summary>
    public static void RequireScores(string? path, params ReadOnlySpan<string?> input)
    {
        if (path is null) return;
        Require(path, input);
        // The writer knows which endings there are.
        using ScoreWriter writer = new(path);
    }
}
