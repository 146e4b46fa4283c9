using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using AnomalySharp.Data.Images;

namespace AnomalySharp.Data.Video;

/// <summary>Decodes videos with the program ffmpeg, which has to be on the PATH: it writes one picture (PGM, PPM) after the other to its standard output.</summary>
public static class Ffmpeg
{
    private const string Advice = "Install it (Debian and Ubuntu: apt install ffmpeg; macOS: brew install ffmpeg; Windows: winget install ffmpeg), "
        + "or save the frames as pictures in a folder.";

    /// <summary>The program; null where it is not on the PATH.</summary>
    public static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "ffmpeg.exe" : "ffmpeg")).FirstOrDefault(File.Exists);

    /// <summary>The frames of a video, scaled and at the rate that the options say.</summary>
    /// <exception cref="DataException">There is no ffmpeg, or it cannot read the file: the message has its last words.</exception>
    internal static IEnumerable<Picture> Frames(string path, ReadOptions options, CancellationToken cancellation)
    {
        string program = Find() ?? throw new DataException($"Reading the video '{path}' takes ffmpeg, which is not on the PATH. {Advice}");
        using Process process = new() { StartInfo = StartOf(program, path, options) };
        string last = "it says nothing";
        process.ErrorDataReceived += (_, line) => last = string.IsNullOrWhiteSpace(line.Data) ? last : line.Data.Trim();
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            throw new DataException($"Reading the video '{path}' takes ffmpeg, and '{program}' cannot be run: {e.Message}. {Advice}", e);
        }
        using CancellationTokenRegistration stop = cancellation.Register(() => Kill(process));
        int count = 0;
        try
        {
            process.BeginErrorReadLine();
            using BufferedStream output = new(process.StandardOutput.BaseStream, 1 << 16);
            while (PortableMap.Read(output, path) is { } frame)
            {
                cancellation.ThrowIfCancellationRequested();
                count++;
                yield return frame;
            }
            process.WaitForExit();
            cancellation.ThrowIfCancellationRequested();
            if (process.ExitCode != 0 || count == 0) throw new DataException($"ffmpeg cannot read '{path}': {last}. Give another file, or convert it.");
        }
        finally
        {
            Kill(process);
        }
    }

    private static ProcessStartInfo StartOf(string program, string path, ReadOptions options)
    {
        (int Width, int Height, int? Channels)? size = options.Frame;
        List<string> filters = [];
        if (options.FramesPerSecond is double rate) filters.Add(string.Create(CultureInfo.InvariantCulture, $"fps={rate}"));
        if (size is { } frame) filters.Add($"scale={frame.Width}:{frame.Height}");
        bool grey = size?.Channels == 1;
        // A playlist could otherwise fetch from the network.
        string[] arguments =
        [
            "-nostdin", "-hide_banner", "-loglevel", "error", "-protocol_whitelist", "file", "-i", Path.GetFullPath(path), "-map", "0:v:0",
            .. filters.Count > 0 ? (string[])["-vf", string.Join(',', filters)] : [],
            "-f", "image2pipe", "-c:v", grey ? "pgm" : "ppm", "-pix_fmt", grey ? "gray" : "rgb24", "pipe:1",
        ];
        return new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
    }

    private static void Kill(Process process)
    {
        try
        {
            if (!process.HasExited) process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }
}
