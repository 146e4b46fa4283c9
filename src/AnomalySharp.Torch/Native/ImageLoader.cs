using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AnomalySharp.Torch.Native;

/// <summary>Loads a library from bytes in memory. No cache, so nothing to clean up, to share between processes or to tamper with.</summary>
internal static class ImageLoader
{
    /// <summary>Loads <paramref name="image"/> through a memory file, or through a private temporary file where the kernel forbids that.</summary>
    /// <returns>The library's handle and how it was loaded.</returns>
    /// <exception cref="DllNotFoundException">Neither way worked; the message gives the loader's reasons.</exception>
    public static (nint Handle, string Way) Load(ReadOnlySpan<byte> image, string name)
    {
        string reason;
        try
        {
            return (FromMemoryFile(image, name), "memory file");
        }
        catch (Exception e) when (e is DllNotFoundException or IOException or EntryPointNotFoundException)
        {
            reason = e.Message;
        }
        try
        {
            return (FromTemporaryFile(image, name), "temporary file");
        }
        catch (Exception e) when (e is DllNotFoundException or IOException or UnauthorizedAccessException)
        {
            throw new DllNotFoundException($"From a memory file: {reason}\nFrom a temporary file: {e.Message}", e);
        }
    }

    /// <summary>Loads through <c>memfd_create</c>: the file exists in this process only and vanishes with its mapping.</summary>
    public static nint FromMemoryFile(ReadOnlySpan<byte> image, string name)
    {
        int descriptor = LibC.CreateMemoryFile(name, LibC.CloseOnExec | LibC.Executable);
        if (descriptor < 0) descriptor = LibC.CreateMemoryFile(name, LibC.CloseOnExec);
        if (descriptor < 0) throw new IOException($"memfd_create failed with error {Marshal.GetLastPInvokeError()}.");
        using SafeFileHandle file = new(descriptor, ownsHandle: true);
        RandomAccess.Write(file, image, 0);
        return NativeLibrary.Load($"/proc/self/fd/{descriptor}");
    }

    /// <summary>Loads through a file in a folder that only this user can read, and which is gone once the library is mapped.</summary>
    public static nint FromTemporaryFile(ReadOnlySpan<byte> image, string name)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("anomalysharp-");
        try
        {
            string path = Path.Combine(folder.FullName, name);
            File.WriteAllBytes(path, image);
            return NativeLibrary.Load(path);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
