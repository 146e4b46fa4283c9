using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AnomalySharp.Evaluation;

/// <summary>The JSON documents that scripts rely on: flat, camel case, every key always there (null where there is no figure).</summary>
public static class RunResultJson
{
    // The document goes to a terminal or a file, never into a web page: names stay readable.
    private static readonly JsonWriterOptions Layout = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions SummaryKeys = new(JsonSerializerDefaults.Web);

    /// <summary>One run: what <c>detect</c> and <c>evaluate</c> print.</summary>
    public static string Serialize(RunResult result) => Document(writer => Write(writer, result));

    /// <summary>
    /// A comparison: <c>results</c>, one object per run as in <see cref="Serialize(RunResult)"/>, and <c>summary</c>, one per detector.
    /// </summary>
    public static string Serialize(IReadOnlyList<RunResult> results) => Document(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("results");
        foreach (RunResult result in results) Write(writer, result);
        writer.WriteEndArray();
        writer.WritePropertyName("summary");
        JsonSerializer.Serialize(writer, ComparisonSummary.Of(results), SummaryKeys);
        writer.WriteEndObject();
    });

    private static string Document(Action<Utf8JsonWriter> write)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, Layout)) write(writer);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, RunResult result)
    {
        DetectionMetrics? metrics = result.Metrics;
        writer.WriteStartObject();
        writer.WriteString("detector", result.Detector);
        writer.WriteNumber("seed", result.Seed);
        Number(writer, "rocAuc", metrics?.RocAuc);
        Number(writer, "averagePrecision", metrics?.AveragePrecision);
        Number(writer, "auprIn", metrics?.AuprIn);
        Number(writer, "precision", metrics?.Precision);
        Number(writer, "recall", metrics?.Recall);
        Number(writer, "specificity", metrics?.Specificity);
        Number(writer, "f1", metrics?.F1);
        Number(writer, "bestF1", metrics?.BestF1);
        // A threshold is a float: written as one it reads 0.1, not 0.10000000149011612.
        if (result.Threshold is { } threshold && float.IsFinite((float)threshold)) writer.WriteNumber("threshold", (float)threshold);
        else writer.WriteNull("threshold");
        Number(writer, "contamination", result.Contamination);
        writer.WriteNumber("rows", result.Rows);
        writer.WriteNumber("features", result.Features);
        Number(writer, "trainSeconds", result.TrainSeconds);
        Number(writer, "scoreSeconds", result.ScoreSeconds);
        writer.WriteNumber("peakMemoryMb", result.PeakMemoryMb);
        if (result.Error is { } error) writer.WriteString("error", error);
        writer.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter writer, string key, double? value)
    {
        if (value is { } number && double.IsFinite(number)) writer.WriteNumber(key, number);
        else writer.WriteNull(key);
    }
}
