using System.CommandLine;
using AnomalySharp.Cli.Options;
using AnomalySharp.Cli.Output;
using AnomalySharp.Evaluation;

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
        Command command = new("evaluate", "Measures a model against labels.") { model };
        data.AddTo(command);
        command.Add(threads);
        outputs.AddTo(command);
        command.SetAction(parsed =>
        {
            (bool json, terminal.Quiet) = outputs.Read(parsed);
            return Run(parsed.GetRequiredValue(model), data.Read(parsed), parsed.GetValue(threads), json, terminal);
        });
        return command;
    }

    private static int Run(string modelPath, DataSource source, int? threads, bool json, Terminal terminal)
    {
        using AnomalyModel model = AnomalyModel.Load(modelPath);
        source = source with { Options = source.Options with { LabelColumn = source.Options.LabelColumn ?? model.LabelColumn } };
        List<float> scores = [];
        List<byte>? labels = null;
        double seconds = terminal.WithProgress("evaluate", progress =>
        {
            double last = 0;
            foreach (ScoredBlock block in ScoreCommand.Blocks(model, source, threads, progress, terminal))
            {
                scores.AddRange(block.Scored.Scores.Span);
                if (block.Data.Labels is { } some) (labels ??= []).AddRange(some);
                last = block.Seconds;
            }
            return last;
        });
        source.RequireBothLabels(labels);
        DetectionMetrics metrics = DetectionMetrics.Compute([.. scores], labels!, model.Threshold);
        RunResult run = FiguresText.ResultOf(model, scores.Count, seconds, metrics);
        if (json) terminal.Out.WriteLine(RunResultJson.Serialize(run));
        else terminal.Write(FiguresText.CreateTable(run, metrics));
        return ExitCode.Fine;
    }
}
