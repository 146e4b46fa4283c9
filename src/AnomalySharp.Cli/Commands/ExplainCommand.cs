using System.CommandLine;
using System.Globalization;
using AnomalySharp.Cli.Options;
using AnomalySharp.Cli.Output;
using AnomalySharp.Data;
using AnomalySharp.Explanation;

namespace AnomalySharp.Cli.Commands;

/// <summary><c>anomaly explain</c>: says why one row got its score.</summary>
internal static class ExplainCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> model = ScoreCommand.ModelArgument();
        DataOptions data = new(labelHelp: null);
        OutputOptions outputs = new();
        Option<string> row = new("--row")
        {
            Description = "The row as the column 'row' of the scores has it: its name, or its number from 0.",
            HelpName = "N",
            Required = true,
        };
        Command command = new("explain", "Says why a row got its score.") { model, row };
        data.AddTo(command);
        outputs.AddTo(command);
        command.SetAction(parsed =>
        {
            (bool json, terminal.Quiet) = outputs.Read(parsed);
            return Run(parsed.GetRequiredValue(model), data.Read(parsed), parsed.GetRequiredValue(row), json, terminal);
        });
        return command;
    }

    private static int Run(string modelPath, DataSource source, string row, bool json, Terminal terminal)
    {
        using AnomalyModel model = AnomalyModel.Load(modelPath);
        SampleExplanation? found = null;
        int first = 0;
        ReadOptions options = ScoreCommand.ReadOptionsFor(model, source);
        // A row of a series is explained by its neighbours, too: such data is one block.
        int blockRows = model.Windows is null ? 65_536 : int.MaxValue;
        foreach (Dataset block in DatasetReader.ReadBlocks(source.Path, options, blockRows, terminal.Cancellation))
        {
            // A name in a later block comes before a number in this one.
            if (RowNumber.FindName(model, block, row) is int named)
            {
                found = Explain(model, block, named, first);
                break;
            }
            if (RowNumber.FindNumber(block, row, first) is int index) found = Explain(model, block, index, first);
            first += block.Count;
            if (found is not null && !RowNumber.HasNames(model, block)) break;
        }
        if (found is null) throw new OptionException($"{source.Name} has no row '{row}': it has {first} rows, counted from 0.");
        if (json)
        {
            JsonOutput.Write(terminal.Out, found);
            return ExitCode.Fine;
        }
        terminal.Out.WriteLine(
            $"Row {found.Row}: score {Terminal.Number(found.Score)}, probability of being an anomaly {Terminal.Percent(found.Probability)}, "
            + $"{(found.IsAnomaly ? "an anomaly" : "normal")} (threshold {Terminal.Number(model.Threshold)}).");
        terminal.Write(ReasonsTable.Create(found));
        return ExitCode.Fine;
    }

    private static SampleExplanation Explain(AnomalyModel model, Dataset block, int index, int first) => model.Explain(block, [index], 10)[0] with
    {
        Index = first + index,
        Row = RowNumber.NameOf(model, block, index) ?? (first + index).ToString(CultureInfo.InvariantCulture),
    };
}
