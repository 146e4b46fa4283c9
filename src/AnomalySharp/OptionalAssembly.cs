using System.Reflection;

namespace AnomalySharp;

/// <summary>The sibling assembly that brings libtorch, where the application references it. Loading it loads nothing native.</summary>
internal static class OptionalAssembly
{
    private static readonly Lazy<Assembly?> LazyTorch = new(() =>
    {
        try
        {
            return Assembly.Load("AnomalySharp.Torch");
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            return null;
        }
    });

    public static Assembly? Torch => LazyTorch.Value;
}
