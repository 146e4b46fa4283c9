namespace AnomalySharp.Cli;

/// <summary>What scripts can rely on.</summary>
internal static class ExitCode
{
    public const int Fine = 0;

    /// <summary>The data, a model or the system is at fault.</summary>
    public const int BadData = 1;

    /// <summary>The command line is at fault.</summary>
    public const int BadCommandLine = 2;

    /// <summary>Stopped by Ctrl-C: 128 + SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;
}
