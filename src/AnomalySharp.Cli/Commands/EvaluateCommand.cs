using System.CommandLine;
using AnomalySharp.Cli.Options;
using AnomalySharp.Cli.Output;
using AnomalySharp.Data;
using AnomalySharp.Evaluation;
using AnomalySharp.Explanation;
using AnomalySharp.Reports;

namespace AnomalySharp.Cli.Commands;

/// <summary><c>anomaly evaluate</c>: measures a model against labels.</summary>
internal static class EvaluateCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> model = ScoreCommand.ModelArgument();
        DataOptions data = new("Column of labels. [default: the one that the model was trained beside]");
        OutputOptions outputs = new();
        Option<int?> threads = OutputOptions.Threads();
        Option<string?> masks = new("--masks")
        {
            Description = "Measures heat maps too, against masks of defects: a folder of pictures with the names of those in DATA, "
                + "or an array of the .npz; what is not 0 is defective.",
            HelpName = "DIR|ARRAY",
        };
        MapOptions maps = new();
        Command command = new("evaluate", "Measures a model against labels, and against masks of defects in pictures.") { model };
        data.AddTo(command);
        command.Add(masks);
        maps.AddTo(command);
        command.Add(threads);
        outputs.AddTo(command);
        command.SetAction(parsed =>
        {
            (bool json, terminal.Quiet) = outputs.Read(parsed);
            string? maskFolder = parsed.GetValue(masks);
            MapSettings settings = maps.Read(parsed, maskFolder);
            return Run(parsed.GetRequiredValue(model), data.Read(parsed), maskFolder, settings, parsed.GetValue(threads), json, terminal);
        });
        return command;
    }

    private static int Run(string modelPath, DataSource source, string? masks, MapSettings maps, int? threads, bool json, Terminal terminal)
    {
        OutputFile.Require(maps.Report, modelPath, source.Path);
        using AnomalyModel model = AnomalyModel.Load(modelPath);
        maps.Require(model.RowShape);
        string? label = source.Options.LabelColumn ?? (source.Options.LabelsFile is null ? model.LabelColumn : null);
        source = source with { Options = source.Options with { LabelColumn = label } };
        // Masks and reports are about all of the data at once; without them a table may be larger than memory.
        Dataset? whole = masks is null && maps.Report is null ? null
            : DatasetReader.Read(source.Path, ScoreCommand.ReadOptionsFor(model, source), terminal.Cancellation);
        if (whole is not null) source.RequireBothLabels(whole.Labels);
        PixelMasks? defective = masks is null ? null : ReadMasks(masks, model, whole!, source, terminal);
        if (model.Windows is not null) whole ??= DatasetReader.Read(source.Path, ScoreCommand.ReadOptionsFor(model, source), terminal.Cancellation);
        List<float> scores = [];
        List<byte>? labels = null;
        ScoredSamples? scored = null;
        double seconds = terminal.WithProgress("evaluate", progress =>
        {
            double last = 0;
            foreach (ScoredBlock block in ScoreCommand.Blocks(model, source, threads, progress, terminal, whole))
            {
                scores.AddRange(block.Scored.Scores.Span);
                if (block.Data.Labels is { } some) (labels ??= []).AddRange(some);
                (last, scored) = (block.Seconds, block.Scored);
            }
            return last;
        });
        source.RequireBothLabels(labels);
        DetectionMetrics metrics = DetectionMetrics.Compute([.. scores], labels!, model.Threshold);
        SequenceMetrics? ranges = model.Windows is null ? null
            : SequenceMetrics.Compute([.. scores], labels!, model.Threshold, model.SeriesOf(whole!));
        DefectMaps? defects = null;
        if (defective is not null)
        {
            Samples heat = HeatMaps.Of(model.Attribute(whole!, threads, terminal.Cancellation), maps.Sigma);
            defects = new DefectMaps(heat, defective, PixelMetrics.Compute(heat, defective));
        }
        RunResult run = FiguresText.ResultOf(model, scores.Count, seconds, metrics);
        if (maps.Report is not null)
        {
            IReadOnlyList<SampleExplanation> top = model.Explain(whole!, KeyFrames.OrMostAnomalous(model, whole!, scored!, ReportFile.Shown));
            ReportFile.Write(maps, model, whole!, scored!, top, metrics, defects, seconds, terminal.Command);
        }
        if (json) JsonOutput.Write(terminal.Out, run, defects?.Metrics, ranges);
        else terminal.Write(FiguresText.CreateTable(run, metrics, defects?.Metrics, ranges));
        if (maps.Report is not null) terminal.Note($"Report: {maps.Report}");
        return ExitCode.Fine;
    }

    private static PixelMasks ReadMasks(string masks, AnomalyModel model, Dataset data, DataSource source, Terminal terminal)
    {
        if (model.RowShape.Rank != 3 || data.Samples is not { } pictures)
        {
            throw new OptionException($"--masks: only pictures have masks, and {source.Name} is no data of pictures. Leave it away.");
        }
        PixelMasks read = MaskReader.Read(masks, pictures, source.Path!, source.Options, terminal.Cancellation);
        int empty = data.Labels is not { } labels ? 0 : Enumerable.Range(0, read.Count).Count(i => labels[i] == 1 && !read.HasDefect(i));
        if (empty > 0) terminal.Note($"note: {empty} pictures labelled as anomalies have an empty mask: all of their pixels count as normal.");
        return read;
    }
}
