using System.CommandLine;
using System.Diagnostics;
using AnomalySharp.Cli.Options;
using AnomalySharp.Cli.Output;
using AnomalySharp.Data;
using AnomalySharp.Evaluation;

namespace AnomalySharp.Cli.Commands;

/// <summary><c>anomaly score</c>: applies a model to data of any size, block after block.</summary>
internal static class ScoreCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> model = ModelArgument();
        DataOptions data = new(labelHelp: null);
        OutputOptions outputs = new();
        Option<int?> threads = OutputOptions.Threads();
        Option<string> output = new("--out") { Description = "Where the scores are written.", HelpName = "scores.csv|.parquet", Required = true };
        Option<bool> explain = new("--explain") { Description = "Adds a column that says why." };
        Command command = new("score", "Scores data of any size with a model.") { model, output, explain };
        data.AddTo(command);
        command.Add(threads);
        outputs.AddTo(command);
        command.SetAction(parsed =>
        {
            (bool json, terminal.Quiet) = outputs.Read(parsed);
            return Run(
                parsed.GetRequiredValue(model),
                data.Read(parsed),
                parsed.GetRequiredValue(output),
                parsed.GetValue(explain),
                parsed.GetValue(threads),
                json,
                terminal);
        });
        return command;
    }

    public static Argument<string> ModelArgument()
    {
        Argument<string> model = new("MODEL") { Description = "A model that 'anomaly train' wrote." };
        DataOptions.RefuseOptions(model);
        return model;
    }

    private static int Run(string modelPath, DataSource source, string output, bool explain, int? threads, bool json, Terminal terminal)
    {
        OutputFile.RequireScores(output, modelPath, source.Path);
        using AnomalyModel model = AnomalyModel.Load(modelPath);
        ScoredModel result = terminal.WithProgress("score", progress =>
        {
            using ScoreWriter writer = new(output, explain);
            ScoredModel counts = new(output, model.Entry.Name, 0, 0, model.Threshold, 0, 0);
            foreach (ScoredBlock block in Blocks(model, source, threads, progress, terminal))
            {
                writer.Write(block.Scored, explain ? Reasons(model, block.Data) : null);
                (int rows, int anomalies) = (counts.Rows + block.Scored.Count, counts.Anomalies + block.Scored.AnomalyCount);
                counts = counts with { Rows = rows, Anomalies = anomalies, ScoreSeconds = block.Seconds };
            }
            terminal.Cancellation.ThrowIfCancellationRequested();
            writer.Complete();
            return counts with { PeakMemoryMb = RunResult.PeakMemoryOfProcess() };
        });
        if (json)
        {
            JsonOutput.Write(terminal.Out, result);
            return ExitCode.Fine;
        }
        terminal.Out.WriteLine(
            $"{output}: {result.Rows} rows, {result.Anomalies} anomalies (score above {Terminal.Number(model.Threshold)}), "
            + $"{Terminal.Number(result.ScoreSeconds)} s of scoring.");
        return ExitCode.Fine;
    }

    /// <summary>Scores block after block; notes are passed on once, and texts that training did not know are counted.</summary>
    /// <param name="model">What scores.</param>
    /// <param name="source">What is read.</param>
    /// <param name="threads">Most threads at once; null: the number of processors.</param>
    /// <param name="progress">Told after every block.</param>
    /// <param name="terminal">Takes the notes.</param>
    /// <param name="whole">All of the data, where it had to be read before: it is the only block then.</param>
    public static IEnumerable<ScoredBlock> Blocks(
        AnomalyModel model, DataSource source, int? threads, IProgress<FitProgress>? progress, Terminal terminal, Dataset? whole = null)
    {
        ReadOptions options = ReadOptionsFor(model, source);
        SortedDictionary<string, int> unseen = new(StringComparer.Ordinal);
        HashSet<string> noted = [];
        Stopwatch clock = new();
        int rows = 0;
        // What a row of a series means depends on its neighbours, also those of another block.
        if (model.Windows is not null) whole ??= DatasetReader.Read(source.Path, options, terminal.Cancellation);
        IEnumerable<Dataset> blocks = whole is null ? DatasetReader.ReadBlocks(source.Path, options, cancellation: terminal.Cancellation) : [whole];
        foreach (Dataset block in blocks)
        {
            terminal.Notes(block.Notes.Where(noted.Add));
            clock.Start();
            ScoredSamples scored = model.Score(block, threads, terminal.Cancellation);
            clock.Stop();
            terminal.Notes(scored.Notes);
            foreach ((string column, int count) in scored.UnseenCategories) unseen[column] = unseen.GetValueOrDefault(column) + count;
            rows += scored.Count;
            yield return new ScoredBlock(block, scored, clock.Elapsed.TotalSeconds);
            progress?.Report(new FitProgress("scoring row", rows, 0));
        }
        if (rows == 0) throw new DataException($"{source.Name} has no rows.");
        terminal.Notes(unseen.Select(column => $"column '{column.Key}': {column.Value} cells hold a text that did not occur in training."));
    }

    /// <summary>
    /// How data for <paramref name="model"/> is read: columns that were texts at training are texts here too. The model leaves its label column out
    /// by itself, so labels are only interpreted where they are asked for.
    /// </summary>
    public static ReadOptions ReadOptionsFor(AnomalyModel model, DataSource source) =>
        source.Options with { TextColumns = model.Encoder?.TextColumns ?? [] };

    private static string[] Reasons(AnomalyModel model, Dataset block) =>
        [.. model.Explain(block, [.. Enumerable.Range(0, block.Count)], 3).Select(sample => string.Join("; ", sample.Reasons(3)))];
}

/// <summary>A block of rows, its scores, and the seconds of scoring up to its end.</summary>
internal sealed record ScoredBlock(Dataset Data, ScoredSamples Scored, double Seconds);
