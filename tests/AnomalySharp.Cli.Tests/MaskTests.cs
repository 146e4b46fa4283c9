using System.Text.Json;
using System.Text.RegularExpressions;
using AnomalySharp.Cli.Tests.Support;
using AnomalySharp.Tests.Common;
using SkiaSharp;

namespace AnomalySharp.Cli.Tests;

/// <summary>Heat maps against masks, from the command line.</summary>
public sealed partial class MaskTests : IDisposable
{
    private const int Side = 8, Good = 30, Defective = 8;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Evaluate_measures_heat_maps_against_a_folder_of_masks()
    {
        string model = Train();
        JsonElement figures = Anomaly.Run("evaluate", model, _folder["p"], "--masks", _folder["masks"], "--json").MustSucceed().Json;
        Assert.Equal(1, figures.GetProperty("rocAuc").GetDouble(), 6);
        Assert.InRange(figures.GetProperty("pixelRocAuc").GetDouble(), 0.95, 1);
        Assert.InRange(figures.GetProperty("pixelDice").GetDouble(), 0.5, figures.GetProperty("pixelBestDice").GetDouble());
        Assert.Equal((Good + Defective) * Side * Side, figures.GetProperty("pixels").GetInt32());
        Assert.Equal(4 * Defective, figures.GetProperty("defectivePixels").GetInt32());
        // Smoothing spreads what was sharp: the figures are of other maps.
        string[] smoothly = ["evaluate", model, _folder["p"], "--masks", _folder["masks"], "--smooth", "2", "--json"];
        JsonElement smooth = Anomaly.Run(smoothly).MustSucceed().Json;
        Assert.NotEqual(figures.GetProperty("pixelAveragePrecision").GetDouble(), smooth.GetProperty("pixelAveragePrecision").GetDouble());
        Assert.Equal(figures.GetProperty("rocAuc").GetDouble(), smooth.GetProperty("rocAuc").GetDouble());

        string text = Anomaly.Run("evaluate", model, _folder["p"], "--masks", _folder["masks"]).MustSucceed().Out;
        Assert.Contains("ROC AUC of the pixels", text, StringComparison.Ordinal);
        Assert.Contains("Dice at the Youden threshold", text, StringComparison.Ordinal);
        Assert.DoesNotContain("pixels", Anomaly.Run("evaluate", model, _folder["p"], "--json").MustSucceed().Out, StringComparison.Ordinal);
    }

