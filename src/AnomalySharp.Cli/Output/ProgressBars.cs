using System.Globalization;
using Spectre.Console;

namespace AnomalySharp.Cli.Output;

/// <summary>Progress for people: a bar per phase with the time left.</summary>
internal sealed class ProgressBars : IProgress<FitProgress>
{
    private readonly Dictionary<string, ProgressTask> _tasks = [];
    private readonly ProgressContext _context;
    private readonly string _what;
    private readonly Lock _gate = new();

    private ProgressBars(ProgressContext context, string what) => (_context, _what) = (context, what);

    public static T Run<T>(TextWriter writer, string what, Func<IProgress<FitProgress>, T> work)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        return console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(),
                new RemainingTimeColumn())
            .Start(context => work(new ProgressBars(context, what)));
    }

    public void Report(FitProgress value)
    {
        lock (_gate)
        {
            if (!_tasks.TryGetValue(value.Phase, out ProgressTask? task))
            {
                task = _context.AddTask(Markup.Escape(value.Phase), maxValue: Math.Max(1, value.Total));
                _tasks.Add(value.Phase, task);
            }
            task.IsIndeterminate = value.Total <= 0;
            task.MaxValue = Math.Max(1, value.Total);
            task.Value = value.Done;
            string loss = value.Loss is double number ? $", loss {number.ToString("G4", CultureInfo.InvariantCulture)}" : "";
            string done = value.Total <= 0 ? $" {value.Done.ToString("N0", CultureInfo.InvariantCulture)}" : "";
            task.Description = Markup.Escape($"{_what}: {value.Phase}{done}{loss}");
        }
    }
}
