using System.CommandLine;
using System.Globalization;
using AnomalySharp.Cli.Options;
using AnomalySharp.Cli.Output;
using AnomalySharp.Data;
using AnomalySharp.Data.Images;
using AnomalySharp.Evaluation;

namespace AnomalySharp.Cli.Commands;

/// <summary><c>anomaly generate</c>: shows what a model takes for normal, as samples that it draws, or on the way from one sample to another.</summary>
internal static class GenerateCommand
{
    private const int MostSamples = 100_000, SheetColumns = 8, DefaultSteps = 10;

    private const string Random = "random";

    public static Command Create(Terminal terminal)
    {
        Argument<string> model = ScoreCommand.ModelArgument();
        OutputOptions outputs = new();
        Option<string> output = new("--out") { Description = "Folder for the samples; made if it is not there.", HelpName = "DIR", Required = true };
        Option<int?> count = Number("--n", "Samples to draw [default: 64], or walks with --interpolate random [default: 1].", 1);
        Option<int?> seed = NumberOption.Create<int>("--seed", "Start of the random sequence. [default: 0]", "an integer", _ => true);
        Option<string?> interpolate = new("--interpolate")
        {
            Description = "Walks instead: from one row of --data to another (their names, or their numbers from 0), or between codes that are drawn.",
            HelpName = $"I,J|{Random}",
        };
        Option<string?> data = new("--data") { Description = "Where the rows of --interpolate are.", HelpName = "DATA" };
        Option<int?> steps = Number("--steps", "Samples on that way, both ends included. [default: 10]", 2);
        Option<string?> size = new("--image-size") { Description = "Resizes the pictures of --data.", HelpName = "WxH" };
        Command command = new("generate", "Draws samples from a model, or walks between two.") { model, output, count, seed, interpolate, data, steps, size };
        outputs.AddTo(command);
        command.SetAction(parsed =>
        {
            (bool json, terminal.Quiet) = outputs.Read(parsed);
            Request request = new(
                parsed.GetRequiredValue(model),
                parsed.GetRequiredValue(output),
                parsed.GetValue(count),
                parsed.GetValue(seed),
                parsed.GetValue(interpolate),
                parsed.GetValue(data) is string path ? new DataSource(path, new ReadOptions { ImageSize = DataOptions.ParseSize(parsed.GetValue(size)) }) : null,
                parsed.GetValue(steps));
            return Run(request, json, terminal);
        });
        return command;
    }

    private static Option<int?> Number(string name, string help, int least) =>
        NumberOption.Create<int>(name, help, $"an integer, {least} to {MostSamples}", value => value >= least && value <= MostSamples);

    private static int Run(Request request, bool json, Terminal terminal)
    {
        Require(request);
        using AnomalyModel model = AnomalyModel.Load(request.Model);
        Samples[] walks = request.Walks ? Walks(model, request, terminal) : [];
        Samples samples = request.Walks ? Joined(walks) : model.Generate(request.Count ?? 64, request.Seed ?? 0);
        int columns = request.Walks ? walks[0].Count : SheetColumns;
        GeneratedSamples written = Write(request.Out, samples, request.Walks ? "step" : "sample", columns, model.Entry.Name, terminal);
        if (request.Walks) written = written with { Smoothness = [.. walks.Select(walk => Math.Round(WalkSmoothness.Of(walk), 4))] };
        if (json) JsonOutput.Write(terminal.Out, written);
        else terminal.Out.WriteLine(
            $"{request.Out}: {written.Samples} samples of {model.Entry.Name}, {written.Files} file(s); see {written.Overview}.{Smoothness(written)}");
        return ExitCode.Fine;
    }

