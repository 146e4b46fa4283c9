using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using AnomalySharp.FeatureExtraction;
using AnomalySharp.Preprocessing;
using AnomalySharp.Sequences;

namespace AnomalySharp.Reproduction;

/// <summary>A method with its settings, by its catalogue name: an experiment may name methods that this version does not have.</summary>
/// <param name="Label">What tables call it.</param>
/// <param name="Detector">Catalogue name.</param>
/// <param name="Settings"><c>key=value</c>, as <c>--set</c> takes them.</param>
public sealed partial record Method(string Label, string Detector, params IReadOnlyList<string> Settings)
{
    /// <summary>How features are scaled; null: as the detector prefers.</summary>
    public FeatureScaling? Scaling { get; init; }

    /// <summary>
    /// What extracts features, as <c>--features</c> takes it, with files of the data folder in braces: <c>onnx:{models/m.onnx}:pool</c>; null: nothing.
    /// </summary>
    public string? Features { get; init; }

    /// <summary>The options of <see cref="Features"/> with the files where they are; as they are written where no data is given.</summary>
    /// <exception cref="OptionException">This version lacks the extractor or one of the options.</exception>
    /// <exception cref="DataException">A file is not there.</exception>
    public IFeatureOptions? CreateFeatures(DataStore? data) =>
        Features is null ? null : FeatureCatalog.Parse(data is null ? Features : DataFile().Replace(Features, match => data.Require(match.Groups[1].Value)));

    [GeneratedRegex(@"\{([^}]+)\}")]
    private static partial Regex DataFile();

    /// <summary>The detector's options.</summary>
    /// <exception cref="OptionException">This version lacks the detector or one of the options.</exception>
    public DetectorOptions CreateOptions()
    {
        DetectorEntry entry = DetectorCatalog.All.FirstOrDefault(one => one.Name == Detector)
            ?? throw new OptionException($"This version has no detector '{Detector}'.");
        return DetectorOption.Apply(entry.CreateOptions(), Settings.Select(setting =>
        {
            int equals = setting.IndexOf('=', StringComparison.Ordinal);
            return KeyValuePair.Create(setting[..equals], setting[(equals + 1)..]);
        }));
    }
}

/// <summary>What is trained on, and what is scored and held against labels.</summary>
/// <param name="Train">Training data. Its labels, if any, are taken off.</param>
/// <param name="Test">What is scored, with labels.</param>
public record Trial(Dataset Train, Dataset Test)
{
    /// <summary>Columns that the others are judged by; null: there are none. Part of the cell's case or setup in words.</summary>
    public IReadOnlyList<string>? ContextColumns { get; init; }
}

/// <summary>Figures of one's own from the model, the scores of the test data and their labels.</summary>
public delegate IEnumerable<(string Name, double Value)> Measure(AnomalyModel model, ReadOnlyMemory<float> scores, IReadOnlyList<byte> labels);

/// <summary>The smallest part of an experiment: one method with one seed on one case.</summary>
public sealed record Cell
{
    /// <summary>What is told apart beside method and seed, such as data set and class, in the order in which tables show it.</summary>
    public required IReadOnlyDictionary<string, string> Case { get; init; }

    /// <summary>The method.</summary>
    public required Method Method { get; init; }

    /// <summary>Seed of the choice of samples and of the training.</summary>
    public required int Seed { get; init; }

    /// <summary>What else the figures depend on, such as the protocol and limits of rows, in words: part of <see cref="Fingerprint"/>.</summary>
    public required string Setup { get; init; }

    /// <summary>How rows over time become windows; null: every row is a sample.</summary>
    public WindowSettings? Windows { get; init; }

    /// <summary>How scores of series are normalised; null: as usual for what the detector sees.</summary>
    public ScoreNormalization? Normalization { get; init; }

    /// <summary>Files that it reads, relative to the data folder.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Reads and selects the data.</summary>
    public required Func<DataStore, CancellationToken, Trial> Prepare { get; init; }

    /// <summary>Figures beside the usual ones, or null.</summary>
    public Measure? Measure { get; init; }

    /// <summary>What needs more of the trial than labels, beside the scores of what was tested, or null.</summary>
    public Func<AnomalyModel, Trial, ReadOnlyMemory<float>, Inspection>? Inspect { get; init; }

    /// <summary>How messages call it.</summary>
    public string Describe() => $"{string.Join(" ", Case.Values)} {Method.Label}, seed {Seed}".TrimStart();

    /// <summary>The same for cells whose figures must be the same: case, setup, seed, and all options of the detector, defaults included.</summary>
    /// <exception cref="OptionException">This version lacks the detector, the features or one of the options.</exception>
    public string Fingerprint()
    {
        DetectorOptions options = Method.CreateOptions();
        string text = string.Join(
            '\n',
            [
                .. Case.Select(one => $"{one.Key}={one.Value}"),
                Setup, Method.Label, Method.Detector, $"{Method.Scaling}", $"{Seed}", OptionsJson(options),
                .. Method.CreateFeatures(null) is { } features ? (string[])[Method.Features!, OptionsJson(features)] : [],
                .. Windows is null ? (string[])[] : [$"{Windows}"],
                .. Normalization is null ? (string[])[] : [$"{Normalization}"],
            ]);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
    }

    internal static string OptionsJson(object options) => JsonSerializer.Serialize(options, options.GetType(), DetectorCatalog.Json);
}
