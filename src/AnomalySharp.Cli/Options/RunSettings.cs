namespace AnomalySharp.Cli.Options;

/// <summary>What the common options say.</summary>
internal sealed record RunSettings
{
    /// <summary>The configuration, for what it says of detectors.</summary>
    public required ConfigFile Config { get; init; }

    /// <summary><c>key=value</c> of the command line for the detector; they win over those of the configuration.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> DetectorSettings { get; init; } = [];

    /// <summary>All keys that are set, those of the configuration first.</summary>
    public IEnumerable<string> DetectorKeys => Config.DetectorOptions.Concat(DetectorSettings).Select(setting => setting.Key);

    /// <summary>Whether standard output carries JSON.</summary>
    public bool Json { get; init; }

    /// <summary>Contamination, threshold, scaling, encoding, seed, threads, device.</summary>
    public required TrainingSettings Training { get; init; }

    /// <summary>
    /// The options of the detector that the command line, then the configuration, names; null where neither does, and the data is to choose
    /// (<see cref="DefaultOptions"/>).
    /// </summary>
    public DetectorOptions? NamedOptions(string? name)
    {
        DetectorEntry? named = name is null ? Config.Parse("detector", DetectorCatalog.Find) : DetectorCatalog.Find(name);
        return named is null ? null : Apply(named, _ => true);
    }

    /// <summary>Whether the detector sees clips of frames.</summary>
    public bool IsVideo(Dataset data) => Training.Windows is not null && data.Kind == DataKinds.Image;

    /// <summary>The options of the detector for those who name none.</summary>
    public DetectorOptions DefaultOptions(Dataset data)
    {
        DataKinds kind = IsVideo(data) ? DataKinds.Video : data.Kind;
        // Features of nodes and of clips are rows of a table.
        if (Training.Features is not null && kind is (DataKinds.Video or DataKinds.Graph)) kind = DataKinds.Table;
        string name = DetectorCatalog.DefaultFor(kind);
        try
        {
            return Apply(DetectorCatalog.Find(name), _ => true);
        }
        catch (OptionException e)
        {
            throw new OptionException($"{e.Message} No detector is named, so it is {name}: name another with --detector.", e);
        }
    }

    /// <summary>The detector's options with the settings whose keys <paramref name="which"/> takes.</summary>
    public DetectorOptions Apply(DetectorEntry entry, Func<string, bool> which)
    {
        DetectorOptions options = Config.Use(
            () => DetectorOption.Apply(entry.CreateOptions(), Config.DetectorOptions.Where(setting => which(setting.Key))));
        return DetectorOption.Apply(options, DetectorSettings.Where(setting => which(setting.Key)));
    }
}
