using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using AnomalySharp.Persistence;

namespace AnomalySharp.FeatureExtraction;

/// <summary>
/// Features on disk, under the hash of the samples, of the network and of everything else that they depend on. What was not used for longest goes
/// first where there is more than the limit. A cache that cannot be read or written is one that is empty: nothing fails for it.
/// </summary>
/// <param name="folder">Its folder, made when first needed.</param>
/// <param name="mostBytes">The limit.</param>
public sealed class FeatureCache(string folder, long mostBytes)
{
    /// <summary>Samples that are kept together, counted from the first one of those that are asked for at once.</summary>
    public const int Unit = 32;

    /// <summary>The environment variable that names the folder of the caches; <c>off</c> switches them off.</summary>
    public const string FolderVariable = "ANOMALYSHARP_CACHE";

    private const string Ending = ".features";

    private readonly Lock _gate = new();
    private long _bytes = -1;

    /// <summary>
    /// The user's: below the folder that the variable <see cref="FolderVariable"/> names, or where the system keeps caches. Null where the limit is 0
    /// or it is switched off.
    /// </summary>
    /// <param name="megabytes">The limit.</param>
    public static FeatureCache? OfUser(int megabytes)
    {
        string? named = Environment.GetEnvironmentVariable(FolderVariable);
        if (megabytes == 0 || "off".Equals(named, StringComparison.OrdinalIgnoreCase)) return null;
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string caches = OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches")
            : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg ? xdg
            : Path.Combine(home, ".cache");
        string folder = string.IsNullOrEmpty(named) ? Path.Combine(caches, "anomalysharp") : named;
        return new FeatureCache(Path.Combine(folder, "features"), megabytes * 1_000_000L);
    }

    /// <summary>The name under which the features of <paramref name="samples"/> are kept.</summary>
    /// <param name="identity">All else that they depend on.</param>
    /// <param name="samples">The samples.</param>
    public static string KeyOf(string identity, Samples samples)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{identity}\n{samples.Count} {samples.Shape}\n"));
        hash.AppendData(MemoryMarshal.AsBytes(samples.Values.Span));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Reads the features kept under <paramref name="key"/>.</summary>
    /// <returns>False where there are none, or what is there is damaged or not as many values.</returns>
    public bool TryRead(string key, Span<float> features)
    {
        string path = PathOf(key);
        try
        {
            if (!File.Exists(path)) return false;
            byte[] bytes = File.ReadAllBytes(path);
            Span<byte> values = MemoryMarshal.AsBytes(features);
            if (bytes.Length != SHA256.HashSizeInBytes + values.Length) return false;
            ReadOnlySpan<byte> stored = bytes.AsSpan(SHA256.HashSizeInBytes);
            if (!SHA256.HashData(stored).AsSpan().SequenceEqual(bytes.AsSpan(0, SHA256.HashSizeInBytes))) return false;
            stored.CopyTo(values);
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Keeps features, and lets go of the oldest where the limit is passed.</summary>
    public void Write(string key, ReadOnlySpan<float> features)
    {
        byte[] bytes = new byte[SHA256.HashSizeInBytes + features.Length * sizeof(float)];
        if (bytes.Length > mostBytes) return;
        MemoryMarshal.AsBytes(features).CopyTo(bytes.AsSpan(SHA256.HashSizeInBytes));
        SHA256.HashData(bytes.AsSpan(SHA256.HashSizeInBytes), bytes.AsSpan(0, SHA256.HashSizeInBytes));
        try
        {
            Directory.CreateDirectory(folder);
            AtomicFile.WriteFile(PathOf(key), temporary => File.WriteAllBytes(temporary, bytes));
            lock (_gate)
            {
                _bytes = _bytes < 0 ? Files().Sum(file => file.Length) : _bytes + bytes.Length;
                if (_bytes > mostBytes) Trim();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or AnomalySharpException)
        {
        }
    }

    private string PathOf(string key) => Path.Combine(folder, key + Ending);

    private FileInfo[] Files() => new DirectoryInfo(folder).GetFiles("*" + Ending);

    // To nine tenths, so that not every file that follows asks for it again.
    private void Trim()
    {
        FileInfo[] files = [.. Files().OrderBy(file => file.LastWriteTimeUtc)];
        _bytes = files.Sum(file => file.Length);
        foreach (FileInfo file in files)
        {
            if (_bytes <= mostBytes / 10 * 9) return;
            _bytes -= file.Length;
            file.Delete();
        }
    }
}
