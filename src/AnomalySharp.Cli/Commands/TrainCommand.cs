using System.CommandLine;
using AnomalySharp.Cli.Options;
using AnomalySharp.Cli.Output;
using AnomalySharp.Evaluation;
using AnomalySharp.Training;

namespace AnomalySharp.Cli.Commands;

/// <summary><c>anomaly train</c>: learns from a dataset and writes a model.</summary>
internal static class TrainCommand
{
    public static Command Create(Terminal terminal)
    {
        DataOptions data = new("Column of labels: left out of the features; used for --normal-only and for thresholds that need labels.");
        CommonOptions common = new();
        Option<string?> detector = DetectorOption();
        Option<string> output = new("--out") { Description = "Where the model is written.", HelpName = "MODEL", Required = true };
        Option<bool> normalOnly = new("--normal-only") { Description = "Trains on the rows labelled 0 only." };
        Option<bool> resume = new("--resume") { Description = "Goes on from MODEL.checkpoint, which an interrupted training leaves behind." };
        Command command = new("train", "Learns what is normal and writes a model.") { output, detector, normalOnly, resume };
        data.AddTo(command);
        common.AddTo(command);
        command.SetAction(parsed => Run(
            data.Read(parsed),
            common.Read(parsed, terminal),
            parsed.GetValue(detector),
            parsed.GetRequiredValue(output),
            parsed.GetValue(normalOnly),
            parsed.GetValue(resume),
            terminal));
        return command;
    }

    private static int Run(DataSource source, RunSettings settings, string? detector, string output, bool normalOnly, bool resume, Terminal terminal)
    {
        DetectorOptions? named = settings.NamedOptions(detector);
        string checkpoint = output + ".checkpoint";
        OutputFile.Require(output, source.Path);
        Dataset data = source.ReadAll(terminal);
        DetectorOptions options = named ?? settings.DefaultOptions(data);
        bool resumes = options is NetworkDetectorOptions;
        if (resume && !resumes)
        {
            string left = File.Exists(checkpoint) ? $" {checkpoint} is of another training; delete it if you no longer need it." : "";
            string name = DetectorCatalog.Find(options).Name;
            terminal.Note($"note: {name} writes no checkpoints, so --resume has no effect: training starts from the beginning.{left}");
        }
        else if (resume && !File.Exists(checkpoint)) terminal.Note($"There is no {checkpoint}: training starts from the beginning.");
        if (normalOnly && data.Labels is null)
        {
            throw new DataException($"{source.Name} has no labels, and --normal-only needs them. Name their column with --label.");
        }
        TrainingSettings training = settings.Training with
        {
            NormalOnly = normalOnly,
            LabelColumn = source.Options.LabelColumn,
            Context = settings.Training.Context with { CheckpointPath = checkpoint, Resume = resume },
        };
        try
        {
            using AnomalyModel model = Train(data, options, training, terminal);
            model.Save(output);
            Print(model, output, settings.Json, terminal);
        }
        catch (OperationCanceledException) when (resumes && File.Exists(checkpoint))
        {
            terminal.Note($"The same command with --resume goes on from {checkpoint}.");
            throw;
        }
        return ExitCode.Fine;
    }

    /// <summary>Trains with progress, and passes on what preprocessing has to say.</summary>
    public static AnomalyModel Train(Dataset data, DetectorOptions options, TrainingSettings settings, Terminal terminal)
    {
        AnomalyModel model = terminal.WithProgress(DetectorCatalog.Find(options).Name, progress => AnomalyModel.Train(
            data, options, settings with { Context = settings.Context with { Progress = progress } }));
        terminal.Notes(model.Summary.Notes);
        return model;
    }

    public static Option<string?> DetectorOption() => new("--detector")
    {
        Description = "The method; 'anomaly detectors' lists them. "
            + $"[default: {DetectorCatalog.DefaultFor(DataKinds.Table)} for tables, "
            + $"{DetectorCatalog.DefaultFor(DataKinds.Graph)} for graphs, {DetectorCatalog.DefaultFor(DataKinds.Image)} for others]",
        HelpName = "NAME",
    };

    private static void Print(AnomalyModel model, string output, bool json, Terminal terminal)
    {
        TrainedModel trained = new(
            output,
            model.Entry.Name,
            model.Summary.Seed,
            model.Summary.Rows,
            model.Summary.Features,
            model.Threshold,
            model.Contamination,
            model.Summary.Seconds,
            RunResult.PeakMemoryOfProcess());
        if (json)
        {
            JsonOutput.Write(terminal.Out, trained);
            return;
        }
        terminal.Out.WriteLine(
            $"{trained.Model}: {trained.Detector} on {trained.Rows} {(model.Windows is null ? "rows" : "windows")} of {trained.Features} features, {Terminal.Number(trained.TrainSeconds)} s; "
            + $"anomalies score above {Terminal.Number(trained.Threshold)} (rule {model.ThresholdRule}).");
    }
}