    [Fact]
    public void The_report_shows_six_pictures_beside_masks_and_heat_maps()
    {
        string model = Train(), report = _folder["r.html"];
        Anomaly.Run("evaluate", model, _folder["p"], "--masks", _folder["masks"], "--report", report).MustSucceed();
        string page = File.ReadAllText(report);
        Assert.Contains("Heat maps against the masks", page, StringComparison.Ordinal);
        Match[] masks = [.. MaskImage().Matches(page).Cast<Match>()];
        Assert.Equal(6, masks.Select(match => match.Groups["name"].Value).Distinct().Count());
        using SKBitmap mask = SKBitmap.Decode(Convert.FromBase64String(masks[0].Groups["png"].Value));
        int white = Enumerable.Range(0, Side * Side).Count(i => mask.GetPixel(i % Side, i / Side).Red == 255);
        Assert.Equal((Side, 4), (mask.Width, white));

        // Without masks there is a report too, without this part of it.
        Anomaly.Run("evaluate", model, _folder["p"], "--report", report).MustSucceed();
        Assert.DoesNotContain("Heat maps against the masks", File.ReadAllText(report), StringComparison.Ordinal);
        Assert.Contains("Against the labels", File.ReadAllText(report), StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_takes_masks_from_an_array_of_the_file()
    {
        const int n = 40;
        float[] values = new float[n * Side * Side], masks = new float[values.Length], labels = new float[n];
        Random random = new(4);
        for (int i = 0; i < values.Length; i++) values[i] = 0.5f + (0.02f * random.NextSingle());
        for (int i = 32; i < n; i++)
        {
            int pixel = (i * Side * Side) + (i % 5 * Side) + (i % 7);
            (values[pixel], masks[pixel], labels[i]) = (1, 1, 1);
        }
        int[] shape = [n, 1, Side, Side];
        string data = _folder.Write("d.npz", Npz.Of(
            ("X", Npz.Array(values, shape)),
            ("y", Npz.Array(labels, n)),
            ("mask", Npz.Array(masks, shape)),
            ("flat", Npz.Array(masks, n, Side * Side))));
        Anomaly.Run([.. TrainOn(data, "y"), "--normal-only"]).MustSucceed();
        string[] evaluate = ["evaluate", _folder["m.anomaly"], data, "--label", "y", "--json", "--masks"];
        Assert.InRange(Anomaly.Run([.. evaluate, "mask"]).MustSucceed().Json.GetProperty("pixelRocAuc").GetDouble(), 0.99, 1);
        Anomaly.Run([.. evaluate, "masks"]).MustRefuse(1, "no array 'masks'", "'flat'");
        Anomaly.Run([.. evaluate, "flat"]).MustRefuse(1, "40 masks of 8x8");
        Anomaly.Run([.. evaluate, "y"]).MustRefuse(1, "40 masks of 8x8");
    }

    [Fact]
    public void What_cannot_be_measured_is_refused_with_a_remedy()
    {
        string model = Train();
        string[] evaluate = ["evaluate", model, _folder["p"]];
        Anomaly.Run([.. evaluate, "--masks", _folder["nowhere"]]).MustRefuse(1, "no folder of masks");
        Anomaly.Run([.. evaluate, "--smooth", "1"]).MustRefuse(2, "--masks or --report");
        Anomaly.Run([.. evaluate, "--masks", _folder["masks"], "--smooth", "-1"]).MustRefuse(2, "--smooth", "0 to 100");
        Anomaly.Run([.. evaluate, "--masks", _folder["masks"], "--report", _folder["no/r.html"]]).MustRefuse(1, "does not exist");
        Draw(_folder["masks/bad/d3.png"], 0, 0, size: 4);
        Anomaly.Run([.. evaluate, "--masks", _folder["masks"]]).MustRefuse(1, "d3.png", "4x4", "8x8");
        File.Delete(_folder["masks/bad/d3.png"]);
        Anomaly.Run([.. evaluate, "--masks", _folder["masks"]]).MustRefuse(1, "bad/d3.png", "no mask");
        Directory.CreateDirectory(_folder["black/bad"]);
        for (int i = 0; i < Defective; i++) Draw(_folder[$"black/bad/d{i}.png"], 0, 0, level: 0, others: 0);
        Anomaly.Run([.. evaluate, "--masks", _folder["black"]]).MustRefuse(1, "defective pixel");

        string table = _folder.WriteTable("t.csv"), knn = _folder["k.anomaly"];
        Anomaly.Run("train", table, "--label", "y", "--detector", "knn", "--out", knn).MustSucceed();
        Anomaly.Run("evaluate", knn, table, "--masks", _folder["masks"]).MustRefuse(2, "only pictures have masks");
        Anomaly.Run("evaluate", knn, table, "--report", _folder["r.html"], "--smooth", "1").MustRefuse(2, "--smooth", "no data of pictures");
        Anomaly.Run("detect", table, "--detector", "knn", "--smooth", "1").MustRefuse(2, "--smooth", "--report");
        Anomaly.Run("detect", table, "--detector", "knn", "--report", _folder["r.html"], "--smooth", "1").MustRefuse(2, "no data of pictures");
        Assert.False(File.Exists(_folder["r.html"]));
    }

    [Fact]
    public void The_report_of_detect_has_smooth_heat_maps_where_they_are_asked_for()
    {
        WritePictures();
        string[] detect = ["detect", _folder["p"], "--detector", "autoencoder", "--set", "hidden=none", "latent=2", "epochs=3", "--report"];
        Anomaly.Run([.. detect, _folder["a.html"]]).MustSucceed();
        Anomaly.Run([.. detect, _folder["b.html"], "--smooth", "1.5"]).MustSucceed();
        string sharp = HeatImage().Match(File.ReadAllText(_folder["a.html"])).Value;
        string smooth = HeatImage().Match(File.ReadAllText(_folder["b.html"])).Value;
        Assert.NotEmpty(sharp);
        Assert.NotEqual(sharp, smooth);
    }

    [Fact]
    public void The_quick_experiment_on_defects_gives_figures_and_a_picture()
    {
        RealData.Require("defects/magnetic-tile-128.npz");
        string[] command = ["reproduce", "defects", "--quick", "--data", RealData.Folder!, "--out", _folder["results"], "--threads", "2"];
        JsonElement summary = Assert.Single(Anomaly.Run([.. command, "--json"]).MustSucceed().Json.EnumerateArray());
        Assert.True(summary.GetProperty("ran").GetInt32() >= 3 && summary.GetProperty("failed").GetInt32() == 0);
        string page = File.ReadAllText(_folder["results/defects.quick.md"]);
        Assert.Contains("(defects.quick.png)", page, StringComparison.Ordinal);
        Assert.Contains("MT_Free, MT_Blowhole, MT_Break, MT_Crack, MT_Fray, MT_Uneven; their masks; heat maps of auto", page, StringComparison.Ordinal);
        using SKBitmap picture = SKBitmap.Decode(_folder["results/defects.quick.png"]);
        // Seven pictures of a walk of 32 across with gaps of 2, twice as large; six examples, their masks and a row of maps per method.
        Assert.Equal(2 * ((7 * 34) - 2), picture.Width);
        Assert.True(picture.Height >= 2 * ((5 * 34) - 2));
    }

    private string Train()
    {
        WritePictures();
        Anomaly.Run([.. TrainOn(_folder["p"], "class"), "--normal-only"]).MustSucceed();
        return _folder["m.anomaly"];
    }

    // Without hidden layers a picture is treated as a row: nothing native is needed.
    private string[] TrainOn(string data, string label) =>
    [
        "train", data, "--label", label, "--detector", "autoencoder", "--set", "hidden=none", "latent=2", "epochs=10", "--scaling", "none",
        "--out", _folder["m.anomaly"],
    ];

    /// <summary>Grey pictures with a little noise; the defective ones have a white square of 2×2, which is also their mask.</summary>
    private void WritePictures()
    {
        foreach (string folder in new[] { "p/good", "p/bad", "masks/bad" }) Directory.CreateDirectory(_folder[folder]);
        for (int i = 0; i < Good; i++) Draw(_folder[$"p/good/g{i}.png"], -9, -9, others: (byte)(100 + i % 5));
        for (int i = 0; i < Defective; i++)
        {
            Draw(_folder[$"p/bad/d{i}.png"], i % 6, 6 - i % 5, others: (byte)(100 + i % 5));
            Draw(_folder[$"masks/bad/d{i}.png"], i % 6, 6 - i % 5, others: 0);
        }
    }

    private static void Draw(string path, int left, int top, int size = Side, byte level = 255, byte others = 100)
    {
        using SKBitmap bitmap = new(size, size, SKColorType.Rgba8888, SKAlphaType.Opaque);
        for (int y = 0; y < size; y++)
        {
            for (int x = 0; x < size; x++)
            {
                byte grey = (uint)(x - left) < 2 && (uint)(y - top) < 2 ? level : others;
                bitmap.SetPixel(x, y, new SKColor(grey, grey, grey));
            }
        }
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(path, data.ToArray());
    }

    [GeneratedRegex("""alt="mask of (?<name>[^"]+)"[^>]*base64,(?<png>[^"]+)""")]
    private static partial Regex MaskImage();

    [GeneratedRegex("""alt="heat map of [^>]*>""")]
    private static partial Regex HeatImage();
}