    private static void Require(Request request)
    {
        bool rows = request.Walks && !request.WalksAtRandom;
        if (rows && request.Data is null)
        {
            throw new OptionException($"--interpolate needs the data that holds the two rows. Name it with --data, or say --interpolate {Random}.");
        }
        if (!rows && request.Data is not null) throw new OptionException("--data belongs to --interpolate I,J. Add that, or leave it away.");
        if (!request.Walks && request.Steps is not null) throw new OptionException("--steps belongs to --interpolate. Add that, or leave it away.");
        if (rows && (request.Count is not null || request.Seed is not null))
        {
            throw new OptionException("--n and --seed do not go with --interpolate I,J, which draws nothing. Leave them away.");
        }
        if ((long)(request.Count ?? 1) * (request.Steps ?? 1) > MostSamples)
        {
            throw new OptionException($"--n {request.Count} walks of {request.Steps} steps are more than {MostSamples} samples. Make fewer.");
        }
        if (request.Out.Length == 0) throw new OptionException("--out is empty. Name a folder.");
        if (File.Exists(request.Out)) throw new OptionException($"--out '{request.Out}' is a file. Name a folder.");
    }

    private static string Smoothness(GeneratedSamples written) => written.Smoothness is not { } ratios ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $" The longest step is {string.Join(", ", ratios.Select(ratio => ratio.ToString("0.00", CultureInfo.InvariantCulture)))} times the mean.");

    private static Samples[] Walks(AnomalyModel model, Request request, Terminal terminal) => request.WalksAtRandom
        ? [.. Enumerable.Range(0, request.Count ?? 1)
            .Select(i => model.Interpolate(request.Steps ?? DefaultSteps, unchecked((request.Seed ?? 0) + i)))]
        : [Walk(model, request, terminal)];

    private static Samples Joined(Samples[] walks) =>
        new(walks.SelectMany(walk => walk.Values.ToArray()).ToArray(), walks[0].Shape, featureNames: walks[0].FeatureNames);

    private static Samples Walk(AnomalyModel model, Request request, Terminal terminal)
    {
        string[] ends = request.Interpolate!.Split(',', StringSplitOptions.TrimEntries);
        if (ends.Length != 2 || ends.Any(end => end.Length == 0))
        {
            throw new OptionException($"--interpolate cannot be '{request.Interpolate}'; allowed: two rows I,J such as 0,7, or {Random}.");
        }
        DataSource source = request.Data!;
        Dataset data = (source with { Options = ScoreCommand.ReadOptionsFor(model, source) }).ReadAll(terminal);
        int[] rows = [.. ends.Select(end => RowNumber.Find(model, data, end)
            ?? throw new OptionException($"{source.Name} has no row '{end}': it has {data.Count} rows, counted from 0."))];
        return model.Interpolate(data, rows[0], rows[1], request.Steps ?? DefaultSteps);
    }

    private static GeneratedSamples Write(string folder, Samples samples, string name, int columns, string detector, Terminal terminal)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AnomalySharpException($"Cannot make the folder '{folder}': {e.Message} Choose another --out.", e);
        }
        if (!PictureWriter.CanWrite(samples.Shape))
        {
            string table = Path.Combine(folder, $"{name}s.csv");
            SampleWriter.Write(table, samples);
            return new GeneratedSamples(folder, detector, samples.Count, 1, table);
        }
        int digits = (samples.Count - 1).ToString(CultureInfo.InvariantCulture).Length;
        for (int i = 0; i < samples.Count; i++)
        {
            terminal.Cancellation.ThrowIfCancellationRequested();
            PictureWriter.Write(Path.Combine(folder, $"{name}{i.ToString($"D{digits}", CultureInfo.InvariantCulture)}.png"), samples, i);
        }
        string sheet = Path.Combine(folder, $"{name}s-sheet.png");
        PictureWriter.WriteSheet(sheet, samples, columns);
        return new GeneratedSamples(folder, detector, samples.Count, samples.Count + 1, sheet);
    }

    private sealed record Request(string Model, string Out, int? Count, int? Seed, string? Interpolate, DataSource? Data, int? Steps)
    {
        public bool Walks => Interpolate is not null;

        public bool WalksAtRandom => Interpolate == Random;
    }
}
