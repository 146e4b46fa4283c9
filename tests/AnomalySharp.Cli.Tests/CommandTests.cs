using System.Globalization;
using System.Text.Json;
using AnomalySharp.Cli.Tests.Support;

namespace AnomalySharp.Cli.Tests;

public sealed class CommandTests : IDisposable
{
    private static readonly string[] FigureKeys =
    [
        "rocAuc", "averagePrecision", "auprIn", "precision", "recall", "specificity", "f1", "bestF1", "threshold", "contamination", "rows",
        "features", "trainSeconds", "scoreSeconds", "peakMemoryMb",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("knn", "k=5")]
    [InlineData("isolation-forest", "trees=100")]
    [InlineData("autoencoder", "dropout=0.3")]
    public void Detect_finds_the_malignant_rows_of_the_demo_table(string detector, string setting)
    {
        CliResult result = Anomaly.Run(["detect", .. Anomaly.DemoLabels, "--detector", detector, "--set", setting, "--json"]).MustSucceed();
        foreach (string key in FigureKeys) Assert.True(result.Json.TryGetProperty(key, out _), $"The key {key} is missing.");
        Assert.InRange(result.Json.GetProperty("rocAuc").GetDouble(), 0.9, 1);
        Assert.Equal(378, result.Json.GetProperty("rows").GetInt32());
        Assert.Equal(30, result.Json.GetProperty("features").GetInt32());
        Assert.InRange(result.Json.GetProperty("peakMemoryMb").GetDouble(), 10, 10_000);
    }

    [Fact]
    public void Where_no_detector_is_named_the_kind_of_data_chooses_it_and_its_options_can_be_set()
    {
        string table = _folder.WriteTable("t.csv");
        Pictures.Write(_folder["p"], 6, _ => (4, 4));
        JsonElement ofTable = Anomaly.Run("detect", table, "--label", "y", "--json").MustSucceed().Json;
        Assert.Equal(DetectorCatalog.DefaultFor(DataKinds.Table), ofTable.GetProperty("detector").GetString());
        JsonElement ofPictures = Anomaly.Run("train", _folder["p"], "--set", "epochs=1", "--out", _folder["m"], "--json").MustSucceed().Json;
        Assert.Equal("autoencoder", ofPictures.GetProperty("detector").GetString());
        Anomaly.Run("detect", table, "--set", "frobnicate=1").MustRefuse(2, "frobnicate", DetectorCatalog.DefaultFor(DataKinds.Table));
    }

    [Fact]
    public void Detect_shows_rows_and_reasons_and_writes_nothing_unasked()
    {
        string table = _folder.WriteTable("t.csv");
        CliResult result = Anomaly.Run("detect", table, "--label", "y", "--detector", "knn", "--contamination", "0.05").MustSucceed();
        Assert.Contains("usually", result.Out, StringComparison.Ordinal);
        Assert.Contains("10 of 200 rows are anomalies", result.Out, StringComparison.Ordinal);
        Assert.Contains("ROC AUC 1,", result.Out, StringComparison.Ordinal);
        Assert.Equal(["t.csv"], _folder.Files);
    }

