using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace AnomalySharp.Torch.Native;

/// <summary>What loading came to.</summary>
internal sealed record LoadedLibraries(
    IReadOnlyDictionary<string, nint> Handles,
    IReadOnlyDictionary<string, string> Paths,
    string Way,
    IReadOnlyList<string> MadeOptional,
    TimeSpan Duration);

/// <summary>
/// Loads libtorch and TorchSharp's binding to it. The binding as shipped asks for a symbol version of libstdc++ from GCC 13.2 that it does not
/// use, so Debian 12, Ubuntu 22.04 and RHEL 9 refuse it; there, a copy in memory that does not insist on missing versions is loaded instead.
/// </summary>
internal static class LibTorch
{
    private const string Binding = "LibTorchSharp";

    // Of c10's levels: information is 0, a warning 1.
    private const int ErrorLevel = 2;

    private static readonly string[] Parts = ["c10", "torch_cpu", "torch"];
    private static readonly Lazy<LoadedLibraries> LazyLibraries = new(() => Load(NativeFiles.OfThisProcess()));

    private static int _callsRefused;

    /// <summary>The libraries, loaded on first use.</summary>
    /// <exception cref="TorchNotAvailableException">They cannot be loaded.</exception>
    public static LoadedLibraries Libraries => LazyLibraries.Value;

    /// <summary>Whether something has used libtorch.</summary>
    public static bool IsLoaded => LazyLibraries.IsValueCreated;

#pragma warning disable CA2255 // A library may have no module initialiser, except that nothing else runs before the first use of TorchSharp.
    [ModuleInitializer]
    internal static void Register() => AssemblyLoadContext.Default.ResolvingUnmanagedDll += Resolve;
#pragma warning restore CA2255

    /// <summary>TorchSharp's own search comes here when it fails.</summary>
    private static nint Resolve(Assembly assembly, string name)
    {
        if (assembly.GetName().Name != "TorchSharp" || (name != Binding && !Parts.Contains(name))) return 0;
        try
        {
            return Libraries.Handles[name];
        }
        catch (TorchNotAvailableException)
        {
            // Told that there is nothing, TorchSharp would copy 490 MB beside the application and fail with pages of text. So it is told that
            // there is something, and gets the explanation at its first call into it.
            RefuseCalls(assembly);
            return NativeLibrary.GetMainProgramHandle();
        }
    }

    private static void RefuseCalls(Assembly assembly)
    {
        if (Interlocked.Exchange(ref _callsRefused, 1) == 1) return;
        NativeLibrary.SetDllImportResolver(assembly, (name, _, _) => name == Binding ? Libraries.Handles[name] : 0);
    }

    /// <summary>Loads what is found in <paramref name="files"/>.</summary>
    internal static LoadedLibraries Load(NativeFiles files)
    {
        long start = Stopwatch.GetTimestamp();
        Dictionary<string, string> paths = Locate(files);
        // Two threads of libgomp that wait for each other by spinning make small operations up to 800 times slower on a busy machine. It reads
        // this once, when it is loaded, and only from the C environment.
        if (OperatingSystem.IsLinux()) _ = LibC.SetEnvironment("OMP_WAIT_POLICY", "PASSIVE", overwrite: 0);
        LibC.KeepFreedMemory();
        Dictionary<string, nint> handles = [];
        try
        {
            foreach (string part in Parts) handles[part] = NativeLibrary.Load(paths[part]);
            // From errors on: otherwise each thread warns on standard error where a processor is unknown to NNPACK, which nothing here depends on.
            if (NativeLibrary.TryGetExport(handles[Parts[0]], "FLAGS_caffe2_log_level", out nint level)) Marshal.WriteInt32(level, ErrorLevel);
            if (NativeLibrary.TryLoad(paths[Binding], out nint shipped))
            {
                handles[Binding] = shipped;
                return new LoadedLibraries(handles, paths, "as shipped", [], Stopwatch.GetElapsedTime(start));
            }
            if (!OperatingSystem.IsLinux()) NativeLibrary.Load(paths[Binding]);
            (ElfImage image, IReadOnlyList<string> optional) = WithoutMissingVersions(File.ReadAllBytes(paths[Binding]), LoadedStandardLibraries());
            (handles[Binding], string way) = ImageLoader.Load(image.Bytes, NativeFiles.FileName(Binding));
            return new LoadedLibraries(handles, paths, way, optional, Stopwatch.GetElapsedTime(start));
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or IOException)
        {
            throw new TorchNotAvailableException(LoadFailure.Refused(e, paths), e);
        }
    }

    /// <summary>Makes optional what the image requires and the given libraries (file name → versions defined) lack.</summary>
    internal static (ElfImage Image, IReadOnlyList<string> MadeOptional) WithoutMissingVersions(
        byte[] file, IReadOnlyDictionary<string, IReadOnlySet<string>> available)
    {
        ElfImage image = new(file);
        List<string> optional = [];
        foreach (RequiredVersion version in image.RequiredVersions)
        {
            if (!available.TryGetValue(version.Library, out IReadOnlySet<string>? defined) || defined.Contains(version.Name)) continue;
            image.MakeOptional(version);
            optional.Add(version.Name);
        }
        return (image, optional);
    }

    /// <summary>
    /// The versions of the C++ standard library in this process. Only these are forgiven: a missing version of the C library means missing
    /// functions.
    /// </summary>
    internal static IReadOnlyDictionary<string, IReadOnlySet<string>> LoadedStandardLibraries()
    {
        string? path = StandardLibraryPath();
        return path is null ? new Dictionary<string, IReadOnlySet<string>>() : new Dictionary<string, IReadOnlySet<string>>
        {
            ["libstdc++.so.6"] = new ElfImage(File.ReadAllBytes(path)).DefinedVersions,
        };
    }

    /// <summary>File of the C++ standard library that this process runs with.</summary>
    internal static string? StandardLibraryPath()
    {
        if (!OperatingSystem.IsLinux()) return null;
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            int slash = line.IndexOf('/', StringComparison.Ordinal);
            if (slash > 0 && Path.GetFileName(line[slash..]).StartsWith("libstdc++.so.6", StringComparison.Ordinal)) return line[slash..];
        }
        return null;
    }

    private static Dictionary<string, string> Locate(NativeFiles files)
    {
        Dictionary<string, string> paths = [];
        foreach (string name in (string[])[.. Parts, Binding])
        {
            paths[name] = files.Find(name) ?? throw new TorchNotAvailableException(LoadFailure.Missing(name, files));
            // The system's loader would map what is not there, and end the process.
            bool truncated = OperatingSystem.IsLinux() && ElfFile.IsTruncated(paths[name]);
            if (truncated) throw new TorchNotAvailableException(LoadFailure.Truncated(paths[name]));
        }
        return paths;
    }
}
