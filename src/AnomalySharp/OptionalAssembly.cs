using System.Reflection;

namespace AnomalySharp;

/// <summary>The sibling assemblies that bring native libraries, where the application references them. Loading them loads nothing native.</summary>
internal static class OptionalAssembly
{
    private static readonly Lazy<Assembly?> LazyTorch = new(() => Find("AnomalySharp.Torch")), LazyOnnx = new(() => Find("AnomalySharp.Onnx"));

    /// <summary>libtorch: networks for pictures.</summary>
    public static Assembly? Torch => LazyTorch.Value;

    /// <summary>ONNX Runtime: pre-trained networks.</summary>
    public static Assembly? Onnx => LazyOnnx.Value;

    private static Assembly? Find(string name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            return null;
        }
    }
}
