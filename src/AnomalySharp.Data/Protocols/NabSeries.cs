using System.Globalization;
using System.Text.Json;
using AnomalySharp.Tables;

namespace AnomalySharp.Data.Protocols;

/// <summary>
/// A series of the Numenta Anomaly Benchmark: a csv of <c>timestamp, value</c>, and windows of time that are labelled in a JSON file.
/// </summary>
public static class NabSeries
{
    // The benchmark's probationary period, in which nothing is judged: a share of the series, but not of more than so many rows.
    private const double ProbationShare = 0.15;

    private const int ProbationRows = 750;

    private static readonly string[] Formats = ["yyyy-MM-dd HH:mm:ss.ffffff", "yyyy-MM-dd HH:mm:ss"];

    /// <summary>The probationary period, which is for training, and the rest with labels: rows <c>[1]</c> in the order of the file.</summary>
    /// <param name="path">The csv.</param>
    /// <param name="labels">JSON: per series, pairs of the first and the last time of a window.</param>
    /// <param name="name">The series in the JSON, such as <c>realTweets/Twitter_volume_KO.csv</c>.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="DataException">A file cannot be read or is none of the benchmark's, or the series is not in the JSON.</exception>
    public static (Samples Train, Samples Test) Read(string path, string labels, string name, CancellationToken cancellation = default)
    {
        Dataset data = DatasetReader.Read(path, cancellation: cancellation);
        if (data.Table!.Columns is not [NumberColumn { Name: "timestamp", IsDate: true } times, NumberColumn { Name: "value" } values])
        {
            throw new DataException($"'{path}' is no series of the benchmark: its columns are not 'timestamp', of dates, and 'value', of numbers.");
        }
        (double First, double Last)[] windows = Windows(labels, name);
        byte[] marks = [.. times.Values.Select(time => windows.Any(window => time >= window.First && time <= window.Last) ? (byte)1 : (byte)0)];
        Samples all = new(values.Values.Select(value => (float)value).ToArray(), new SampleShape(1), marks, ["value"]);
        int probation = Math.Min((int)(ProbationShare * all.Count), ProbationRows);
        return (all.Slice(0, probation), all.Slice(probation, all.Count - probation));
    }

    private static (double, double)[] Windows(string path, string name) => FileBytes.Guard(path, () =>
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            if (!document.RootElement.TryGetProperty(name, out JsonElement windows)) throw new DataException($"'{path}' has no series '{name}'.");
            return windows.EnumerateArray().Select(window => (Seconds(window[0]), Seconds(window[1]))).ToArray();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw new DataException($"'{path}' holds no labelled windows of time: {e.Message}", e);
        }
    });

    private static double Seconds(JsonElement text) =>
        (DateTime.ParseExact(text.GetString()!, Formats, CultureInfo.InvariantCulture) - DateTime.UnixEpoch).TotalSeconds;
}
