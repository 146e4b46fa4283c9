using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AnomalySharp;

/// <summary>One method of the catalogue.</summary>
/// <param name="Name">Catalogue name, such as <c>knn</c>.</param>
/// <param name="Info">Family, summary, paper, kinds of data.</param>
/// <param name="OptionsType">The options record.</param>
public sealed record DetectorEntry(string Name, DetectorAttribute Info, Type OptionsType)
{
    /// <summary>Options with every default.</summary>
    public DetectorOptions CreateOptions() => (DetectorOptions)Activator.CreateInstance(OptionsType)!;

    /// <summary>The options with ranges, defaults and descriptions.</summary>
    public IReadOnlyList<DetectorOption> Options => DetectorOption.Of(OptionsType);

    /// <summary>Whether it draws samples, too: its detector is an <see cref="IGenerativeDetector"/>.</summary>
    public bool IsGenerative => Makes<IGenerativeDetector>();

    /// <summary>Whether it goes from one sample to another: its detector is an <see cref="IInterpolatingDetector"/>.</summary>
    public bool IsInterpolating => Makes<IInterpolatingDetector>();

    /// <summary>Options as a model file has them, in JSON.</summary>
    /// <exception cref="ModelFileException">They are not those of this version.</exception>
    internal DetectorOptions ReadOptions(string json)
    {
        try
        {
            DetectorOptions options = (DetectorOptions?)JsonSerializer.Deserialize(json, OptionsType, DetectorCatalog.Json) ?? throw new JsonException("There are none.");
            DetectorOption.Validate(options);
            return options;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or OptionException)
        {
            throw new ModelFileException($"The options of its detector '{Name}' are not those of this version: {e.Message} Train it again.", e);
        }
    }

    private bool Makes<T>()
    {
        using Detector detector = CreateOptions().CreateDetector();
        return detector is T;
    }
}

/// <summary>
/// Every method there is, found by its <see cref="DetectorAttribute"/>. Listing it loads nothing native.
/// </summary>
public static class DetectorCatalog
{
    private static readonly Lock Gate = new();
    private static readonly SortedDictionary<string, DetectorEntry> ByName = new(StringComparer.OrdinalIgnoreCase);
    private static readonly HashSet<Assembly> Seen = [];

    /// <summary>How options are written to and read from JSON: camel case, enumerations by name, no unknown keys.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>All methods, in order of their names.</summary>
    public static IReadOnlyList<DetectorEntry> All
    {
        get
        {
            lock (Gate)
            {
                AddBuiltIn();
                return [.. ByName.Values];
            }
        }
    }

    /// <summary>
    /// Name of the method for those who name none. For tables it is the one with the best mean rank over 23 of them, and one of the quickest
    /// (<c>docs/results/tables-transductive.md</c>); for pictures and clips one that shows where they are abnormal, for graphs the one that looks at edges.
    /// </summary>
    public static string DefaultFor(DataKinds kind) => kind switch
    {
        DataKinds.Table => "nearest-neighbor-sample",
        DataKinds.Graph => "dominant",
        DataKinds.Video => "frame-prediction",
        _ => "autoencoder",
    };

    /// <summary>Adds the methods of an assembly: call it once for detectors of your own.</summary>
    /// <exception cref="OptionException">Two methods have the same name; nothing of the assembly was added.</exception>
    public static void Register(Assembly assembly)
    {
        lock (Gate)
        {
            // First, so that a name that is taken is refused here, and not when the catalogue is next looked at.
            AddBuiltIn();
            Add(assembly);
        }
    }

    private static void AddBuiltIn()
    {
        Add(typeof(DetectorCatalog).Assembly);
        if (OptionalAssembly.Torch is { } torch) Add(torch);
    }

    private static void Add(Assembly assembly)
    {
        if (Seen.Contains(assembly)) return;
        AddAll(assembly.GetTypes());
        Seen.Add(assembly);
    }

    /// <summary>All of the types that are options of detectors, or, where a name is taken, none.</summary>
    internal static void AddAll(IEnumerable<Type> types)
    {
        Dictionary<string, DetectorEntry> added = new(StringComparer.OrdinalIgnoreCase);
        lock (Gate)
        {
            foreach (Type type in types)
            {
                if (type.IsAbstract || !type.IsSubclassOf(typeof(DetectorOptions)) || type.GetCustomAttribute<DetectorAttribute>() is not { } info) continue;
                if (ByName.TryGetValue(info.Name, out DetectorEntry? taken) || added.TryGetValue(info.Name, out taken))
                {
                    throw new OptionException(
                        $"Two detectors are called '{info.Name}': {taken.OptionsType.FullName} and {type.FullName}. "
                        + "Give one of them another name in its [Detector].");
                }
                added.Add(info.Name, new DetectorEntry(info.Name, info, type));
            }
            foreach ((string name, DetectorEntry entry) in added) ByName.Add(name, entry);
        }
    }

    /// <summary>The method called <paramref name="name"/>.</summary>
    /// <exception cref="OptionException">Unknown; the message suggests the nearest name.</exception>
    public static DetectorEntry Find(string name)
    {
        IReadOnlyList<DetectorEntry> all = All;
        return all.FirstOrDefault(entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new OptionException(
                $"Unknown detector '{name}'. Did you mean '{NearestName.Of(name, all.Select(entry => entry.Name))}'? "
                + $"The detectors are: {string.Join(", ", all.Select(entry => entry.Name))}.");
    }

    /// <summary>The method that <paramref name="options"/> configure.</summary>
    /// <exception cref="OptionException">The options carry no <see cref="DetectorAttribute"/>, or their assembly was not registered.</exception>
    public static DetectorEntry Find(DetectorOptions options) => All.FirstOrDefault(entry => entry.OptionsType == options.GetType())
        ?? throw new OptionException(
            $"{options.GetType().Name} is not in the catalogue: give it a [Detector] attribute and call DetectorCatalog.Register with its assembly.");

    /// <summary>The catalogue name of a detector that is nested in, or named like, its options; null where there is none.</summary>
    internal static string? NameOf(Detector detector)
    {
        string options = detector.GetType().Name + "Options";
        return All.FirstOrDefault(entry => entry.OptionsType.Name == options)?.Name;
    }
}
