using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using AnomalySharp.Persistence;

namespace AnomalySharp.Reproduction;

/// <summary>One cell that was run.</summary>
public sealed record CellResult
{
    /// <summary><see cref="Cell.Fingerprint"/> of what was run.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Data set, class and the like.</summary>
    public required IReadOnlyDictionary<string, string> Case { get; init; }

    /// <summary>Label of the method.</summary>
    public required string Method { get; init; }

    /// <summary>Catalogue name of the detector.</summary>
    public required string Detector { get; init; }

    /// <summary>What is not as the detector has it by default.</summary>
    public required IReadOnlyList<string> Settings { get; init; }

    /// <summary>Seed.</summary>
    public required int Seed { get; init; }

    /// <summary>Training samples.</summary>
    public int TrainRows { get; init; }

    /// <summary>Scored samples.</summary>
    public int TestRows { get; init; }

    /// <summary>Anomalies among the scored samples.</summary>
    public int Anomalies { get; init; }

    /// <summary>Figures by name; empty where the run failed.</summary>
    public IReadOnlyDictionary<string, double> Figures { get; init; } = new Dictionary<string, double>();

    /// <summary>Rows for the picture of the result page; null where there are none.</summary>
    public IReadOnlyList<ExhibitRow>? Exhibit { get; init; }

    /// <summary>Seconds of training, on one thread, beside as many others as <see cref="Parallel"/> says.</summary>
    public double TrainSeconds { get; init; }

    /// <summary>Seconds of scoring.</summary>
    public double ScoreSeconds { get; init; }

    /// <summary>Cells that ran at a time.</summary>
    public int Parallel { get; init; }

    /// <summary>Processors of the machine.</summary>
    public int Cores { get; init; }

    /// <summary>Version of AnomalySharp.</summary>
    public string Version { get; init; } = "";

    /// <summary>Version of the .NET runtime.</summary>
    public string Runtime { get; init; } = "";

    /// <summary>Why it failed; null where it did not.</summary>
    public string? Error { get; init; }
}

/// <summary>Cells that could not be run.</summary>
/// <param name="What">File or method.</param>
/// <param name="Reason">What is missing.</param>
/// <param name="Cells">How many.</param>
public sealed record SkippedCells(string What, string Reason, int Cells)
{
    /// <summary>The reason where a file is missing.</summary>
    internal const string NoFile = "not in the data folder";

    /// <summary>Whether a file is missing and not a detector or an option of it.</summary>
    [JsonIgnore]
    public bool IsFile => Reason == NoFile;
}

/// <summary>The result file of an experiment.</summary>
public sealed record ExperimentResults
{
    private static readonly ResultsJson Types = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>Name of the experiment.</summary>
    public required string Experiment { get; init; }

    /// <summary>Whether it is the small subset.</summary>
    public required bool Quick { get; init; }

    /// <summary>What trained and what was tested.</summary>
    public required string Protocol { get; init; }

    /// <summary>What is not as in the paper.</summary>
    public required IReadOnlyList<string> Differences { get; init; }

    /// <summary>What could not be run.</summary>
    public IReadOnlyList<SkippedCells> Skipped { get; init; } = [];

    /// <summary>What was run.</summary>
    public IReadOnlyList<CellResult> Cells { get; init; } = [];

    /// <summary>Cells with figures.</summary>
    [JsonIgnore]
    public IEnumerable<CellResult> Measured => Cells.Where(cell => cell.Error is null);

    /// <summary>Reads a result file.</summary>
    /// <exception cref="DataException">It is damaged.</exception>
    public static ExperimentResults Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), Types.ExperimentResults)
                ?? throw new DataException($"'{path}' is empty. Delete it, and the experiment begins anew.");
        }
        catch (JsonException e)
        {
            throw new DataException($"'{path}' is not a result file: {e.Message} Delete it, and the experiment begins anew.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"Cannot read '{path}': {e.Message}", e);
        }
    }

    /// <summary>Writes the file whole or not at all; a line per cell, so that versions of it can be compared.</summary>
    /// <exception cref="AnomalySharpException">It cannot be written.</exception>
    public void Write(string path)
    {
        string head = JsonSerializer.Serialize(this with { Cells = [] }, Types.ExperimentResults);
        // The cells are the last property: "…,"cells":[]}".
        StringBuilder text = new(head[..^2].Replace("\",\"", "\",\n\"", StringComparison.Ordinal));
        text.Append('\n').AppendJoin(",\n", Cells.Select(cell => JsonSerializer.Serialize(cell, Types.CellResult))).Append("\n]}\n");
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text.ToString())));
    }
}

/// <summary>Serialisers made by the compiler.</summary>
[JsonSerializable(typeof(ExperimentResults))]
[JsonSerializable(typeof(CellResult))]
internal sealed partial class ResultsJson : JsonSerializerContext;
