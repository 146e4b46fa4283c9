using System.CommandLine;
using AnomalySharp.Cli.Options;
using AnomalySharp.Cli.Output;
using AnomalySharp.Evaluation;
using AnomalySharp.FeatureExtraction;
using Spectre.Console;

namespace AnomalySharp.Cli.Commands;

/// <summary><c>anomaly compare</c>: measures several detectors on one labelled dataset.</summary>
internal static class CompareCommand
{
    private static readonly string[] Baselines = ["persistence", "autoregression"];

    public static Command Create(Terminal terminal)
    {
        DataOptions data = new("Column of labels: for figures only, never for training. In an .npz it is y.");
        CommonOptions common = new();
        Option<string?> detectors = new("--detectors") { Description = "Names separated by commas, or all. [default: all]", HelpName = "a,b|all" };
        Option<string?> protocol = new("--protocol")
        {
            Description = "transductive: all rows train and are scored; normal-only: half of the normal rows trains, the rest is scored. "
                + "[default: transductive]",
            HelpName = "transductive|normal-only",
        };
        Option<int?> seeds = NumberOption.Create<int>(
            "--seeds", "Runs per detector, with seeds from --seed on. [default: 3]", "an integer, 1 to 1000", n => n is >= 1 and <= 1000);
        Command command = new("compare", "Measures detectors on labelled data.") { detectors, protocol, seeds };
        data.AddTo(command);
        common.AddTo(command);
        command.SetAction(parsed => Run(
            data.Read(parsed),
            common.Read(parsed, terminal),
            parsed.GetValue(detectors),
            ParseProtocol(parsed.GetValue(protocol)),
            parsed.GetValue(seeds) ?? 3,
            terminal));
        return command;
    }

    private static int Run(DataSource source, RunSettings settings, string? names, Protocol protocol, int seeds, Terminal terminal)
    {
        if (settings.Training.Windows is not null && protocol == Protocol.NormalOnly)
        {
            throw new OptionException("--protocol normal-only draws rows at random, which tears series apart. With windows use transductive.");
        }
        DetectorEntry[] named = Named(names ?? settings.Config["detector"] ?? "all");
        Dataset data = source.ReadAll(terminal);
        source.RequireBothLabels(data.Labels);
        if (data.Graph is not null && protocol == Protocol.NormalOnly)
        {
            throw new OptionException("--protocol normal-only draws rows at random, which tears a graph apart. With edges use transductive.");
        }
        if (names is null or "all") named = [.. named.Where(entry => Serves(entry, data, settings))];
        // No claim on series without the forecasts that need no learning beside it.
        if (settings.Training.Features is null && (settings.Training.Windows is not null || data.Kind == DataKinds.Sequence))
        {
            DataKinds kind = settings.IsVideo(data) ? DataKinds.Video : DataKinds.Sequence;
            named = [.. named.Concat(Baselines.Select(DetectorCatalog.Find).Where(entry => entry.Info.Kinds.HasFlag(kind))).Distinct()];
        }
        DetectorOptions[] detectors = Configure(named, settings);
        TrainingSettings training = settings.Training with { LabelColumn = source.Options.LabelColumn };
        int[] seedList = [.. Enumerable.Range(0, seeds).Select(i => settings.Training.Context.Seed + i)];
        int total = detectors.Length * seeds;
        List<RunResult> runs = [];
        terminal.WithProgress("compare", progress =>
        {
            foreach (RunResult run in Comparison.Run(data, detectors, protocol, seedList, training))
            {
                runs.Add(run);
                progress?.Report(new FitProgress("run", runs.Count, total));
                terminal.Note(Describe(run, runs.Count, total));
            }
            return 0;
        });
        terminal.Cancellation.ThrowIfCancellationRequested();
        // Results come as they finish; scripts and people want them in order.
        RunResult[] ordered = [.. runs.OrderBy(run => run.Detector, StringComparer.Ordinal).ThenBy(run => run.Seed)];
        if (settings.Json) terminal.Out.WriteLine(RunResultJson.Serialize(ordered));
        else Print(ordered, terminal);
        return ordered.Any(run => run.Error is null) ? ExitCode.Fine : ExitCode.BadData;
    }

