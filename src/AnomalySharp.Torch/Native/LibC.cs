using System.Runtime.InteropServices;

namespace AnomalySharp.Torch.Native;

/// <summary>The functions of the C library that .NET does not offer.</summary>
internal static partial class LibC
{
    /// <summary>Closed when another program is started.</summary>
    public const uint CloseOnExec = 1;

    /// <summary>May be mapped executable where the kernel forbids that by default (Linux 6.3 and newer know the flag).</summary>
    public const uint Executable = 16;

    private const int TrimThreshold = -1, TopPad = -2, MapThreshold = -3;

    /// <summary>Sets a variable where native libraries read it; .NET's own environment is a copy.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetEnvironment(string name, string value, int overwrite);

    /// <summary>An anonymous file in memory; negative where the kernel has none.</summary>
    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int CreateMemoryFile(string name, uint flags);

    /// <summary>
    /// Lets glibc's allocator keep what is freed. A training step's tensors are freed together at its end; as it is, the allocator gives their pages back to the
    /// kernel each time, which clears them anew for the next step: the training of small convolutional networks took three times as long. What the user has
    /// set in the environment stays.
    /// </summary>
    public static void KeepFreedMemory()
    {
        if (GlibcVersion is null || UserSetsAllocator) return;
        // Once one of them is set, glibc leaves the others as they are in place of adapting them.
        _ = SetAllocator(MapThreshold, 32 << 20);
        _ = SetAllocator(TopPad, 64 << 20);
        _ = SetAllocator(TrimThreshold, 256 << 20);
    }

    private static bool UserSetsAllocator =>
        Environment.GetEnvironmentVariables().Keys.Cast<string>().Any(name => name.StartsWith("MALLOC_", StringComparison.Ordinal))
        || (Environment.GetEnvironmentVariable("GLIBC_TUNABLES")?.Contains("malloc", StringComparison.Ordinal) ?? false);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetAllocator(int setting, int value);

    [LibraryImport("libc", EntryPoint = "gnu_get_libc_version")]
    private static partial nint GnuVersion();

    /// <summary>Version of glibc, or null where the C library is another one.</summary>
    public static string? GlibcVersion
    {
        get
        {
            try
            {
                return OperatingSystem.IsLinux() ? Marshal.PtrToStringUTF8(GnuVersion()) : null;
            }
            catch (EntryPointNotFoundException)
            {
                return null;
            }
        }
    }
}
