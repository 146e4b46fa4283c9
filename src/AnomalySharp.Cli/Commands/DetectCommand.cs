using System.CommandLine;
using System.Diagnostics;
using AnomalySharp.Cli.Options;
using AnomalySharp.Cli.Output;
using AnomalySharp.Data;
using AnomalySharp.Evaluation;
using AnomalySharp.Explanation;
using AnomalySharp.Reports;

namespace AnomalySharp.Cli.Commands;

/// <summary><c>anomaly detect</c>: learns from a dataset and says which of its own rows are abnormal, and why.</summary>
internal static class DetectCommand
{
    private const int Shown = 10;

    public static Command Create(Terminal terminal)
    {
        DataOptions data = new("Column of labels: for figures only, never for training. In an .npz it is y.");
        CommonOptions common = new();
        Option<string?> detector = TrainCommand.DetectorOption();
        Option<string?> output = new("--out") { Description = "Writes the scores of all rows.", HelpName = "scores.csv" };
        MapOptions maps = new();
        Command command = new("detect", "Finds the abnormal rows of a dataset and says why; learns from the same rows.") { detector, output };
        maps.AddTo(command);
        data.AddTo(command);
        common.AddTo(command);
        command.SetAction(parsed => Run(
            data.Read(parsed), common.Read(parsed, terminal), parsed.GetValue(detector), parsed.GetValue(output), maps.Read(parsed), terminal));
        return command;
    }

    private static int Run(DataSource source, RunSettings settings, string? detector, string? output, MapSettings maps, Terminal terminal)
    {
        DetectorOptions? named = settings.NamedOptions(detector);
        OutputFile.RequireScores(output, source.Path);
        OutputFile.Require(maps.Report, source.Path, output);
        Dataset data = source.ReadAll(terminal);
        maps.Require(data.Samples?.Shape);
        if (data.Labels is not null) source.RequireBothLabels(data.Labels);
        DetectorOptions options = named ?? settings.DefaultOptions(data);
        using AnomalyModel model = TrainCommand.Train(data, options, settings.Training with { LabelColumn = source.Options.LabelColumn }, terminal);

        Stopwatch clock = Stopwatch.StartNew();
        ScoredSamples scored = model.Score(data, settings.Training.Context.Threads, terminal.Cancellation);
        double seconds = clock.Elapsed.TotalSeconds;
        terminal.Notes(scored.Notes.Except(model.Summary.Notes));
        DetectionMetrics? metrics = data.Labels is null ? null : DetectionMetrics.Compute(scored.Scores.Span, data.Labels, model.Threshold);
        int[] top = KeyFrames.OrMostAnomalous(model, data, scored, maps.Report is null ? Shown : ReportFile.Shown);
        IReadOnlyList<SampleExplanation> reasons = model.Explain(data, top);

        terminal.Cancellation.ThrowIfCancellationRequested();
        if (output is not null)
        {
            using ScoreWriter writer = new(output);
            writer.Write(scored);
            writer.Complete();
        }
        if (maps.Report is not null) ReportFile.Write(maps, model, data, scored, reasons, metrics, defects: null, seconds, terminal.Command);
        RunResult run = FiguresText.ResultOf(model, data.Count, seconds, metrics);
        if (settings.Json) JsonOutput.Write(terminal.Out, run, scored.AnomalyCount, [.. reasons.Take(Shown)]);
        else Print(run, scored, reasons, model, terminal);
        if (output is not null) terminal.Note($"Scores: {output}");
        if (maps.Report is not null) terminal.Note($"Report: {maps.Report}");
        return ExitCode.Fine;
    }

    private static void Print(RunResult run, ScoredSamples scored, IReadOnlyList<SampleExplanation> reasons, AnomalyModel model, Terminal terminal)
    {
        terminal.Write(ReasonsTable.Create(reasons.Take(Shown)));
        terminal.Out.WriteLine(
            $"{scored.AnomalyCount} of {scored.Count} rows are anomalies ({Terminal.Percent((double)scored.AnomalyCount / scored.Count)}): "
            + $"score above {Terminal.Number(model.Threshold)} (rule {model.ThresholdRule}).");
        terminal.Out.WriteLine(
            $"{run.Detector}, {run.Features} features, "
            + $"trained in {Terminal.Number(run.TrainSeconds)} s, scored in {Terminal.Number(run.ScoreSeconds)} s.");
        if (run.Metrics is not null) terminal.Out.WriteLine(FiguresText.Of(run.Metrics));
    }
}
