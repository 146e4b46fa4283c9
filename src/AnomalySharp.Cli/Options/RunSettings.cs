namespace AnomalySharp.Cli.Options;

/// <summary>What the common options say.</summary>
internal sealed record RunSettings
{
    /// <summary>The detector that the configuration names, or null.</summary>
    public string? Detector { get; init; }

    /// <summary><c>key=value</c> for the detector: those of the configuration first, so that later ones win.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> DetectorSettings { get; init; } = [];

    /// <summary>Whether standard output carries JSON.</summary>
    public bool Json { get; init; }

    /// <summary>Contamination, threshold, scaling, seed, threads, device.</summary>
    public required TrainingSettings Training { get; init; }

    /// <summary>The options of the detector that the command line, then the configuration, names.</summary>
    public DetectorOptions CreateOptions(string? name) =>
        DetectorOption.Apply(DetectorCatalog.Find(name ?? Detector ?? "autoencoder").CreateOptions(), DetectorSettings);
}
