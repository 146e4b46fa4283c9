using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AnomalySharp.Cli.Tests.Support;

/// <summary>The built tool as a process of its own.</summary>
internal sealed class ChildProcess : IDisposable
{
    private const int Interrupt = 2;
    private readonly Process _process;
    private readonly Task<string> _output, _error;

    private ChildProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _error = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>The tool that was built in the configuration of these tests.</summary>
    public static string Tool { get; } = Find();

    public bool HasExited => _process.HasExited;

    public static ChildProcess Start(params string[] arguments) => Start([], arguments);

    public static ChildProcess Start(IEnumerable<KeyValuePair<string, string>> environment, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", [Tool, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string key, string value) in environment) start.Environment[key] = value;
        return new ChildProcess(start);
    }

    public static CliResult Run(params string[] arguments)
    {
        using ChildProcess child = Start(arguments);
        return child.Wait();
    }

    public CliResult Wait()
    {
        bool ended = _process.WaitForExit(TimeSpan.FromSeconds(60));
        if (!ended) _process.Kill();
        Assert.True(ended, "The process did not end within a minute.");
        return new CliResult(_process.ExitCode, _output.Result, _error.Result);
    }

    /// <summary>Ctrl-C.</summary>
    public void PressControlC() => Assert.Equal(0, Kill(_process.Id, Interrupt));

    /// <summary><c>kill -9</c>.</summary>
    public void Kill() => _process.Kill();

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    private static string Find()
    {
        // …/tests/AnomalySharp.Cli.Tests/bin/CONFIGURATION/FRAMEWORK/
        DirectoryInfo framework = new(AppContext.BaseDirectory.TrimEnd('/', '\\'));
        return Path.Combine(Anomaly.Repository, "src", "AnomalySharp.Cli", "bin", framework.Parent!.Name, framework.Name, "anomaly.dll");
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
