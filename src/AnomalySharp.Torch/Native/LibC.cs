using System.Runtime.InteropServices;

namespace AnomalySharp.Torch.Native;

/// <summary>The three functions of the C library that .NET does not offer.</summary>
internal static partial class LibC
{
    /// <summary>Closed when another program is started.</summary>
    public const uint CloseOnExec = 1;

    /// <summary>May be mapped executable where the kernel forbids that by default (Linux 6.3 and newer know the flag).</summary>
    public const uint Executable = 16;

    /// <summary>Sets a variable where native libraries read it; .NET's own environment is a copy.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetEnvironment(string name, string value, int overwrite);

    /// <summary>An anonymous file in memory; negative where the kernel has none.</summary>
    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int CreateMemoryFile(string name, uint flags);

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
