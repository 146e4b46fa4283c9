using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using AnomalySharp.Cli.Commands;
using AnomalySharp.Explanation;

namespace AnomalySharp.Cli.Output;

/// <summary>The JSON documents of the commands.</summary>
internal static class JsonOutput
{
    private static readonly CliJson Types = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        // Names of columns and methods stay readable; the output is no part of a web page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static void Write<T>(TextWriter writer, T document) => writer.WriteLine(JsonSerializer.Serialize(document, (JsonTypeInfo<T>)Types.GetTypeInfo(typeof(T))!));
}

/// <summary>The figures of <c>detect</c>, and its most abnormal rows.</summary>
internal sealed record DetectFigures : Figures
{
    public int Anomalies { get; init; }
    public IReadOnlyList<SampleExplanation> Top { get; init; }

    [SetsRequiredMembers]
    public DetectFigures(Figures figures, int anomalies, IEnumerable<SampleExplanation> top) : base(figures) => (Anomalies, Top) = (anomalies, [.. top]);
}

/// <summary>What <c>train</c> made.</summary>
internal sealed record TrainedModel(
    string Model, string Detector, int Seed, int Rows, int Features, double Threshold, double Contamination, double TrainSeconds, double PeakMemoryMb);

/// <summary>What <c>score</c> wrote.</summary>
internal sealed record ScoredModel(string Out, string Detector, int Rows, int Anomalies, double Threshold, double ScoreSeconds, double PeakMemoryMb);

/// <summary>What <c>compare</c> found.</summary>
internal sealed record ComparedDetectors(IReadOnlyList<Figures> Results, IReadOnlyList<DetectorSummary> Summary);

/// <summary>Serialisers made by the compiler: start-up without reflection.</summary>
[JsonSerializable(typeof(Figures))]
[JsonSerializable(typeof(DetectFigures))]
[JsonSerializable(typeof(TrainedModel))]
[JsonSerializable(typeof(ScoredModel))]
[JsonSerializable(typeof(ComparedDetectors))]
[JsonSerializable(typeof(SampleExplanation))]
[JsonSerializable(typeof(DetectorDescription))]
[JsonSerializable(typeof(IReadOnlyList<DetectorDescription>))]
[JsonSerializable(typeof(SystemDescription))]
internal sealed partial class CliJson : JsonSerializerContext;
