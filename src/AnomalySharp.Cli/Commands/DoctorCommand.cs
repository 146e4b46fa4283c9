using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using AnomalySharp.Cli.Options;
using AnomalySharp.Cli.Output;
using AnomalySharp.Data.Video;
using AnomalySharp.Networks;
using AnomalySharp.Torch.Native;
using Spectre.Console;

namespace AnomalySharp.Cli.Commands;

/// <summary><c>anomaly doctor</c>: what this system offers, and whether the parts work.</summary>
internal static class DoctorCommand
{
    public static Command Create(Terminal terminal)
    {
        OutputOptions outputs = new();
        Command command = new("doctor", "Shows what this system offers and tests the parts that depend on it.");
        outputs.AddTo(command);
        command.SetAction(parsed =>
        {
            (bool json, terminal.Quiet) = outputs.Read(parsed);
            SystemDescription system = Examine();
            if (json) JsonOutput.Write(terminal.Out, system);
            else Print(system, terminal);
            foreach (string problem in system.Problems) terminal.Error(problem);
            return system.Problems.Count == 0 ? ExitCode.Fine : ExitCode.BadData;
        });
        return command;
    }

    private static SystemDescription Examine()
    {
        Stopwatch clock = Stopwatch.StartNew();
        NativeStatus torch = TorchRuntime.Describe();
        GCMemoryInfo memory = GC.GetGCMemoryInfo();
        string?[] problems = [TestNetwork(), torch.Available ? TorchRuntime.SelfTest() : torch.Problem];
        return new SystemDescription
        {
            Version = typeof(DoctorCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
            Runtime = RuntimeInformation.FrameworkDescription,
            System = torch.System,
            Threads = Environment.ProcessorCount,
            Simd = Simd(),
            MemoryMb = memory.TotalAvailableMemoryBytes / 1e6,
            TorchSharp = torch.TorchSharpVersion,
            Libtorch = torch.LibtorchVersion,
            LibtorchFiles = torch.Files,
            LibtorchLoadedFrom = torch.LoadedFrom,
            LibtorchLoadSeconds = torch.LoadTime.TotalSeconds,
            VersionsMadeOptional = torch.VersionsMadeOptional,
            StandardLibrary = torch.StandardLibrary,
            Gpus = torch.CudaDevices,
            Ffmpeg = Ffmpeg.Find(),
            Problems = [.. problems.OfType<string>()],
            SelfTestSeconds = clock.Elapsed.TotalSeconds,
        };
    }

    private static string Simd() => Vector512.IsHardwareAccelerated ? "512 bits (AVX-512)"
        : Vector256.IsHardwareAccelerated ? "256 bits (AVX2)"
        : Vector128.IsHardwareAccelerated ? "128 bits"
        : "none";

    /// <summary>Compares the gradient of a small managed network with the slope of its output.</summary>
    private static string? TestNetwork()
    {
        AutoencoderArchitecture architecture = new()
        {
            Shape = new SampleShape(6),
            Latent = 4,
            Hidden = [32, 16],
            Activation = Activation.Tanh,
            Seed = 1,
        };
        using AutoencoderNetworks networks = AutoencoderNetworks.Create(architecture);
        const int count = 16;
        Random random = new(0);
        float[] input = new float[count * 6], direction = new float[count * 6], ones = new float[count * networks.Encoder.OutputSize];
        for (int i = 0; i < input.Length; i++) (input[i], direction[i]) = (random.NextSingle() - 0.5f, random.NextSingle() - 0.5f);
        Array.Fill(ones, 1f);
        networks.Encoder.Forward(input, count);
        ReadOnlySpan<float> gradient = networks.Encoder.Backward(ones, needInputGradient: true);
        double expected = 0;
        for (int i = 0; i < input.Length; i++) expected += (double)gradient[i] * direction[i];
        const float step = 1e-2f;
        double slope = (Output(networks.Encoder, input, direction, step) - Output(networks.Encoder, input, direction, -step)) / (2 * step);
        return Math.Abs(slope - expected) <= 1e-2 * (1 + Math.Abs(expected))
            ? null
            : $"The managed network computes a gradient of {expected:G4} where the slope is {slope:G4}: please report it with the line 'SIMD'.";
    }

    private static double Output(Network network, float[] input, float[] direction, float step)
    {
        float[] moved = new float[input.Length], output = new float[input.Length / network.InputSize * network.OutputSize];
        for (int i = 0; i < moved.Length; i++) moved[i] = input[i] + step * direction[i];
        network.Infer(moved, input.Length / network.InputSize, output);
        double sum = 0;
        foreach (float value in output) sum += value;
        return sum;
    }

    private static void Print(SystemDescription system, Terminal terminal)
    {
        Table table = Terminal.CreateTable("what", "found");
        Row("AnomalySharp", system.Version);
        Row(".NET", system.Runtime);
        Row("system", system.System);
        Row("threads", $"{system.Threads}");
        Row("SIMD", system.Simd);
        Row("memory", string.Create(CultureInfo.InvariantCulture, $"{system.MemoryMb:N0} MB"));
        Row("TorchSharp", system.TorchSharp);
        Row("libtorch", system.Libtorch is null
            ? "cannot be loaded"
            : $"{system.Libtorch}, loaded in {Terminal.Number(system.LibtorchLoadSeconds)} s, binding {system.LibtorchLoadedFrom}");
        if (system.VersionsMadeOptional.Count > 0) Row("made optional", string.Join(", ", system.VersionsMadeOptional));
        if (system.StandardLibrary is not null) Row("C++ library", system.StandardLibrary);
        Row("GPUs", system.Gpus == 0 ? "none that this libtorch can use" : $"{system.Gpus}");
        Row("ffmpeg", system.Ffmpeg ?? "not on the PATH; only video files need it");
        Row("self-test", $"{(system.Problems.Count == 0 ? "passed" : "failed")} in {Terminal.Number(system.SelfTestSeconds)} s");
        terminal.Write(table);

        void Row(string what, string found) => table.AddRow(Markup.Escape(what), Markup.Escape(found));
    }
}

/// <summary>What <c>doctor</c> found.</summary>
internal sealed record SystemDescription
{
    public required string Version { get; init; }
    public required string Runtime { get; init; }
    public required string System { get; init; }
    public required int Threads { get; init; }
    public required string Simd { get; init; }
    public required double MemoryMb { get; init; }
    public required string TorchSharp { get; init; }
    public string? Libtorch { get; init; }
    public IReadOnlyList<string> LibtorchFiles { get; init; } = [];
    public string? LibtorchLoadedFrom { get; init; }
    public double LibtorchLoadSeconds { get; init; }
    public IReadOnlyList<string> VersionsMadeOptional { get; init; } = [];
    public string? StandardLibrary { get; init; }
    public int Gpus { get; init; }
    public string? Ffmpeg { get; init; }
    public double SelfTestSeconds { get; init; }
    public IReadOnlyList<string> Problems { get; init; } = [];
}
