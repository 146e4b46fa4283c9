using System.Text.Json;

namespace AnomalySharp.Cli.Options;

/// <summary>Settings from a JSON file: <c>detector</c>, <c>options</c> and the common settings under their command-line names.</summary>
internal sealed class ConfigFile
{
    private static readonly string[] Keys =
        ["detector", "options", "contamination", "threshold", "features", "scaling", "encoding", "robustPca", "context", "seed", "threads", "device",
            "json", "quiet", .. SequenceOptions.Keys];

    private readonly Dictionary<string, string> _texts = new(StringComparer.OrdinalIgnoreCase);
    private readonly string _path;

    private ConfigFile(string path) => _path = path;

    /// <summary>The detector's options as <c>--set</c> would take them.</summary>
    public List<KeyValuePair<string, string>> DetectorOptions { get; } = [];

    /// <summary>The setting called <paramref name="key"/> as text, or null.</summary>
    public string? this[string key] => _texts.GetValueOrDefault(key);

    /// <summary>Whether a switch is on.</summary>
    public bool Flag(string key) => this[key] switch
    {
        null or "false" => false,
        "true" => true,
        string other => throw new OptionException($"'{key}' in {_path} cannot be '{other}'; allowed: true or false."),
    };

    public static ConfigFile Read(string? path)
    {
        ConfigFile config = new(path ?? "");
        if (path is null) return config;
        if (path.Length == 0) throw new OptionException("--config needs the name of a JSON file, not an empty one.");
        try
        {
            using JsonDocument document = JsonDocument.Parse(
                WithoutMark(File.ReadAllBytes(path)), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            config.Take(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new OptionException($"{path} is not JSON: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OptionException($"Cannot read the configuration {path}: {e.Message}", e);
        }
        return config;
    }

    /// <summary>What <paramref name="use"/> makes of the file's settings; what it refuses is said to be of this file.</summary>
    public T Use<T>(Func<T> use)
    {
        try
        {
            return use();
        }
        catch (OptionException e)
        {
            throw new OptionException($"In {_path}: {e.Message}", e);
        }
    }

    /// <summary>What <paramref name="parse"/> makes of the setting called <paramref name="key"/>; the default value where it is not there.</summary>
    public T? Parse<T>(string key, Func<string, T> parse) => this[key] is string text ? Use(() => parse(text)) : default;

    // Editors on Windows put a byte order mark before UTF-8, which JSON does not allow.
    private static ReadOnlyMemory<byte> WithoutMark(byte[] bytes) => bytes.AsMemory(bytes is [0xEF, 0xBB, 0xBF, ..] ? 3 : 0);

    private void Take(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new OptionException($"{_path} must hold one JSON object with the keys {string.Join(", ", Keys)}.");
        }
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (!Keys.Contains(property.Name, StringComparer.OrdinalIgnoreCase))
            {
                throw new OptionException($"Unknown key '{property.Name}' in {_path}. The keys are: {string.Join(", ", Keys)}.");
            }
            if (property.Name.Equals("options", StringComparison.OrdinalIgnoreCase)) TakeOptions(property.Value);
            else if (property.Value.ValueKind != JsonValueKind.Null) _texts[property.Name] = Text(property.Value);
        }
    }

    private void TakeOptions(JsonElement options)
    {
        if (options.ValueKind != JsonValueKind.Object)
        {
            throw new OptionException($"'options' in {_path} must be an object such as {{ \"epochs\": 50 }}.");
        }
        foreach (JsonProperty option in options.EnumerateObject()) DetectorOptions.Add(new(option.Name, Text(option.Value)));
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        // An empty text would mean the default.
        JsonValueKind.Array when value.GetArrayLength() == 0 => "none",
        JsonValueKind.Array => string.Join(',', value.EnumerateArray().Select(Text)),
        JsonValueKind.Null => "auto",
        _ => value.GetRawText(),
    };
}