    [Fact]
    public void What_a_detector_warns_of_is_a_note_and_robust_pca_may_come_before_any_detector()
    {
        string table = _folder.WriteTable("t.csv");
        CliResult warned = Anomaly.Run("detect", table, "--label", "y", "--detector", "robust-pca", "--set", "maxIterations=1").MustSucceed();
        Assert.Contains("note: robust-pca did not converge: after 1 iterations", warned.Error, StringComparison.Ordinal);
        CliResult denoised = Anomaly.Run("detect", table, "--label", "y", "--detector", "knn", "--robust-pca").MustSucceed();
        Assert.Contains("note: Robust PCA: the detector learnt from the low-rank part", denoised.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_lists_what_the_robust_autoencoder_set_aside()
    {
        string table = _folder.WriteTable("t.csv"), report = _folder["r.html"];
        Anomaly.Run(
            "detect", table, "--label", "y", "--detector", "robust-autoencoder", "--contamination", "0.05", "--set", "rounds=2", "--report", report).MustSucceed();
        Assert.Contains("Anomalous rows: 10", File.ReadAllText(report), StringComparison.Ordinal);
    }

    [Fact]
    public void Detect_without_labels_has_scores_but_no_figures()
    {
        string table = _folder.WriteTable("t.csv", labels: false);
        JsonElement json = Anomaly.Run("detect", table, "--detector", "knn", "--json").MustSucceed().Json;
        Assert.Equal(JsonValueKind.Null, json.GetProperty("rocAuc").ValueKind);
        Assert.Equal(2, json.GetProperty("features").GetInt32());
        // Rows 7, 27, … were put far away.
        int[] top = [.. json.GetProperty("top").EnumerateArray().Select(row => row.GetProperty("index").GetInt32())];
        Assert.All(top, row => Assert.Equal(7, row % 20));
        Assert.Equal(10, top.Length);
    }

    [Fact]
    public void Detect_writes_scores_and_a_report_that_needs_no_other_file()
    {
        string table = _folder.WriteTable("t.csv");
        Anomaly.Run("detect", table, "--label", "y", "--detector", "knn", "--out", _folder["s.csv"], "--report", _folder["r.html"]).MustSucceed();
        string[] lines = File.ReadAllLines(_folder["s.csv"]);
        Assert.Equal("row,score,probability,anomaly", lines[0]);
        Assert.Equal(201, lines.Length);
        Assert.StartsWith("199,", lines[200], StringComparison.Ordinal);
        string report = File.ReadAllText(_folder["r.html"]);
        Assert.Contains("anomaly detect", report, StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"http", report, StringComparison.Ordinal);
        Assert.Equal(["r.html", "s.csv", "t.csv"], _folder.Files);
    }

    [Fact]
    public void A_trained_model_scores_evaluates_and_explains_like_the_training_run()
    {
        string table = _folder.WriteTable("t.csv"), model = _folder["m.anomaly"];
        Anomaly.Run("train", table, "--label", "y", "--detector", "knn", "--out", model).MustSucceed();
        Anomaly.Run("score", model, table, "--out", _folder["s.csv"], "--explain").MustSucceed();
        Anomaly.Run("detect", table, "--label", "y", "--detector", "knn", "--out", _folder["d.csv"]).MustSucceed();
        string[] scored = File.ReadAllLines(_folder["s.csv"]), detected = File.ReadAllLines(_folder["d.csv"]);
        Assert.Equal("row,score,probability,anomaly,explanation", scored[0]);
        Assert.Contains("usually", scored[8], StringComparison.Ordinal);
        for (int i = 1; i < scored.Length; i++) Assert.StartsWith(detected[i], scored[i], StringComparison.Ordinal);

        JsonElement figures = Anomaly.Run("evaluate", model, table, "--label", "y", "--json").MustSucceed().Json;
        foreach (string key in FigureKeys) Assert.True(figures.TryGetProperty(key, out _), $"The key {key} is missing.");
        Assert.Equal(1, figures.GetProperty("rocAuc").GetDouble(), 6);

        CliResult explained = Anomaly.Run("explain", model, table, "--row", "27").MustSucceed();
        Assert.Contains("Row 27", explained.Out, StringComparison.Ordinal);
        Assert.Contains("an anomaly", explained.Out, StringComparison.Ordinal);
        JsonElement why = Anomaly.Run("explain", model, table, "--row", "28", "--json").MustSucceed().Json;
        Assert.False(why.GetProperty("isAnomaly").GetBoolean());
        Assert.Equal(["d.csv", "m.anomaly", "s.csv", "t.csv"], _folder.Files);
    }

    [Theory]
    [InlineData("red", "green")]
    [InlineData("", "")]
    public void Scoring_and_explaining_need_no_labels_that_can_be_understood(string first, string second)
    {
        string Rows(params string[] labels) => "a,b,cls\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"0.{i % 7},0.{i % 11},{labels[i % labels.Length]}\n"));
        string table = _folder.Write("t.csv", Rows("red", "green", "blue")), later = _folder.Write("later.csv", Rows(first, second, first));
        Anomaly.Run("train", table, "--label", "cls", "--anomaly", "blue", "--detector", "knn", "--out", _folder["m"]).MustSucceed();
        foreach (string data in new[] { table, later })
        {
            Anomaly.Run("score", _folder["m"], data, "--out", _folder["s.csv"], "--explain").MustSucceed();
            Anomaly.Run("explain", _folder["m"], data, "--row", "3").MustSucceed();
        }
    }

    [Fact]
    public void Scoring_a_folder_of_pictures_does_not_ask_what_its_folders_mean()
    {
        foreach (string name in new[] { "cat", "dog", "emu" }) Pictures.Write(_folder[$"p/{name}"], 5, _ => (4, 4));
        Anomaly.Run("train", _folder["p"], "--label", "kind", "--anomaly", "emu", "--detector", "knn", "--out", _folder["m"]).MustSucceed();
        Anomaly.Run("score", _folder["m"], _folder["p"], "--out", _folder["s.csv"]).MustSucceed();
    }

    [Theory]
    [InlineData("true", "false", "maybe")]
    [InlineData("2020-01-02", "2020-01-03", "never")]
    public void A_text_column_is_known_again_in_a_file_whose_cells_could_be_something_else(string one, string other, string word)
    {
        string Rows(params string[] texts) => "a,b\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"0.{i % 7},{texts[i % texts.Length]}\n"));
        Anomaly.Run("train", _folder.Write("t.csv", Rows(one, other, word)), "--detector", "knn", "--out", _folder["m"]).MustSucceed();
        CliResult result = Anomaly.Run("score", _folder["m"], _folder.Write("later.csv", Rows(one, other)), "--out", _folder["s.csv"]).MustSucceed();
        Assert.DoesNotContain("did not occur", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Scores_can_be_parquet_and_are_read_again_by_a_query()
    {
        string table = _folder.WriteTable("t.csv"), model = _folder["m.anomaly"], scores = _folder["s.parquet"];
        Anomaly.Run("train", table, "--label", "y", "--detector", "knn", "--out", model, "--contamination", "0.05").MustSucceed();
        JsonElement result = Anomaly.Run("score", model, table, "--out", scores, "--json").MustSucceed().Json;
        Assert.Equal(200, result.GetProperty("rows").GetInt32());
        Assert.Equal(10, result.GetProperty("anomalies").GetInt32());
        // The anomalies themselves are normal among themselves: what counts here is that the query is read.
        CliResult again = Anomaly.Run(
            "detect", "--sql", $"select score, probability, anomaly from '{scores}'", "--label", "anomaly", "--detector", "knn", "--json");
        Assert.Equal(200, again.MustSucceed().Json.GetProperty("rows").GetInt32());
    }

    [Fact]
    public void Normal_only_trains_on_the_rows_labelled_0()
    {
        string table = _folder.WriteTable("t.csv");
        JsonElement all = Anomaly.Run("train", table, "--label", "y", "--detector", "knn", "--out", _folder["a"], "--json").MustSucceed().Json;
        JsonElement normal = Anomaly.Run("train", table, "--label", "y", "--detector", "knn", "--out", _folder["n"], "--normal-only", "--json")
            .MustSucceed().Json;
        Assert.Equal(200, all.GetProperty("rows").GetInt32());
        Assert.Equal(190, normal.GetProperty("rows").GetInt32());
    }

    [Fact]
    public void Compare_gives_a_result_per_detector_and_seed_and_a_summary()
    {
        string table = _folder.WriteTable("t.csv");
        CliResult compared = Anomaly.Run("compare", table, "--label", "y", "--detectors", "knn,isolation-forest", "--seeds", "2", "--json")
            .MustSucceed();
        JsonElement[] results = [.. compared.Json.GetProperty("results").EnumerateArray()];
        Assert.Equal(4, results.Length);
        foreach (JsonElement result in results)
        {
            foreach (string key in (string[])[.. FigureKeys, "detector", "seed"])
            {
                Assert.True(result.TryGetProperty(key, out _), $"The key {key} is missing.");
            }
            Assert.InRange(result.GetProperty("rocAuc").GetDouble(), 0.95, 1);
        }
        Assert.Equal(2, compared.Json.GetProperty("summary").GetArrayLength());
        Assert.Contains("[4/4]", compared.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_under_the_normal_only_protocol_prints_mean_and_deviation()
    {
        string table = _folder.WriteTable("t.csv");
        CliResult compared = Anomaly.Run(
            "compare", table, "--label", "y", "--detectors", "isolation-forest", "--protocol", "normal-only", "--set", "trees=20").MustSucceed();
        Assert.Contains("±", compared.Out, StringComparison.Ordinal);
        Assert.Contains("isolation-forest", compared.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_detector_is_listed_and_described_with_its_options()
    {
        CliResult list = Anomaly.Run("detectors").MustSucceed();
        foreach (DetectorEntry entry in DetectorCatalog.All)
        {
            Assert.Contains(entry.Name, list.Out, StringComparison.Ordinal);
            JsonElement one = Anomaly.Run("detectors", entry.Name, "--json").MustSucceed().Json;
            Assert.Equal(entry.Info.Paper, one.GetProperty("paper").GetString());
            Assert.Equal(entry.Options.Count, one.GetProperty("options").GetArrayLength());
            string text = Anomaly.Run("detectors", entry.Name).MustSucceed().Out;
            foreach (DetectorOption option in entry.Options) Assert.Contains(option.Name, text, StringComparison.Ordinal);
        }
        Assert.Equal(DetectorCatalog.All.Count, Anomaly.Run("detectors", "--json").MustSucceed().Json.GetArrayLength());
    }

    [Fact]
    public void The_command_line_wins_over_the_configuration_file()
    {
        string table = _folder.WriteTable("t.csv");
        string config = _folder.Write("c.json", """{ "detector": "knn", "options": { "k": 3 }, "contamination": 0.05, "seed": 4, "json": true }""");
        JsonElement configured = Anomaly.Run("detect", table, "--label", "y", "--config", config).MustSucceed().Json;
        Assert.Equal("knn", configured.GetProperty("detector").GetString());
        Assert.Equal(0.05, configured.GetProperty("contamination").GetDouble(), 6);
        Assert.Equal(4, configured.GetProperty("seed").GetInt32());
        JsonElement overruled = Anomaly.Run("detect", table, "--label", "y", "--config", config, "--set", "k=2", "--seed", "5").MustSucceed().Json;
        Assert.Equal(5, overruled.GetProperty("seed").GetInt32());
    }

    [Fact]
    public void Set_changes_the_detector()
    {
        string table = _folder.WriteTable("t.csv");
        JsonElement few = Anomaly.Run("detect", table, "--detector", "knn", "--set", "k=1", "--json").MustSucceed().Json;
        JsonElement many = Anomaly.Run("detect", table, "--detector", "knn", "--set", "k=20", "method=mean", "--json").MustSucceed().Json;
        Assert.NotEqual(few.GetProperty("threshold").GetDouble(), many.GetProperty("threshold").GetDouble());
    }

    [Fact]
    public void Quiet_leaves_standard_error_empty()
    {
        string table = _folder.WriteTable("t.csv");
        Assert.Empty(Anomaly.Run("detect", table, "--label", "y", "--detector", "knn", "--quiet", "--out", _folder["s.csv"]).MustSucceed().Error);
    }

    [Fact]
    public void The_doctor_finds_nothing_wrong()
    {
        JsonElement found = Anomaly.Run("doctor", "--json").MustSucceed().Json;
        Assert.Equal(0, found.GetProperty("problems").GetArrayLength());
        Assert.InRange(found.GetProperty("threads").GetInt32(), 1, 4096);
    }

    [Theory]
    [InlineData("row{0}", "row8")]
    [InlineData("{0}", "8")]
    public void Explain_finds_a_row_of_a_table_by_the_name_that_its_scores_have(string pattern, string name)
    {
        // The names count from 1, so that row 8 is at position 7.
        string[] lines = File.ReadAllLines(_folder.WriteTable("t.csv", labels: false));
        IEnumerable<string> rows = lines.Skip(1).Select((line, i) =>
            $"{string.Format(CultureInfo.InvariantCulture, pattern, i + 1)},{line}");
        string table = _folder.Write("ids.csv", $"id,{lines[0]}\n{string.Join('\n', rows)}\n"), model = _folder["m"];
        Anomaly.Run("train", table, "--detector", "knn", "--out", model).MustSucceed();
        Anomaly.Run("score", model, table, "--out", _folder["s.csv"]).MustSucceed();
        Assert.Contains($"\n{name},", File.ReadAllText(_folder["s.csv"]), StringComparison.Ordinal);
        JsonElement found = Anomaly.Run("explain", model, table, "--row", name, "--json").MustSucceed().Json;
        Assert.Equal(7, found.GetProperty("index").GetInt32());
        Assert.Equal(name, found.GetProperty("row").GetString());
        Assert.True(found.GetProperty("isAnomaly").GetBoolean());
        // No row is called 0: it is the position.
        found = Anomaly.Run("explain", model, table, "--row", "0", "--json").MustSucceed().Json;
        Assert.Equal(0, found.GetProperty("index").GetInt32());
        Assert.EndsWith("1", found.GetProperty("row").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_list_in_a_configuration_is_no_layers_and_not_the_default()
    {
        string config = _folder.Write("c.json", """{ "detector": "autoencoder", "options": { "hidden": [], "epochs": 1 } }"""), model = _folder["m"];
        Anomaly.Run("train", _folder.WriteTable("t.csv"), "--config", config, "--out", model).MustSucceed();
        using AnomalyModel trained = AnomalyModel.Load(model);
        Assert.Empty(Assert.IsType<Detectors.Reconstruction.AutoencoderOptions>(trained.Options).Hidden!);
    }

    [Fact]
    public void A_configuration_may_begin_with_a_byte_order_mark()
    {
        string config = _folder.Write("c.json", "\uFEFF{ \"detector\": \"knn\" }");
        Anomaly.Run("detect", _folder.WriteTable("t.csv"), "--config", config).MustSucceed();
    }

    [Fact]
    public void A_threshold_near_0_is_not_shown_as_0()
    {
        string[] rows = [.. Enumerable.Range(0, 100).Select(i =>
            string.Create(CultureInfo.InvariantCulture, $"{i % 10 * 1e-6:R},{i / 10 * 1e-6:R}"))];
        string table = _folder.Write("t.csv", "a,b\n" + string.Join('\n', rows) + "\n");
        string text = Anomaly.Run("detect", table, "--detector", "knn", "--scaling", "none").MustSucceed().Out;
        Assert.Contains("score above ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("score above 0 ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_detector_without_checkpoints_says_that_it_cannot_resume()
    {
        string model = _folder["m"], stale = _folder.Write("m.checkpoint", "old");
        CliResult result = Anomaly.Run("train", _folder.WriteTable("t.csv"), "--detector", "knn", "--out", model, "--resume").MustSucceed();
        Assert.Contains("knn writes no checkpoints", result.Error, StringComparison.Ordinal);
        Assert.Contains(stale, result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("one-hot", 4)]
    [InlineData("frequency", 2)]
    public void How_texts_become_features_can_be_chosen(string encoding, int features)
    {
        string rows = string.Concat(Enumerable.Range(0, 60).Select(i =>
            string.Create(CultureInfo.InvariantCulture, $"{i * 7 % 31 / 2.0},{"xyz"[i % 3]}\n")));
        string table = _folder.Write("t.csv", "a,c\n" + rows);
        string[] detect = ["detect", table, "--detector", "knn", "--json"];
        Assert.Equal(features, Anomaly.Run([.. detect, "--encoding", encoding]).MustSucceed().Json.GetProperty("features").GetInt32());
        string config = _folder.Write("c.json", $$"""{ "encoding": "{{encoding}}" }""");
        Assert.Equal(features, Anomaly.Run([.. detect, "--config", config]).MustSucceed().Json.GetProperty("features").GetInt32());
    }

    [Fact]
    public void A_model_has_no_empty_file_name()
    {
        string path = _folder["m"];
        Anomaly.Run("train", _folder.WriteTable("t.csv"), "--detector", "knn", "--out", path).MustSucceed();
        using AnomalyModel model = AnomalyModel.Load(path);
        Assert.Contains("empty", Assert.Throws<AnomalySharpException>(() => model.Save("")).Message, StringComparison.Ordinal);
        Assert.Contains("empty", Assert.Throws<ModelFileException>(() => AnomalyModel.Load("")).Message, StringComparison.Ordinal);
    }
}
