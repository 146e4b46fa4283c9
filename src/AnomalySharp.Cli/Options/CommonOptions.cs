using System.CommandLine;
using AnomalySharp.Cli.Output;
using AnomalySharp.FeatureExtraction;
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
    private readonly Option<string?> _encoding = new("--encoding")
    {
        Description = "How texts in tables become features. [default: auto: one-hot up to 20 texts, their frequency above]",
        HelpName = "auto|one-hot|frequency",
    };
    private readonly Option<string?> _features = new("--features")
    {
        Description = "The detector sees features in place of the samples (or windows): onnx:MODEL.onnx:OUTPUT,… (a pre-trained network), "
            + "autoencoder:SIZE (its code), gae:SIZE and walks:SIZE (of nodes of a graph); several with +, options in brackets: "
            + "onnx:m.onnx:pool[mean=128;deviation=128]+autoencoder:16.",
        HelpName = "NAME:…[…]+…",
    };
    private readonly Option<bool> _robustPca = new("--robust-pca")
    {
        Description = "The detector learns from the low-rank part of the training rows, less the sparse noise that robust PCA finds; "
            + "scoring is of the rows as they are.",
    };
    private readonly Option<string?> _context = new("--context")
    {
        Description = "Columns that the others are judged by, and that are not judged: what is normal overall may be abnormal given month or site.",
        HelpName = "COL,…",
    };
    private readonly SequenceOptions _sequence = new();
    private readonly OutputOptions _output = new();

    public void AddTo(Command command)
    {
        command.Add(_contamination);
        command.Add(_threshold);
        command.Add(_features);
        command.Add(_scaling);
        command.Add(_encoding);
        command.Add(_robustPca);
        command.Add(_context);
        _sequence.AddTo(command);
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
        (bool json, bool quiet) = _output.Read(parsed);
        terminal.Quiet = quiet || config.Flag("quiet");
        return new RunSettings
        {
            Config = config,
            DetectorSettings = [.. (parsed.GetValue(_set) ?? []).Select(Split)],
            Json = json || config.Flag("json"),
            Training = new TrainingSettings
            {
                Contamination = parsed.GetValue(_contamination) ?? config.Parse<double?>(
                    "contamination", text => NumberOption.Parse<double>("contamination", text, ContaminationAllowed, IsContamination)),
                Threshold = parsed.GetValue(_threshold) is string rule ? ThresholdRule.Parse(rule) : config.Parse("threshold", ThresholdRule.Parse),
                Windows = _sequence.Read(parsed, config),
                Normalization = _sequence.ReadNormalization(parsed, config),
                ContextColumns = (parsed.GetValue(_context) ?? config["context"])?.Split(
                    ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
                Denoise = parsed.GetValue(_robustPca) || config.Flag("robustPca"),
                Features = parsed.GetValue(_features) is string features
                    ? FeatureCatalog.Parse(features)
                    : config.Parse("features", FeatureCatalog.Parse),
                Scaling = parsed.GetValue(_scaling) is string scaling ? ParseScaling(scaling) : config.Parse("scaling", ParseScaling),
                Encoding = parsed.GetValue(_encoding) is string encoding
                    ? ParseEncoding(encoding)
                    : config.Parse("encoding", ParseEncoding),
                Context = new FitContext
                {
                    Seed = parsed.GetValue(_seed)
                        ?? config.Parse<int?>("seed", text => NumberOption.Parse<int>("seed", text, IntegerAllowed, _ => true)) ?? 0,
                    Threads = parsed.GetValue(_threads)
                        ?? config.Parse<int?>("threads", text => OutputOptions.ParseThreads(text)) ?? Environment.ProcessorCount,
                    Device = parsed.GetValue(_device) is string device ? ParseDevice(device) : config.Parse("device", ParseDevice) ?? "cpu",
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

    private static string ParseDevice(string text) =>
        text is "cpu" or "cuda" ? text : throw new OptionException($"--device cannot be '{text}'; allowed: cpu, cuda.");

    private static CategoryEncoding ParseEncoding(string text) => text.ToLowerInvariant() switch
    {
        "auto" => CategoryEncoding.Auto,
        "one-hot" or "onehot" => CategoryEncoding.OneHot,
        "frequency" => CategoryEncoding.Frequency,
        _ => throw new OptionException($"--encoding cannot be '{text}'; allowed: auto, one-hot, frequency."),
    };

    private static FeatureScaling? ParseScaling(string text) => text.ToLowerInvariant() switch
    {
        "auto" => null,
        "none" => FeatureScaling.None,
        "standard" => FeatureScaling.Standard,
        "min-max" or "minmax" => FeatureScaling.MinMax,
        "robust" => FeatureScaling.Robust,
        _ => throw new OptionException($"--scaling cannot be '{text}'; allowed: none, standard, min-max, robust."),
    };
}
