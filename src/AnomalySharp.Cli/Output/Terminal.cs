using System.Globalization;
using AnomalySharp.Preprocessing;
using Spectre.Console;

namespace AnomalySharp.Cli.Output;

/// <summary>Where a command writes: results to standard output; notes, progress and errors to standard error.</summary>
internal sealed class Terminal(TextWriter stdout, TextWriter stderr, CancellationToken cancellation)
{
    private readonly Lock _gate = new();

    public TextWriter Out => stdout;

    public CancellationToken Cancellation => cancellation;

    /// <summary>The command line, to be repeated in reports.</summary>
    public string Command { get; init; } = "anomaly";

    /// <summary>Whether only results and errors are shown.</summary>
    public bool Quiet { get; set; }

    public void Error(string message)
    {
        lock (_gate) stderr.WriteLine(message);
    }

    public void Note(string message)
    {
        if (!Quiet) Error(message);
    }

    public void Notes(IEnumerable<string> messages)
    {
        foreach (string message in messages) Note($"note: {message}");
    }

    /// <summary>Does <paramref name="work"/> with bars where standard error is a terminal, with a line now and then where it is not.</summary>
    public T WithProgress<T>(string what, Func<IProgress<FitProgress>?, T> work)
    {
        if (Quiet) return work(null);
        // Whether the writer is the process's own standard error decides: tests and pipes get lines.
        if (!ReferenceEquals(stderr, Console.Error) || Console.IsErrorRedirected) return work(new ProgressLines(what, Error));
        return ProgressBars.Run(stderr, what, work);
    }

    /// <summary>A table on standard output, as wide as the terminal, or as it needs where there is none.</summary>
    public void Write(Table table)
    {
        bool screen = ReferenceEquals(stdout, Console.Out) && !Console.IsOutputRedirected;
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(stdout),
            Ansi = screen ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = screen ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        if (!screen) console.Profile.Width = 200;
        console.Write(table);
    }

    public static Table CreateTable(params ReadOnlySpan<string> columns)
    {
        Table table = new() { Border = TableBorder.Simple };
        foreach (string column in columns) table.AddColumn(new TableColumn(Markup.Escape(column)));
        return table;
    }

    /// <summary>Four significant digits, so that small figures are not shown as 0.</summary>
    public static string Number(double? value) => value is double number ? UsualValues.Number(number) : "";

    public static string Percent(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);
}
