using System.CommandLine;
using System.CommandLine.Parsing;
using AnomalySharp.Cli.Output;

namespace AnomalySharp.Cli.Options;

/// <summary>The report, and how heat maps of pictures are made for it and for figures.</summary>
internal sealed class MapOptions
{
    private readonly Option<string?> _report = new("--report") { Description = "Writes a report: one HTML file.", HelpName = "report.html" };
    private readonly Option<double?> _smooth = NumberOption.Create<double>(
        "--smooth",
        "Smooths heat maps of pictures with a Gaussian of this standard deviation in pixels. [default: 0, not at all]",
        "a number from 0 to 100",
        sigma => sigma is >= 0 and <= 100,
        "SIGMA");

    public void AddTo(Command command)
    {
        command.Add(_report);
        command.Add(_smooth);
    }

    /// <summary>The report's file, and the smoothing, which is refused where there is no map to be smoothed.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="masks">Where masks are; null where there are none.</param>
    public MapSettings Read(ParseResult parsed, string? masks = null)
    {
        (string? report, double? smooth) = (parsed.GetValue(_report), parsed.GetValue(_smooth));
        if (smooth is null || report is not null || masks is not null) return new MapSettings(report, smooth ?? 0);
        string others = parsed.CommandResult.Command.Options.Any(option => option.Name == "--masks") ? "--masks or --report" : "--report";
        throw new OptionException($"--smooth smooths heat maps, and none is made here: give {others} too, or leave it away.");
    }
}

/// <summary>What <see cref="MapOptions"/> reads.</summary>
/// <param name="Report">File of the report, or null.</param>
/// <param name="Sigma">Standard deviation of the smoothing in pixels.</param>
internal sealed record MapSettings(string? Report, double Sigma)
{
    /// <summary>Does nothing where there is nothing to be smoothed, or where it can be.</summary>
    /// <param name="shape">Shape of the samples; null for a table.</param>
    /// <exception cref="OptionException">They are no pictures.</exception>
    public void Require(SampleShape? shape)
    {
        if (Sigma == 0 || shape is { Rank: 3 }) return;
        throw new OptionException("--smooth smooths heat maps of pictures, and this is no data of pictures. Leave it away.");
    }
}
