using System.Runtime.InteropServices;

namespace AnomalySharp.Torch.Native;

/// <summary>Turns a failure to load libtorch into what is missing, on what system, and what to do.</summary>
internal static class LoadFailure
{
    private static readonly bool SystemHasPackage = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>The system in a few words.</summary>
    public static string System
    {
        get
        {
            string libc = LibC.GlibcVersion is { } version ? $"glibc {version}" : OperatingSystem.IsLinux() ? "another C library than glibc" : "";
            return $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}{(libc.Length == 0 ? "" : $", {libc}")}";
        }
    }

    /// <summary>A file was found nowhere.</summary>
    public static string Missing(string name, NativeFiles files) =>
        $"libtorch is not there: '{NativeFiles.FileName(name)}' was found in none of\n  {string.Join("\n  ", files.Folders)}\n"
        + $"on {System}. "
        + (SystemHasPackage
            ? "Run the application with 'dotnet run' or from 'dotnet publish' output; if it was built and the NuGet folder was cleaned since, "
                + "build it again. "
            : "AnomalySharp.Torch brings libtorch for Linux on x64 only; reference the libtorch-cpu package of version 2.10.0 for this system. ")
        + $"Or set {NativeFiles.FolderVariable} to a folder that holds libtorch 2.10.0 and {NativeFiles.FileName("LibTorchSharp")}. "
        + "Tables do not need libtorch.";

    /// <summary>A file ends before its headers say.</summary>
    public static string Truncated(string path) =>
        $"The file '{path}' of libtorch is truncated ({new FileInfo(path).Length:N0} bytes). Delete its package from the NuGet folder and restore "
        + "again, or publish the application again. Tables do not need libtorch.";

    /// <summary>The system's loader refused a file that is there.</summary>
    public static string Refused(Exception reason, IReadOnlyDictionary<string, string> paths)
    {
        string remedy = reason.Message switch
        {
            var text when text.Contains("GLIBC_", StringComparison.Ordinal) =>
                "The system's C library is too old: libtorch needs glibc 2.34 or newer (Debian 12, Ubuntu 22.04, RHEL 9).",
            var text when OperatingSystem.IsLinux() && LibC.GlibcVersion is null =>
                "libtorch needs glibc; this system has another C library. Use an image that is based on Debian, Ubuntu or RHEL. " + text,
            var text when text.Contains("cannot open shared object file", StringComparison.Ordinal) =>
                "A library that libtorch needs is missing: install it on the system, or publish the application again if it is one of its files.",
            var text when text.Contains("file too short", StringComparison.Ordinal) || reason is BadImageFormatException =>
                "The file is damaged: delete the package from the NuGet folder and restore again.",
            var text when text.Contains("Permission denied", StringComparison.Ordinal) || text.Contains("failed to map", StringComparison.Ordinal) =>
                "The system forbids running code from these files (a noexec mount or a security policy): allow it for the application's folder.",
            _ => "Run 'ldd' on the files to see what they lack.",
        };
        return $"libtorch cannot be loaded on {System}. {remedy}\nThe loader says: {reason.Message.Trim()}\n"
            + $"The files: {string.Join(", ", paths.Values)}. Tables do not need libtorch.";
    }
}
