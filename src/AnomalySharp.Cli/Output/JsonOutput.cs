using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using AnomalySharp.Cli.Commands;
using AnomalySharp.Evaluation;
using AnomalySharp.Explanation;
using AnomalySharp.Reproduction;

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

    public static void Write<T>(TextWriter writer, T document) => writer.WriteLine(JsonSerializer.Serialize(document, TypeOf<T>()));

    /// <summary>The figures of <c>detect</c>, and after them how many rows are anomalies and why the first of them are.</summary>
    public static void Write(TextWriter writer, RunResult run, int anomalies, IReadOnlyList<SampleExplanation> top)
    {
        JsonObject document = JsonNode.Parse(RunResultJson.Serialize(run))!.AsObject();
        document.Add("anomalies", anomalies);
        document.Add("top", JsonSerializer.SerializeToNode(top, TypeOf<IReadOnlyList<SampleExplanation>>()));
        Write(writer, document);
    }

    /// <summary>The figures of <c>evaluate</c>, and after them those of the pixels where masks were given, or of the ranges of series.</summary>
    public static void Write(TextWriter writer, RunResult run, PixelMetrics? pixels, SequenceMetrics? ranges = null)
    {
        JsonObject document = JsonNode.Parse(RunResultJson.Serialize(run))!.AsObject();
        if (ranges is not null)
        {
            document.Add("rangePrecision", ranges.RangePrecision);
            document.Add("rangeRecall", ranges.RangeRecall);
            document.Add("rangeF1", ranges.RangeF1);
            document.Add("pointAdjustedF1", ranges.PointAdjustedF1);
            document.Add("ranges", ranges.Ranges);
            document.Add("flaggedRanges", ranges.FlaggedRanges);
        }
        if (pixels is not null)
        {
            document.Add("pixelRocAuc", pixels.RocAuc);
            document.Add("pixelAveragePrecision", pixels.AveragePrecision);
            document.Add("pixelDice", pixels.Dice);
            document.Add("pixelBestDice", pixels.BestDice);
            document.Add("pixelThreshold", pixels.Threshold);
            document.Add("pixels", pixels.Pixels);
            document.Add("defectivePixels", pixels.DefectivePixels);
        }
        Write(writer, document);
    }

    private static JsonTypeInfo<T> TypeOf<T>() => (JsonTypeInfo<T>)Types.GetTypeInfo(typeof(T))!;
}

/// <summary>What <c>train</c> made.</summary>
internal sealed record TrainedModel(
    string Model,
    string Detector,
    int Seed,
    int Rows,
    int Features,
    double Threshold,
    double Contamination,
    double TrainSeconds,
    double PeakMemoryMb);

/// <summary>What <c>score</c> wrote.</summary>
internal sealed record ScoredModel(string Out, string Detector, int Rows, int Anomalies, double Threshold, double ScoreSeconds, double PeakMemoryMb);

/// <summary>What <c>generate</c> wrote, and the file that shows all of it.</summary>
internal sealed record GeneratedSamples(string Out, string Detector, int Samples, int Files, string Overview)
{
    /// <summary>Of each walk, the longest step by the mean one; null where there is no walk.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? Smoothness { get; init; }
}

/// <summary>Serialisers made by the compiler: start-up without reflection.</summary>
[JsonSerializable(typeof(TrainedModel))]
[JsonSerializable(typeof(ScoredModel))]
[JsonSerializable(typeof(GeneratedSamples))]
[JsonSerializable(typeof(SampleExplanation))]
[JsonSerializable(typeof(IReadOnlyList<SampleExplanation>))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(DetectorDescription))]
[JsonSerializable(typeof(IReadOnlyList<DetectorDescription>))]
[JsonSerializable(typeof(SystemDescription))]
[JsonSerializable(typeof(IReadOnlyList<ExperimentDescription>))]
[JsonSerializable(typeof(IReadOnlyList<RunSummary>))]
internal sealed partial class CliJson : JsonSerializerContext;
