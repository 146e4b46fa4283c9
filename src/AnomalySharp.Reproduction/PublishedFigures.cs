using System.Text.Json;

namespace AnomalySharp.Reproduction;

/// <summary>Figures of a paper with their source: a copy that this project keeps as <c>Published/NAME.json</c>.</summary>
public sealed class PublishedFigures
{
    private readonly JsonElement _tables;

    private PublishedFigures(string name, JsonElement root)
    {
        Name = name;
        Source = root.GetProperty("source").GetString()!;
        Protocol = root.GetProperty("protocol").GetString()!;
        _tables = root.GetProperty("tables");
    }

    /// <summary>Names of all copies.</summary>
    public static IReadOnlyList<string> Names =>
    [
        .. typeof(PublishedFigures).Assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(".json", StringComparison.Ordinal)).Select(name => name[..^5]).Order(StringComparer.Ordinal),
    ];

    /// <summary>Name of the copy.</summary>
    public string Name { get; }

    /// <summary>Authors, title, place and year, and where the figures were read.</summary>
    public string Source { get; }

    /// <summary>What was trained and tested on, and how often.</summary>
    public string Protocol { get; }

    /// <summary>Reads the copy called <paramref name="name"/>.</summary>
    /// <exception cref="OptionException">There is none.</exception>
    public static PublishedFigures Read(string name)
    {
        using Stream stream = typeof(PublishedFigures).Assembly.GetManifestResourceStream(name + ".json")
            ?? throw new OptionException($"There are no published figures called '{name}'. There are: {string.Join(", ", Names)}.");
        using JsonDocument document = JsonDocument.Parse(stream);
        return new PublishedFigures(name, document.RootElement.Clone());
    }

    /// <summary>The figure at <paramref name="path"/>, such as table, setting, method, figure; null where the paper gives none.</summary>
    public double? Find(params ReadOnlySpan<string> path)
    {
        JsonElement element = _tables;
        foreach (string step in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(step, out element)) return null;
        }
        return element.ValueKind == JsonValueKind.Number ? element.GetDouble() : null;
    }
}
