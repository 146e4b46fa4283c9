using System.Reflection;
using System.Text.Json;
using AnomalySharp.Persistence;

namespace AnomalySharp.FeatureExtraction;

/// <summary>Every feature extractor there is, and how one is written in a line.</summary>
public static class FeatureCatalog
{
    private static readonly Lazy<SortedDictionary<string, Type>> LazyTypes = new(Find);

    /// <summary>Names of all extractors.</summary>
    public static IReadOnlyCollection<string> Names => LazyTypes.Value.Keys;

    /// <summary>
    /// Reads <c>name:argument[key=value;key=value]</c>, several joined with <c>+</c>: <c>onnx:MODEL.onnx:OUTPUT,OUTPUT</c>, <c>autoencoder:16</c>,
    /// <c>onnx:m.onnx:pool[mean=128;deviation=128]+autoencoder</c>.
    /// </summary>
    /// <exception cref="OptionException">An unknown extractor or option, or a value out of its range.</exception>
    public static IFeatureOptions Parse(string text)
    {
        IFeatureOptions[] parts = [.. Split(text).Select(ParseOne)];
        return parts.Length == 1 ? parts[0] : new CombinedFeatureOptions(parts);
    }

    /// <summary>The options of each extractor with its name, as a model file has them.</summary>
    internal static IReadOnlyList<StoredFeatures> Store(IFeatureOptions options) =>
    [
        .. (options is CombinedFeatureOptions several ? several.Parts : [options])
            .Select(part => new StoredFeatures(NameOf(part), JsonSerializer.SerializeToElement(part, part.GetType(), DetectorCatalog.Json))),
    ];

    /// <summary>The options that <see cref="Store"/> stored.</summary>
    /// <exception cref="ModelFileException">They are not known to this version.</exception>
    internal static IFeatureOptions Restore(IReadOnlyList<StoredFeatures> stored)
    {
        if (stored.Count == 0) throw new ModelFileException("Its features name no extractor. Train it again.");
        IFeatureOptions[] parts = [.. stored.Select(part =>
        {
            if (!LazyTypes.Value.TryGetValue(part.Extractor, out Type? type))
            {
                throw new ModelFileException(
                    $"It has features of '{part.Extractor}', which is not known here. Upgrade AnomalySharp, or reference the package that brings it.");
            }
            try
            {
                IFeatureOptions options = (IFeatureOptions)part.Options.Deserialize(type, DetectorCatalog.Json)!;
                DetectorOption.Validate(options);
                return options;
            }
            catch (Exception e) when (e is JsonException or NotSupportedException or OptionException)
            {
                throw new ModelFileException($"The options of its features '{part.Extractor}' are not those of this version: {e.Message} Train it again.", e);
            }
        })];
        return parts.Length == 1 ? parts[0] : new CombinedFeatureOptions(parts);
    }

    private static string NameOf(IFeatureOptions options) =>
        LazyTypes.Value.FirstOrDefault(pair => pair.Value == options.GetType()).Key
        ?? throw new OptionException($"{options.GetType().Name} is in no catalogue of features: give it a [FeatureExtractor] attribute.");

    private static SortedDictionary<string, Type> Find()
    {
        SortedDictionary<string, Type> types = new(StringComparer.OrdinalIgnoreCase);
        foreach (Assembly assembly in new[] { typeof(FeatureCatalog).Assembly, OptionalAssembly.Torch, OptionalAssembly.Onnx }.OfType<Assembly>())
        {
            foreach (Type type in assembly.GetTypes())
            {
                if (type.GetCustomAttribute<FeatureExtractorAttribute>() is { } info) types.Add(info.Name, type);
            }
        }
        foreach (DetectorEntry entry in DetectorCatalog.All)
        {
            if (entry.OptionsType.IsAssignableTo(typeof(IFeatureOptions))) types.TryAdd(entry.Name, entry.OptionsType);
        }
        return types;
    }

    // A plus joins only where an extractor's name follows, and not between brackets: files have such names too.
    private static List<string> Split(string text)
    {
        List<string> parts = [];
        int start = 0, depth = 0;
        for (int i = 0; i < text.Length; i++)
        {
            depth += text[i] == '[' ? 1 : text[i] == ']' ? -1 : 0;
            if (text[i] != '+' || depth != 0 || !Names.Any(name => StartsWith(text.AsSpan(i + 1).TrimStart(), name))) continue;
            parts.Add(text[start..i]);
            start = i + 1;
        }
        parts.Add(text[start..]);
        return parts;
    }

    private static bool StartsWith(ReadOnlySpan<char> text, string name) =>
        text.StartsWith(name, StringComparison.OrdinalIgnoreCase) && (text.Length == name.Length || text[name.Length] is ':' or '[' or '+' or ' ');

    private static IFeatureOptions ParseOne(string part)
    {
        string text = part.Trim(), settings = "";
        if (text.EndsWith(']') && text.LastIndexOf('[') is int bracket and >= 0) (text, settings) = (text[..bracket], text[(bracket + 1)..^1]);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        (string name, string? argument) = colon < 0 ? (text.Trim(), null) : (text[..colon].Trim(), text[(colon + 1)..].Trim());
        if (!LazyTypes.Value.TryGetValue(name, out Type? type))
        {
            throw new OptionException(
                $"There are no features '{name}'. There are: {string.Join(", ", Names)}; several are joined with +, options stand in brackets: "
                + "onnx:MODEL.onnx:OUTPUT[mean=128;deviation=128]+autoencoder:16.");
        }
        IFeatureOptions options = (IFeatureOptions)Activator.CreateInstance(type)!;
        string[] pairs = settings.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return DetectorOption.Apply(options, [.. argument is null ? [] : options.ReadArgument(argument), .. pairs.Select(pair =>
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            return equals > 0
                ? KeyValuePair.Create(pair[..equals].Trim(), pair[(equals + 1)..].Trim())
                : throw new OptionException($"In brackets, the features '{name}' take key=value separated by ';', not '{pair}'.");
        })]);
    }
}

/// <summary>An extractor's name and options in a model file.</summary>
internal sealed record StoredFeatures(string Extractor, JsonElement Options);
