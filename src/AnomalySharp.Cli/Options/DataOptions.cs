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
        Description = "A table (CSV, TSV, Parquet, JSON, JSON lines), arrays (.npz), IDX or CIFAR files, or a folder of pictures.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<string?>? _label;
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
            command.Add(_anomaly);
        }
        command.Add(_sql);
        command.Add(_edges);
        command.Add(_id);
        command.Add(_from);
        command.Add(_to);
        command.Add(_imageSize);
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
        return new DataSource(path, new ReadOptions
        {
            LabelColumn = _label is null ? null : parsed.GetValue(_label),
            AnomalyValue = _label is null ? null : parsed.GetValue(_anomaly),
            Sql = sql,
            Edges = edges,
            IdColumn = parsed.GetValue(_id),
            FromColumn = parsed.GetValue(_from),
            ToColumn = parsed.GetValue(_to),
            ImageSize = ParseSize(parsed.GetValue(_imageSize)),
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
        string column = Options.LabelColumn is string name ? $"column '{name}'" : "the label column";
        if (labels is null) throw new DataException($"{Name} has no labels. Name their column with --label.");
        int anomalies = labels.Count(label => label == 1);
        if (anomalies > 0 && anomalies < labels.Count) return;
        throw new DataException(
            $"{Name}, {column}: all {labels.Count} labels are {(anomalies == 0 ? "normal" : "anomalies")}, so nothing can be measured. "
            + "Use data with both, name the anomalous value with --anomaly, or leave --label away.");
    }
}
