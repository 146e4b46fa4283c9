using AnomalySharp.Torch.Native;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>The devices that a network can run on.</summary>
internal static class TorchDevice
{
    public static bool IsGpu(string device) => !device.Equals("cpu", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="OptionException">Unknown, or not usable.</exception>
    public static Device Parse(string device)
    {
        TorchRuntime.Prepare();
        if (!IsGpu(device)) return CPU;
        if (!device.Equals("cuda", StringComparison.OrdinalIgnoreCase)) throw new OptionException($"Unknown device '{device}'; allowed: cpu, cuda.");
        return cuda.is_available() ? CUDA : throw new OptionException(
            "The device 'cuda' cannot be used: this libtorch is built for processors only, or there is no GPU with a driver. Use --device cpu, "
            + $"or set {NativeFiles.FolderVariable} to a folder with libtorch 2.10.0 for CUDA.");
    }
}
