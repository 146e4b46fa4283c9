using System.CommandLine;
using System.Diagnostics;
using AnomalySharp.Cli.Options;
using AnomalySharp.Cli.Output;
using AnomalySharp.Reproduction;
using Spectre.Console;

namespace AnomalySharp.Cli.Commands;

/// <summary><c>anomaly reproduce</c>: published experiments, run again.</summary>
internal static class ReproduceCommand
{
    private const string DataVariable = "ANOMALYSHARP_DATA", DemoFolder = "data", ResultFolder = "docs/results";

    public static Command Create(Terminal terminal)
    {
        Argument<string?> name = new("NAME")
        {
            Description = "The experiment, or all. Without it the experiments are listed.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        DataOptions.RefuseOptions(name);
        Option<string?> data = new("--data")
        {
            Description = $"Folder of the public data sets. [default: ${DataVariable}; then ./{DemoFolder}, which is looked in too]",
            HelpName = "DIR",
        };
        Option<string?> folder = new("--out") { Description = $"Folder of the results. [default: {ResultFolder}]", HelpName = "DIR" };
        Option<bool> quick = new("--quick") { Description = "Only a small subset, which shows that the experiment runs." };
        Option<int?> seeds = NumberOption.Create<int>(
            "--seeds", "Runs per cell, with seeds from 0 on. [default: the experiment's]", "an integer, 1 to 1000", n => n is >= 1 and <= 1000);
        Option<int?> threads = OutputOptions.Threads();
        OutputOptions outputs = new();
        Command command = new("reproduce", "Runs published experiments again and writes the figures beside the published ones.")
        {
            name, data, folder, quick, seeds, threads,
        };
        outputs.AddTo(command);
        command.SetAction(parsed =>
        {
            (bool json, terminal.Quiet) = outputs.Read(parsed);
            DataStore store = new(Folders(parsed.GetValue(data)));
            if (parsed.GetValue(name) is not string which) return List(store, parsed.GetValue(quick), json, terminal);
            return Run(which == "all" ? ExperimentCatalog.All : [ExperimentCatalog.Find(which)], json, terminal, new RunOptions
            {
                Data = store,
                OutFolder = parsed.GetValue(folder) ?? ResultFolder,
                Quick = parsed.GetValue(quick),
                Seeds = parsed.GetValue(seeds),
                Threads = parsed.GetValue(threads) ?? Environment.ProcessorCount,
            });
        });
        return command;
    }

    private static string[] Folders(string? named)
    {
        if (named is not null && !Directory.Exists(named)) throw new OptionException($"--data: there is no folder '{named}'.");
        return [.. new[] { named ?? Environment.GetEnvironmentVariable(DataVariable), DemoFolder }.OfType<string>().Where(Directory.Exists)];
    }

    private static int List(DataStore store, bool quick, bool json, Terminal terminal)
    {
        ExperimentDescription[] all = [.. ExperimentCatalog.All.Select(one => ExperimentDescription.Of(one, store, quick))];
        if (json)
        {
            JsonOutput.Write<IReadOnlyList<ExperimentDescription>>(terminal.Out, all);
            return ExitCode.Fine;
        }
        Table table = Terminal.CreateTable("name", "what", "cells", "can run", "lacks");
        foreach (ExperimentDescription one in all)
        {
            string lacks = string.Join("; ", one.Lacks);
            table.AddRow(Markup.Escape(one.Name), Markup.Escape(one.Title), $"{one.Cells}", $"{one.Runnable}", Markup.Escape(lacks));
        }
        terminal.Write(table);
        terminal.Out.WriteLine("'anomaly reproduce NAME' runs one, 'anomaly reproduce all' every one; --data names the folder of the data sets.");
        return ExitCode.Fine;
    }

    private static int Run(IReadOnlyList<Experiment> experiments, bool json, Terminal terminal, RunOptions options)
    {
        List<RunSummary> summaries = [];
        foreach (Experiment experiment in experiments)
        {
            RunSummary summary = Run(experiment, terminal, options);
            summaries.Add(summary);
            string counts = $"{summary.Ran} cells run, {summary.Reused} from before, {summary.Failed} failed, {summary.Skipped} skipped";
            if (!json) terminal.Out.WriteLine($"{experiment.Name}: {counts}: {summary.Markdown}");
            if (summary.Skipped > 0) terminal.Note("note: cells are skipped where their data or detector is not there; the page says which.");
        }
        if (json) JsonOutput.Write<IReadOnlyList<RunSummary>>(terminal.Out, summaries);
        bool nothing = summaries.Sum(one => one.Ran + one.Reused) == 0;
        if (nothing) terminal.Error("Nothing could be run: name the folder of the data sets with --data.");
        return nothing || summaries.Any(one => one.Failed > 0) ? ExitCode.BadData : ExitCode.Fine;
    }

    // A line per cell and no bar: what was finished stays to be read, and cells take seconds.
    private static RunSummary Run(Experiment experiment, Terminal terminal, RunOptions options)
    {
        long start = Stopwatch.GetTimestamp();
        return ExperimentRunner.Run(experiment, options with
        {
            Finished = (cell, done, total) =>
            {
                double seconds = Math.Ceiling(Stopwatch.GetElapsedTime(start).TotalSeconds / done * (total - done));
                string left = total == done ? "" : $", about {seconds} s left";
                terminal.Note($"[{done}/{total}] {Describe(cell)}{left}");
            },
        }, terminal.Cancellation);
    }

    private static string Describe(CellResult cell)
    {
        string name = $"{string.Join(' ', cell.Case.Values)} {cell.Method}, seed {cell.Seed}".TrimStart();
        return cell.Error is null
            ? $"{name}: ROC AUC {Terminal.Number(cell.Figures["rocAuc"])}, {Terminal.Number(cell.TrainSeconds)} s"
            : $"{name}: failed: {cell.Error}";
    }
}

/// <summary>An experiment as <c>reproduce</c> lists it.</summary>
internal sealed record ExperimentDescription(string Name, string Title, string Protocol, int Cells, int Runnable, IReadOnlyList<string> Lacks)
{
    public static ExperimentDescription Of(Experiment experiment, DataStore data, bool quick)
    {
        IReadOnlyList<Cell> cells = experiment.Cells(quick, experiment.DefaultSeeds(quick));
        Availability available = Availability.Of(cells, data);
        string[] detectors = [.. available.Skipped.Where(one => !one.IsFile).Select(one => one.What).Distinct()];
        string[] files = [.. available.Skipped.Where(one => one.IsFile).Select(one => one.What).Distinct()];
        string[] lacks =
        [
            .. detectors.Select(what => $"detector {what}"),
            .. files.Take(2),
            .. files.Length > 2 ? [$"{files.Length - 2} more files"] : Array.Empty<string>(),
        ];
        return new(experiment.Name, experiment.Title, experiment.Protocol(quick), cells.Count, available.Runnable.Count, lacks);
    }
}
