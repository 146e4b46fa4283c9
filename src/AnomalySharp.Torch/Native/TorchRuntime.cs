using System.Reflection;
using System.Runtime.CompilerServices;
using TorchSharp;

namespace AnomalySharp.Torch.Native;

/// <summary>What is known about libtorch in this process.</summary>
public sealed record NativeStatus
{
    /// <summary>Whether libtorch can be used.</summary>
    public required bool Available { get; init; }

    /// <summary>Why not, and how to mend it; null where it can.</summary>
    public string? Problem { get; init; }

    /// <summary>Operating system, architecture and C library.</summary>
    public required string System { get; init; }

    /// <summary>Version of TorchSharp.</summary>
    public required string TorchSharpVersion { get; init; }

    /// <summary>Version of libtorch.</summary>
    public string? LibtorchVersion { get; init; }

    /// <summary>The native files in use.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The C++ standard library in use.</summary>
    public string? StandardLibrary { get; init; }

    /// <summary>How the binding was loaded: <c>as shipped</c>, or adapted from a <c>memory file</c> or <c>temporary file</c>.</summary>
    public string? LoadedFrom { get; init; }

    /// <summary>Symbol versions that this system's C++ library lacks and that the adapted binding no longer insists on.</summary>
    public IReadOnlyList<string> VersionsMadeOptional { get; init; } = [];

    /// <summary>Time that loading took.</summary>
    public TimeSpan LoadTime { get; init; }

    /// <summary>Whether this libtorch can use a GPU that is present.</summary>
    public bool CudaAvailable { get; init; }

    /// <summary>Number of GPUs that this libtorch can use.</summary>
    public int CudaDevices { get; init; }
}

/// <summary>libtorch in this process: loading it, describing it, and preparing threads for it.</summary>
public static class TorchRuntime
{
    [ThreadStatic]
    private static bool _prepared;

    /// <summary>Whether something has used libtorch.</summary>
    public static bool IsLoaded => LibTorch.IsLoaded;

    /// <summary>
    /// Loads libtorch if that has not happened, and makes its operations on the calling thread run on this thread alone: work is spread over
    /// models, folds and blocks of rows, never inside a small operation. Call it first on every thread that uses TorchSharp.
    /// </summary>
    /// <exception cref="TorchNotAvailableException">It cannot be loaded; the message says why and what to do.</exception>
    public static void Prepare()
    {
        if (_prepared) return;
        _ = LibTorch.Libraries;
        UseOneThread();
        _prepared = true;
    }

    /// <summary>Loads libtorch and says what was found; does not throw where it cannot be loaded.</summary>
    public static NativeStatus Describe()
    {
        Version? bound = typeof(NativeStatus).Assembly.GetReferencedAssemblies().FirstOrDefault(name => name.Name == "TorchSharp")?.Version;
        NativeStatus status = new() { Available = false, System = LoadFailure.System, TorchSharpVersion = bound?.ToString(3) ?? "unknown" };
        try
        {
            Prepare();
            return Loaded(status);
        }
        catch (TorchNotAvailableException e)
        {
            return status with { Problem = e.Message };
        }
    }

    /// <summary>Multiplies two matrices with libtorch and compares with the same sum done here: what <c>anomaly doctor</c> runs.</summary>
    /// <returns>What is wrong, or null.</returns>
    public static string? SelfTest()
    {
        NativeStatus status = Describe();
        return status.Problem ?? CheckProduct(size: 200);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string? CheckProduct(int size)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Random random = new(0);
        float[] a = new float[size * size], b = new float[size * size];
        for (int i = 0; i < a.Length; i++) (a[i], b[i]) = (random.NextSingle() - 0.5f, random.NextSingle() - 0.5f);
        float[] product = torch.tensor(a, size, size).matmul(torch.tensor(b, size, size)).data<float>().ToArray();
        for (int row = 0; row < size; row++)
        {
            for (int column = 0; column < size; column++)
            {
                double sum = 0;
                for (int k = 0; k < size; k++) sum += (double)a[row * size + k] * b[k * size + column];
                double difference = Math.Abs(sum - product[row * size + column]);
                if (difference > 1e-4) return $"libtorch's matrix product is wrong by {difference:G3} in row {row}, column {column}.";
            }
        }
        return null;
    }

    // Apart, so that compiling the callers does not touch TorchSharp before the libraries are loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void UseOneThread() => torch.set_num_threads(1);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static NativeStatus Loaded(NativeStatus status)
    {
        LoadedLibraries libraries = LibTorch.Libraries;
        return status with
        {
            Available = true,
            LibtorchVersion = torch.__version__,
            Files = [.. libraries.Paths.Values],
            StandardLibrary = LibTorch.StandardLibraryPath(),
            LoadedFrom = libraries.Way,
            VersionsMadeOptional = libraries.MadeOptional,
            LoadTime = libraries.Duration,
            CudaAvailable = torch.cuda.is_available(),
            CudaDevices = torch.cuda.is_available() ? torch.cuda.device_count() : 0,
        };
    }
}
