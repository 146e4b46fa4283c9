using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using AnomalySharp.Cli.Output;
using AnomalySharp.Data;

namespace AnomalySharp.Cli.Options;

/// <summary>What is read, and how.</summary>
internal sealed class DataOptions
{
    private readonly Argument<string?> _data = new("DATA")
    {
        Description = "A table (CSV, TSV, Parquet, JSON, JSON lines), arrays (.npz), IDX or CIFAR files, a folder of pictures, "
            + "or a video: any file that ffmpeg reads, raw frames, a folder of these.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<string?>? _label;
    private readonly Option<string?> _labels = new("--labels")
    {
        Description = "File with a label for each sample, such as a frame of a video, line by line: used as --label.",
        HelpName = "FILE",
    };
    private readonly Option<string?> _anomaly = new("--anomaly")
    {
        Description = "The label that means anomaly, where labels are neither 0/1 nor true/false.",
        HelpName = "VALUE",
    };
    private readonly Option<string?> _sql = new("--sql")
    {
        Description = "A query instead of DATA, such as \"select … from 'file.parquet'\".",
        HelpName = "QUERY",
    };
    private readonly Option<string?> _edges = new("--edges")
    {
        Description = "A table of edges: the rows of DATA become nodes of a graph. An .npz has its own in edge_index.",
        HelpName = "FILE",
    };
    private readonly Option<string?> _id = new("--id")
    {
        Description = "Column of DATA that names nodes as edges do. [default: row numbers from 0]",
        HelpName = "COL",
    };
    private readonly Option<string?> _from = new("--from") { Description = "Column of edges with one end. [default: the first]", HelpName = "COL" };
    private readonly Option<string?> _to = new("--to") { Description = "Column of edges with the other end. [default: the second]", HelpName = "COL" };
    private readonly Option<string?> _imageSize = new("--image-size") { Description = "Resizes pictures.", HelpName = "WxH" };
    private readonly Option<string?> _frame = new("--frame")
    {
        Description = "Scales frames of videos; the size of raw ones, such as in .gz. With x1 they are grey, with x3 coloured.",
        HelpName = "WxH[xC]",
    };
    private readonly Option<double?> _fps = NumberOption.Create<double>(
        "--fps", "Frames of a video per second that are taken. [default: all]", "a number above 0 and at most 1000", fps => fps is > 0 and <= 1000, "N");
    private readonly Option<bool> _skipBad = new("--skip-bad") { Description = "Leaves unreadable pictures out instead of stopping." };

    /// <summary>Options for reading data, with <c>--label</c> where <paramref name="labelHelp"/> says what it is for.</summary>
    public DataOptions(string? labelHelp)
    {
        if (labelHelp is not null) _label = new Option<string?>("--label") { Description = labelHelp, HelpName = "COL" };
    }

    public void AddTo(Command command)
    {
        RefuseOptions(_data);
        command.Add(_data);
        if (_label is not null)
        {
            command.Add(_label);
            command.Add(_labels);
            command.Add(_anomaly);
        }
        command.Add(_sql);
        command.Add(_edges);
        command.Add(_id);
        command.Add(_from);
        command.Add(_to);
        command.Add(_imageSize);
        command.Add(_frame);
        command.Add(_fps);
        command.Add(_skipBad);
    }

    public DataSource Read(ParseResult parsed)
    {
        string? path = parsed.GetValue(_data), sql = parsed.GetValue(_sql);
        if (path is null == sql is null)
        {
            throw new OptionException("Name the data: either DATA (a file or folder) or --sql QUERY." + TakenBySet(parsed));
        }
        string? edges = parsed.GetValue(_edges);
        if (edges is null && (parsed.GetValue(_id) ?? parsed.GetValue(_from) ?? parsed.GetValue(_to)) is string column)
        {
            throw new OptionException($"The column '{column}' is about edges: name their table with --edges.");
        }
        string? label = _label is null ? null : parsed.GetValue(_label), labels = _label is null ? null : parsed.GetValue(_labels);
        if (label is not null && labels is not null) throw new OptionException("--label and --labels both name labels. Give one of them.");
        return new DataSource(path, new ReadOptions
        {
            LabelColumn = label,
            LabelsFile = labels,
            AnomalyValue = _label is null ? null : parsed.GetValue(_anomaly),
            Sql = sql,
            Edges = edges,
            IdColumn = parsed.GetValue(_id),
            FromColumn = parsed.GetValue(_from),
            ToColumn = parsed.GetValue(_to),
            ImageSize = ParseSize(parsed.GetValue(_imageSize)),
            Frame = ParseFrame(parsed.GetValue(_frame)),
            FramesPerSecond = parsed.GetValue(_fps),
            SkipBad = parsed.GetValue(_skipBad),
        });
    }

    // --set takes all that follows it.
    private static string TakenBySet(ParseResult parsed)
    {
        string[] taken = [.. parsed.CommandResult.Children.OfType<OptionResult>().Where(option => option.Option.Name == "--set")
            .SelectMany(option => option.Tokens).Select(token => token.Value).Where(text => !text.Contains('=', StringComparison.Ordinal))];
        return taken.Length == 0 ? "" : $" --set took '{string.Join("', '", taken)}', which is no key=value: put DATA before the options.";
    }

    /// <summary>An unknown option would otherwise be taken for the argument.</summary>
    public static void RefuseOptions(Argument argument) => argument.Validators.Add(result =>
    {
        if (result.Tokens is [Token token, ..] && token.Value.StartsWith('-')) result.AddError($"Unknown option '{token.Value}'.");
    });

    /// <summary>The size that <c>--image-size</c> names, or null where it is not given.</summary>
    public static (int Width, int Height)? ParseSize(string? text)
    {
        if (text is null) return null;
        string[] parts = text.ToLowerInvariant().Split('x', '×');
        return parts.Length == 2 && Extent(parts[0]) is int width && Extent(parts[1]) is int height
            ? (width, height)
            : throw new OptionException($"--image-size cannot be '{text}'; allowed: WIDTHxHEIGHT such as 64x64, each 1 to 8192.");
    }

    private static (int Width, int Height, int? Channels)? ParseFrame(string? text)
    {
        if (text is null) return null;
        string[] parts = text.ToLowerInvariant().Split('x', '×');
        int? channels = parts.Length == 3 && parts[2] is "1" or "3" ? parts[2][0] - '0' : null;
        return (parts.Length == 2 || channels is not null) && Extent(parts[0]) is int width && Extent(parts[1]) is int height
            ? (width, height, channels)
            : throw new OptionException(
                $"--frame cannot be '{text}'; allowed: WIDTHxHEIGHT such as 64x32, each 1 to 8192, and then x1 for grey or x3 for coloured frames.");
    }

    private static int? Extent(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int extent) && extent is >= 1 and <= 8192 ? extent : null;
}

/// <summary>A path or query and how to read it.</summary>
internal sealed record DataSource(string? Path, ReadOptions Options)
{
    /// <summary>How messages call it.</summary>
    public string Name => Path ?? "the query";

    /// <summary>Reads all of it and passes on what the reader has to say.</summary>
    public Dataset ReadAll(Terminal terminal)
    {
        Dataset data = DatasetReader.Read(Path, Options, terminal.Cancellation);
        terminal.Notes(data.Notes);
        return data;
    }

    /// <summary>The labels, checked to be of both kinds.</summary>
    public void RequireBothLabels(IReadOnlyList<byte>? labels)
    {
        string column = Options.LabelsFile ?? (Options.LabelColumn is string name ? $"column '{name}'" : "the label column");
        if (labels is null) throw new DataException($"{Name} has no labels. Name their column with --label, or a file of them with --labels.");
        int anomalies = labels.Count(label => label == 1);
        if (anomalies > 0 && anomalies < labels.Count) return;
        throw new DataException(
            $"{Name}, {column}: all {labels.Count} labels are {(anomalies == 0 ? "normal" : "anomalies")}, so nothing can be measured. "
            + "Use data with both, name the anomalous value with --anomaly, or leave --label away.");
    }
}