    private static string Describe(RunResult run, int number, int total) => run.Error is null
        ? $"[{number}/{total}] {run.Detector}, seed {run.Seed}: ROC AUC {Terminal.Number(run.Metrics?.RocAuc)}, "
            + $"trained in {Terminal.Number(run.TrainSeconds)} s"
        : $"[{number}/{total}] {run.Detector}, seed {run.Seed}: failed: {run.Error}";

    private static DetectorEntry[] Named(string names)
    {
        if (names == "all") return [.. DetectorCatalog.All];
        string[] parts = names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0) throw new OptionException("--detectors names no detector. Give names separated by commas, or all.");
        return [.. parts.Distinct(StringComparer.OrdinalIgnoreCase).Select(DetectorCatalog.Find)];
    }

    // Extracted features are rows of numbers, except for detectors that ask for maps.
    private static bool Serves(DetectorEntry entry, Dataset data, RunSettings settings) => (entry.Info.Kinds & (
        settings.Training.Features is null && settings.IsVideo(data) ? DataKinds.Video
        : settings.Training.Features is null && settings.Training.Windows is not null ? DataKinds.Sequence
        : settings.Training.Features is null && data.Kind == DataKinds.Graph ? DataKinds.Graph | DataKinds.Table
        : settings.Training.Features is null ? data.Kind
        : entry.CreateOptions().PreferredFeatures == FeatureForm.Maps ? DataKinds.Image
        : DataKinds.Table)) != DataKinds.None;

    /// <summary>Applies each setting to the detectors that have it; a key that none of them has is an error.</summary>
    private static DetectorOptions[] Configure(DetectorEntry[] entries, RunSettings settings)
    {
        HashSet<string> used = [];
        DetectorOptions[] options = new DetectorOptions[entries.Length];
        for (int i = 0; i < options.Length; i++)
        {
            HashSet<string> known = [.. entries[i].Options.Select(option => Plain(option.Name))];
            foreach (string key in settings.DetectorKeys.Where(key => known.Contains(Plain(key)))) used.Add(key);
            options[i] = settings.Apply(entries[i], key => known.Contains(Plain(key)));
        }
        string? unused = settings.DetectorKeys.FirstOrDefault(key => !used.Contains(key));
        if (unused is null) return options;
        IEnumerable<string> keys = entries.SelectMany(entry => entry.Options).Select(option => option.Name).Distinct().Order(StringComparer.Ordinal);
        throw new OptionException($"None of the detectors has an option '{unused}'. Their options are: {string.Join(", ", keys)}.");
    }

    private static string Plain(string key) =>
        key.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    private static Protocol ParseProtocol(string? text) => text?.ToLowerInvariant() switch
    {
        null or "transductive" => Protocol.Transductive,
        "normal-only" => Protocol.NormalOnly,
        _ => throw new OptionException($"--protocol cannot be '{text}'; allowed: transductive, normal-only."),
    };

    private static void Print(RunResult[] runs, Terminal terminal)
    {
        Table table = Terminal.CreateTable("detector", "runs", "ROC AUC", "average precision", "best F1", "train s", "score s");
        foreach (ComparisonSummary one in ComparisonSummary.Of(runs))
        {
            table.AddRow(
                Markup.Escape(one.Detector),
                one.Failed == 0 ? $"{one.Runs}" : $"{one.Runs} ({one.Failed} failed)",
                Text(one.RocAuc),
                Text(one.AveragePrecision),
                Text(one.BestF1),
                Terminal.Number(one.TrainSeconds?.Mean),
                Terminal.Number(one.ScoreSeconds?.Mean));
        }
        terminal.Write(table);
        IEnumerable<string> errors = runs.Where(run => run.Error is not null).Select(run => $"{run.Detector}: {run.Error}").Distinct();
        foreach (string error in errors) terminal.Error(error);
    }

    private static string Text(MeanAndDeviation? figure) => figure is not { } value ? ""
        : value.StandardDeviation is double deviation ? $"{Terminal.Number(value.Mean)} ± {Terminal.Number(deviation)}"
        : Terminal.Number(value.Mean);
}
