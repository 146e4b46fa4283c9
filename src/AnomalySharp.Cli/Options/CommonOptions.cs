using System.CommandLine;
using AnomalySharp.Cli.Output;
using AnomalySharp.Preprocessing;
using AnomalySharp.Thresholding;

namespace AnomalySharp.Cli.Options;

/// <summary>What every command that trains can be told; the command line wins over <c>--config</c>.</summary>
internal sealed class CommonOptions
{
    private const string ContaminationAllowed = "a number above 0 and at most 0.5", IntegerAllowed = "an integer";
    private readonly Option<double?> _contamination = NumberOption.Create<double>(
        "--contamination", "Expected fraction of anomalies, above 0 and at most 0.5.", ContaminationAllowed, IsContamination, "P");
    private readonly Option<string[]> _set = new("--set")
    {
        Description = "Options of the detector; 'anomaly detectors NAME' lists them.",
        HelpName = "key=value",
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<string?> _config = new("--config")
    {
        Description = "JSON file with detector, options and common settings.",
        HelpName = "FILE.json",
    };
    private readonly Option<int?> _seed = NumberOption.Create<int>(
        "--seed", "Start of every random sequence. [default: 0]", IntegerAllowed, _ => true);
    private readonly Option<int?> _threads = OutputOptions.Threads();
    private readonly Option<string?> _device = new("--device")
    {
        Description = "Where networks for pictures are trained. [default: cpu]",
        HelpName = "cpu|cuda",
    };
    private readonly Option<string?> _threshold = new("--threshold")
    {
        Description = "How the threshold is found: contamination, quantile:Q, mean-sigma:K, median-mad:K, youden, best-f1.",
        HelpName = "RULE",
    };
    private readonly Option<string?> _scaling = new("--scaling")
    {
        Description = "How features are scaled. [default: as the detector prefers]",
        HelpName = "none|standard|min-max|robust",
    };
    private readonly Option<bool> _robustPca = new("--robust-pca")
    {
        Description = "The detector learns from the low-rank part of the training rows, less the sparse noise that robust PCA finds; scoring is of the rows as they are.",
    };
    private readonly OutputOptions _output = new();

    public void AddTo(Command command)
    {
        command.Add(_contamination);
        command.Add(_threshold);
        command.Add(_scaling);
        command.Add(_robustPca);
        command.Add(_set);
        command.Add(_config);
        command.Add(_seed);
        command.Add(_threads);
        command.Add(_device);
        _output.AddTo(command);
    }

    /// <summary>The settings of one run; also quietens <paramref name="terminal"/> where that is asked for.</summary>
    public RunSettings Read(ParseResult parsed, Terminal terminal)
    {
        ConfigFile config = ConfigFile.Read(parsed.GetValue(_config));
        string? device = parsed.GetValue(_device) ?? config["device"];
        if (device is not (null or "cpu" or "cuda")) throw new OptionException($"--device cannot be '{device}'; allowed: cpu, cuda.");
        (bool json, bool quiet) = _output.Read(parsed);
        terminal.Quiet = quiet || config.Flag("quiet");
        int? threads = parsed.GetValue(_threads) ?? (config["threads"] is string text ? OutputOptions.ParseThreads(text) : null);
        return new RunSettings
        {
            Detector = config["detector"],
            DetectorSettings = [.. config.DetectorOptions, .. (parsed.GetValue(_set) ?? []).Select(Split)],
            Json = json || config.Flag("json"),
            Training = new TrainingSettings
            {
                Contamination = parsed.GetValue(_contamination) ?? (config["contamination"] is string contamination
                    ? NumberOption.Parse<double>("contamination", contamination, ContaminationAllowed, IsContamination)
                    : null),
                Threshold = (parsed.GetValue(_threshold) ?? config["threshold"]) is string rule ? ThresholdRule.Parse(rule) : null,
                Denoise = parsed.GetValue(_robustPca) || config.Flag("robustPca"),
                Scaling = ParseScaling(parsed.GetValue(_scaling) ?? config["scaling"]),
                Context = new FitContext
                {
                    Seed = parsed.GetValue(_seed)
                        ?? (config["seed"] is string seed ? NumberOption.Parse<int>("seed", seed, IntegerAllowed, _ => true) : 0),
                    Threads = threads ?? Environment.ProcessorCount,
                    Device = device ?? "cpu",
                    Cancellation = terminal.Cancellation,
                },
            },
        };
    }

    private static bool IsContamination(double value) => value is > 0 and <= 0.5;

    private static KeyValuePair<string, string> Split(string setting)
    {
        int equals = setting.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? new(setting[..equals].Trim(), setting[(equals + 1)..].Trim())
            : throw new OptionException($"--set needs key=value, not '{setting}'.");
    }

    private static FeatureScaling? ParseScaling(string? text) => text?.ToLowerInvariant() switch
    {
        null or "auto" => null,
        "none" => FeatureScaling.None,
        "standard" => FeatureScaling.Standard,
        "min-max" or "minmax" => FeatureScaling.MinMax,
        "robust" => FeatureScaling.Robust,
        _ => throw new OptionException($"--scaling cannot be '{text}'; allowed: none, standard, min-max, robust."),
    };
}
