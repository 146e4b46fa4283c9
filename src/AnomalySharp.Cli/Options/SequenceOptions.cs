using System.CommandLine;
using AnomalySharp.Sequences;

namespace AnomalySharp.Cli.Options;

/// <summary>How rows over time become windows; any of the options says that they do.</summary>
internal sealed class SequenceOptions
{
    /// <summary>Keys of a configuration file.</summary>
    public static readonly string[] Keys = ["time", "entity", "window", "stride", "gap", "normalize"];

    private const string RowsAllowed = "an integer, 2 to 10000", StrideAllowed = "an integer, 1 to 10000";

    private const string GapAllowed = "a number above 1 and at most 1000000";

    private readonly Option<string?> _time = new("--time")
    {
        Description = "Column of points in time: rows become windows of a sequence, in its order.",
        HelpName = "COL",
    };
    private readonly Option<string?> _entity = new("--entity") { Description = "Column that tells one series from another.", HelpName = "COL" };
    private readonly Option<int?> _window = NumberOption.Create<int>(
        "--window", "Rows of a window, or frames of a clip of a video. [default: 30]", RowsAllowed, IsWindow, "W");
    private readonly Option<int?> _stride = NumberOption.Create<int>(
        "--stride", "Rows from one training window to the next; scoring takes every window. [default: 1]", StrideAllowed, IsStride, "S");
    private readonly Option<double?> _gap = NumberOption.Create<double>(
        "--gap", "No window goes over a step of time more than so many times the usual one. [default: 3]", GapAllowed, IsGap, "F");

    private readonly Option<string?> _normalize = new("--normalize")
    {
        Description = "Brings scores to 0…1 series by series: by training and what has come so far (causal), or by the whole series, as papers on video do "
            + "(video). [default: causal for clips, else none]",
        HelpName = "none|causal|video",
    };

    public void AddTo(Command command)
    {
        command.Add(_time);
        command.Add(_entity);
        command.Add(_window);
        command.Add(_stride);
        command.Add(_gap);
        command.Add(_normalize);
    }

    /// <summary>The windows that are asked for; null where none are.</summary>
    public WindowSettings? Read(ParseResult parsed, ConfigFile config)
    {
        WindowSettings usual = new();
        string? time = parsed.GetValue(_time) ?? config["time"], entity = parsed.GetValue(_entity) ?? config["entity"];
        int? window = parsed.GetValue(_window)
            ?? config.Parse<int?>("window", text => NumberOption.Parse<int>("window", text, RowsAllowed, IsWindow));
        int? stride = parsed.GetValue(_stride)
            ?? config.Parse<int?>("stride", text => NumberOption.Parse<int>("stride", text, StrideAllowed, IsStride));
        double? gap = parsed.GetValue(_gap)
            ?? config.Parse<double?>("gap", text => NumberOption.Parse<double>("gap", text, GapAllowed, IsGap));
        if (time is null && entity is null && window is null && stride is null && gap is null) return null;
        if (gap is not null && time is null) throw new OptionException("--gap is about steps of time: name their column with --time.");
        return usual with
        {
            TimeColumn = time,
            EntityColumn = entity,
            Length = window ?? usual.Length,
            Stride = stride ?? usual.Stride,
            Gap = gap ?? usual.Gap,
        };
    }

    /// <summary>How scores are normalised; null where that is not said.</summary>
    public ScoreNormalization? ReadNormalization(ParseResult parsed, ConfigFile config) =>
        parsed.GetValue(_normalize) is string text ? ParseNormalization(text) : config.Parse("normalize", ParseNormalization);

    private static ScoreNormalization? ParseNormalization(string text) => text.ToLowerInvariant() switch
    {
        "none" => ScoreNormalization.None,
        "causal" => ScoreNormalization.Causal,
        "video" => ScoreNormalization.Video,
        _ => throw new OptionException($"--normalize cannot be '{text}'; allowed: none, causal, video."),
    };

    private static bool IsWindow(int rows) => rows is >= 2 and <= WindowSettings.MostRows;

    private static bool IsStride(int rows) => rows is >= 1 and <= WindowSettings.MostRows;

    private static bool IsGap(double factor) => factor is > 1 and <= 1e6;
}
