namespace AnomalySharp.Persistence;

/// <summary>Files that are either written whole or not at all: written beside their place under another name, then renamed into it.</summary>
public static class AtomicFile
{
    /// <summary>Creates or replaces <paramref name="path"/> with what <paramref name="write"/> puts into the stream.</summary>
    /// <exception cref="AnomalySharpException">The folder is missing or not writable, or the disk is full; an old file stays as it was.</exception>
    public static void Write(string path, Action<Stream> write) => WriteFile(path, temporary =>
    {
        using FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        write(stream);
        stream.Flush(flushToDisk: true);
    });

    /// <summary>
    /// Creates or replaces <paramref name="path"/> with the file that <paramref name="write"/> makes at the path it is given: for libraries that open
    /// files themselves.
    /// </summary>
    /// <inheritdoc cref="Write" path="/exception"/>
    public static void WriteFile(string path, Action<string> write)
    {
        string temporary = TemporaryName(path);
        try
        {
            write(temporary);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failure(path, e);
        }
        finally
        {
            // The file is still there only if something went wrong, and that is what the caller must hear of.
            try
            {
                File.Delete(temporary);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
            }
        }
    }

    /// <summary>A name beside <paramref name="path"/> that nothing else uses.</summary>
    public static string TemporaryName(string path)
    {
        string full = Path.GetFullPath(path);
        return Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.tmp");
    }

    private static AnomalySharpException Failure(string path, Exception reason)
    {
        string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
        return Directory.Exists(folder)
            ? new AnomalySharpException($"Cannot write '{path}': {reason.Message} Nothing was changed; free some space or choose another --out.", reason)
            : new AnomalySharpException($"Cannot write '{path}': the folder '{folder}' does not exist. Create it first.", reason);
    }
}
