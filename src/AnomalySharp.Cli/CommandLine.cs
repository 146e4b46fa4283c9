using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using AnomalySharp.Cli.Commands;
using AnomalySharp.Cli.Output;

namespace AnomalySharp.Cli;

/// <summary>The command line as a function: arguments in, texts and an exit code out.</summary>
internal static class CommandLine
{
    public static int Run(IReadOnlyList<string> args, TextWriter stdout, TextWriter stderr, CancellationToken cancellation = default)
    {
        Terminal terminal = new(stdout, stderr, cancellation) { Command = "anomaly " + string.Join(' ', args.Select(Quoted)) };
        try
        {
            ParseResult parsed = CreateRoot(terminal).Parse(args);
            if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction) return Refuse(parsed, terminal);
            int code = parsed.Invoke(new InvocationConfiguration
            {
                Output = stdout,
                Error = stderr,
                EnableDefaultExceptionHandler = false,
                // Signals are Program's affair: commands see the token.
                ProcessTerminationTimeout = null,
            });
            stdout.Flush();
            return code;
        }
        catch (Exception e)
        {
            return Explain(e, terminal);
        }
    }

    private static RootCommand CreateRoot(Terminal terminal)
    {
        RootCommand root = new("Learns what is normal in tables, sequences, pictures, videos and graphs, says what is not, and why.")
        {
            DetectCommand.Create(terminal),
            TrainCommand.Create(terminal),
            ScoreCommand.Create(terminal),
            EvaluateCommand.Create(terminal),
            ExplainCommand.Create(terminal),
            GenerateCommand.Create(terminal),
            CompareCommand.Create(terminal),
            ReproduceCommand.Create(terminal),
            DetectorsCommand.Create(terminal),
            DoctorCommand.Create(terminal),
        };
        return root;
    }

    private static int Refuse(ParseResult parsed, Terminal terminal)
    {
        Command command = parsed.CommandResult.Command;
        if (command is RootCommand)
        {
            string commands = string.Join(", ", command.Subcommands.Select(known => known.Name));
            terminal.Error(parsed.UnmatchedTokens is [string first, ..]
                ? $"Unknown command '{first}'. The commands are: {commands}."
                : $"Name a command: {commands}.");
            terminal.Error("See 'anomaly --help'.");
            return ExitCode.BadCommandLine;
        }
        foreach (ParseError error in parsed.Errors) terminal.Error(error.Message);
        terminal.Error($"See 'anomaly {command.Name} --help'.");
        return ExitCode.BadCommandLine;
    }

    private static int Explain(Exception exception, Terminal terminal)
    {
        if (exception is AggregateException { InnerExceptions: [Exception only] }) exception = only;
        if (Environment.GetEnvironmentVariable("ANOMALY_DEBUG") == "1") terminal.Error(exception.ToString());
        switch (exception)
        {
            case OperationCanceledException when terminal.Cancellation.IsCancellationRequested:
                terminal.Error("Stopped.");
                return ExitCode.Interrupted;
            case OptionException:
                terminal.Error(exception.Message);
                return ExitCode.BadCommandLine;
            case AnomalySharpException:
                terminal.Error(exception.Message);
                return ExitCode.BadData;
            case OutOfMemoryException:
                terminal.Error("There is not enough memory. Use fewer rows (for example --sql with a sample), or score in blocks with 'anomaly score'.");
                return ExitCode.BadData;
            case IOException or UnauthorizedAccessException:
                terminal.Error($"Reading or writing failed: {exception.Message}");
                return ExitCode.BadData;
            default:
                string message = exception.Message.ReplaceLineEndings(" ");
                terminal.Error($"This is a bug in anomaly: {exception.GetType().Name}: {message} Set ANOMALY_DEBUG=1 for details, and report it.");
                return ExitCode.BadData;
        }
    }

    private static string Quoted(string argument) => argument.Length > 0 && !argument.Any(c => char.IsWhiteSpace(c) || "'\"$&|;<>()*?`\\".Contains(c))
        ? argument
        : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
