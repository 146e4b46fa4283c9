using System.IO.Compression;
using System.Text.Json;
using AnomalySharp.Cli.Tests.Support;

namespace AnomalySharp.Cli.Tests;

public sealed class VideoTests : IDisposable
{
    private const int Frames = 60, Wrong = 40;

    private static readonly string[] Clips = ["--frame", "8x8", "--window", "3"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Detect_judges_frames_by_clips_and_reports_when_and_where()
    {
        string video = WriteVideo("camera.u8.gz"), labels = _folder["labels.csv"], report = _folder["r.html"], scores = _folder["scores.csv"];
        File.WriteAllLines(labels, Enumerable.Range(0, Frames).Select(t => t == Wrong ? "1" : "0"));
        CliResult result = Anomaly.Run(
            ["detect", video, .. Clips, "--labels", labels, "--detector", "persistence", "--report", report, "--out", scores, "--json"]).MustSucceed();
        Assert.Equal(Frames, result.Json.GetProperty("rows").GetInt32());
        Assert.InRange(result.Json.GetProperty("rocAuc").GetDouble(), 0.95, 1);
        JsonElement first = result.Json.GetProperty("top")[0];
        Assert.Equal($"{Wrong}", first.GetProperty("row").GetString());
        // The frame after it is of the same event.
        Assert.DoesNotContain($"{Wrong + 1}", result.Json.GetProperty("top").EnumerateArray().Select(one => one.GetProperty("row").GetString()));
        Assert.Equal(Frames + 1, File.ReadAllLines(scores).Length);
        string page = File.ReadAllText(report);
        Assert.All(
            (string[])["Scores in order", "The score of every frame", "labelled as an anomaly", "The most abnormal frames", $"heat map of {Wrong}"],
            part => Assert.Contains(part, page, StringComparison.Ordinal));
    }

    [Fact]
    public void A_model_needs_no_word_on_clips_to_score_to_explain_and_to_be_measured()
    {
        string video = WriteVideo("camera.u8.gz"), model = _folder["m.anomaly"], scores = _folder["scores.csv"];
        Anomaly.Run(["train", video, .. Clips, "--detector", "persistence", "--normalize", "video", "--out", model]).MustSucceed();
        Anomaly.Run("score", model, video, "--frame", "8x8", "--out", scores).MustSucceed();
        double[] found = [.. File.ReadLines(scores).Skip(1).Select(line => double.Parse(line.Split(',')[1], System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal((0, 1), (found.Min(), found.Max()));
        CliResult why = Anomaly.Run("explain", model, video, "--frame", "8x8", "--row", $"{Wrong}", "--json").MustSucceed();
        Assert.Equal(1, why.Json.GetProperty("score").GetDouble());
        string labels = _folder["labels.csv"];
        File.WriteAllLines(labels, Enumerable.Range(0, Frames).Select(t => t == Wrong ? "1" : "0"));
        CliResult measured = Anomaly.Run("evaluate", model, video, "--frame", "8x8", "--labels", labels, "--json").MustSucceed();
        Assert.InRange(measured.Json.GetProperty("rocAuc").GetDouble(), 0.95, 1);
    }

    [Fact]
    public void What_cannot_be_done_with_a_video_is_refused_with_what_to_do()
    {
        string video = WriteVideo("camera.u8.gz"), model = _folder["m.anomaly"];
        Anomaly.Run("detect", video, "--frame", "8x").MustRefuse(2, "--frame", "WIDTHxHEIGHT");
        Anomaly.Run("detect", video, "--frame", "7x9").MustRefuse(1, "camera.u8.gz", "no whole number of frames");
        Anomaly.Run("detect", video, "--frame", "8x8", "--normalize", "video").MustRefuse(2, "--window");
        Anomaly.Run(["detect", video, .. Clips, "--normalize", "later"]).MustRefuse(2, "--normalize", "none, causal, video");
        Anomaly.Run("detect", video, "--frame", "8x8", "--detector", "frame-prediction").MustRefuse(1, "--window");
        Anomaly.Run(["detect", video, .. Clips, "--detector", "padim"]).MustRefuse(1, "padim", "--window");
        Anomaly.Run(["detect", video, .. Clips, "--label", "y", "--labels", "y.csv"]).MustRefuse(2, "--label", "--labels");
        Anomaly.Run(["train", video, .. Clips, "--detector", "persistence", "--out", model]).MustSucceed();
        Anomaly.Run("score", model, video, "--frame", "4x4", "--out", _folder["s.csv"]).MustRefuse(1, "--frame 8x8");
    }

    // Noise, and one frame that is white.
    private string WriteVideo(string name)
    {
        byte[] frames = new byte[Frames * 64];
        new Random(1).NextBytes(frames);
        for (int i = 0; i < frames.Length; i++) frames[i] = i / 64 == Wrong ? byte.MaxValue : (byte)(frames[i] % 60);
        string path = _folder[name];
        using GZipStream file = new(File.Create(path), CompressionLevel.Fastest);
        file.Write(frames);
        return path;
    }
}
