using AnomalySharp.Cli.Tests.Support;

namespace AnomalySharp.Cli.Tests;

/// <summary>Every mistake a user can make ends with what is wrong, where, and what to do; nothing is written.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private CliResult Detect(string data, params string[] more) =>
        Anomaly.Run(["detect", data, "--detector", "knn", "--out", _folder["out.csv"], "--report", _folder["out.html"], .. more]);

    private void AssertNothingWritten() => Assert.DoesNotContain(_folder.Files, name => name.Contains("out.", StringComparison.Ordinal));

    [Fact]
    public void A_missing_file_is_named()
    {
        Detect(_folder["absent.csv"]).MustRefuse(1, "absent.csv");
        AssertNothingWritten();
    }

    [Theory]
    [InlineData("empty.csv", "")]
    [InlineData("header.csv", "a,b,c\n")]
    [InlineData("one.csv", "a,b\n1,2\n")]
    public void A_table_without_usable_rows_is_refused_by_name(string name, string content)
    {
        Detect(_folder.Write(name, content)).MustRefuse(1, name);
        AssertNothingWritten();
    }

    [Fact]
    public void A_table_with_fewer_rows_than_the_detector_needs_is_refused_with_their_number()
    {
        Detect(_folder.Write("two.csv", "a,b\n0.5,2.25\n0.75,1.5\n")).MustRefuse(1, "knn needs at least 6 samples", "2");
        AssertNothingWritten();
    }

    [Fact]
    public void Text_in_a_column_that_was_numbers_at_training_names_file_column_and_remedy()
    {
        string model = _folder["m"];
        Anomaly.Run("train", _folder.WriteTable("t.csv", labels: false), "--detector", "knn", "--out", model).MustSucceed();
        string later = _folder.Write("later.csv", "a,b\n0.5,0.5\nhello,0.5\nworld,0.2\n");
        Anomaly.Run("score", model, later, "--out", _folder["out.csv"]).MustRefuse(1, "later.csv", "'a'");
        AssertNothingWritten();
    }

    [Fact]
    public void A_word_among_truth_values_is_the_one_that_is_named()
    {
        string rows = string.Concat(Enumerable.Range(0, 40).Select(i => $"0.{i % 7},{(i % 3 == 0 ? "true" : "false")}\n"));
        Anomaly.Run("train", _folder.Write("t.csv", "a,b\n" + rows), "--detector", "knn", "--out", _folder["m"]).MustSucceed();
        string later = _folder.Write("later.csv", "a,b\n0.5,true\n0.5,maybe\n");
        Anomaly.Run("score", _folder["m"], later, "--out", _folder["out.csv"]).MustRefuse(1, "later.csv", "'b'", "row 1 ", "'maybe'");
        AssertNothingWritten();
    }

    [Theory]
    [InlineData("inf")]
    [InlineData("-inf")]
    public void An_infinite_cell_names_row_and_column(string cell)
    {
        string table = _folder.WriteTable("t.csv", labels: false);
        File.AppendAllText(table, $"{cell},0.5\n");
        Detect(table).MustRefuse(1, "t.csv", "row 200", "'a'");
        AssertNothingWritten();
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("")]
    public void A_missing_cell_is_imputed_with_a_note(string cell)
    {
        string table = _folder.WriteTable("t.csv", labels: false);
        File.AppendAllText(table, $"{cell},0.5\n");
        CliResult result = Anomaly.Run("detect", table, "--detector", "knn", "--json").MustSucceed();
        Assert.Equal(201, result.Json.GetProperty("rows").GetInt32());
        Assert.Contains("'a'", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Infinite_values_in_an_array_name_row_and_column()
    {
        float[] values = new float[40];
        for (int i = 0; i < values.Length; i++) values[i] = i % 7;
        values[13] = float.PositiveInfinity;
        string file = _folder.Write("bad.npz", Npz.Of(("X", Npz.Array(values, 20, 2))));
        Detect(file).MustRefuse(1, "row 6", "f1");
        AssertNothingWritten();
    }

    [Fact]
    public void A_table_of_constants_is_refused_with_its_columns_and_what_is_needed()
    {
        string table = _folder.Write("constant.csv", "a,b\n" + string.Concat(Enumerable.Repeat("3,7.5\n", 50)));
        foreach (string detector in (string[])["knn", "autoencoder", "robust-pca"])
        {
            CliResult result = Anomaly.Run("detect", table, "--detector", detector, "--out", _folder["out.csv"]);
            result.MustRefuse(1, "constant.csv", "'a'", "'b'", "7.5", "varies");
        }
        AssertNothingWritten();
    }

    [Fact]
    public void Values_outside_zero_and_one_name_row_column_and_remedy_where_the_likelihood_needs_them()
    {
        IEnumerable<string> rows = Enumerable.Range(0, 60).Select(i => $"0.{i % 7},{(i == 40 ? "1.5" : $"0.{i % 5}")}\n");
        string table = _folder.Write("t.csv", "a,b\n" + string.Concat(rows)), output = _folder["out.csv"];
        string[] bernoulli = ["--detector", "variational-autoencoder", "--set", "likelihood=bernoulli", "--set", "epochs=2", "--out", output];
        Anomaly.Run(["detect", table, .. bernoulli, "--scaling", "none"]).MustRefuse(1, "row 40", "'b'", "1.5", "0 to 1", "--scaling min-max");
        AssertNothingWritten();
        Anomaly.Run(["detect", table, .. bernoulli]).MustSucceed();
    }

    [Theory]
    [InlineData("robust-pca", "maxIterations=2", "did not converge: after 2 iterations the relative residual is", "Raise maxIterations")]
    [InlineData("autoencoder", "latent=9", "the code has 9 units and a sample 2 values", "smaller latent")]
    [InlineData("robust-autoencoder", "latent=9", "the code has 9 units and a sample 2 values", "smaller latent")]
    public void What_makes_a_result_doubtful_is_said_on_standard_error_and_in_the_report(string detector, string setting, string what, string remedy)
    {
        string report = _folder["report.html"];
        CliResult result = Anomaly.Run(
            "detect", _folder.WriteTable("t.csv", labels: false), "--detector", detector, "--set", setting, "--report", report).MustSucceed();
        foreach (string text in (string[])[result.Error, File.ReadAllText(report)])
        {
            Assert.Contains(what, text, StringComparison.Ordinal);
            Assert.Contains(remedy, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_ragged_table_names_the_line()
    {
        string table = _folder.WriteTable("t.csv", labels: false);
        File.AppendAllText(table, "1,2,3\n");
        Detect(table).MustRefuse(1, "t.csv", "202");
        AssertNothingWritten();
    }

    [Fact]
    public void Binary_junk_called_csv_is_refused()
    {
        byte[] junk = new byte[4096];
        new Random(5).NextBytes(junk);
        Detect(_folder.Write("junk.csv", junk)).MustRefuse(1, "junk.csv");
        AssertNothingWritten();
    }

    [Fact]
    public void Arrays_without_X_are_refused_with_what_there_is()
    {
        Detect(_folder.Write("a.npz", Npz.Of(("features", Npz.Array([1, 2, 3, 4], 2, 2))))).MustRefuse(1, "a.npz", "X", "features");
        AssertNothingWritten();
    }

    [Fact]
    public void Pictures_of_different_sizes_are_refused_unless_they_are_resized()
    {
        string folder = _folder["pictures"];
        Pictures.Write(folder, 12, i => i == 5 ? (20, 16) : (16, 16));
        Detect(folder).MustRefuse(1, "20", "--image-size");
        AssertNothingWritten();
        Anomaly.Run("detect", folder, "--detector", "knn", "--image-size", "16x16").MustSucceed();
    }

    [Fact]
    public void An_unreadable_picture_among_1000_is_named_and_skipped_only_on_request()
    {
        string folder = _folder["pictures"];
        Pictures.Write(folder, 1000, _ => (4, 4));
        File.WriteAllText(Path.Combine(folder, "p0777.png"), "this is no picture");
        Detect(folder).MustRefuse(1, "p0777.png", "--skip-bad");
        AssertNothingWritten();
        CliResult skipped = Anomaly.Run("detect", folder, "--detector", "knn", "--skip-bad", "--json").MustSucceed();
        Assert.Equal(999, skipped.Json.GetProperty("rows").GetInt32());
        Assert.Contains("p0777.png", skipped.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0,0", "normal")]
    [InlineData("1,1", "anomal")]
    [InlineData("red,green,blue", "--anomaly")]
    [InlineData("3,4", "--anomaly")]
    public void Labels_that_measure_nothing_are_refused(string kinds, string word)
    {
        string[] cells = kinds.Split(',');
        string rows = string.Concat(Enumerable.Range(0, 30).Select(i => $"{i % 5},{i % 7},{cells[i % cells.Length]}\n"));
        Detect(_folder.Write("t.csv", "a,b,y\n" + rows), "--label", "y").MustRefuse(1, "t.csv", "y", word);
        AssertNothingWritten();
    }

    [Fact]
    public void A_label_column_that_is_not_there_is_refused_with_the_columns_that_are()
    {
        Detect(_folder.WriteTable("t.csv"), "--label", "z").MustRefuse(1, "t.csv", "'z'", "a, b, y");
        Anomaly.Run("compare", _folder["t.csv"], "--detectors", "knn").MustRefuse(1, "t.csv", "--label");
        AssertNothingWritten();
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1.5")]
    [InlineData("abc")]
    [InlineData("-0.1")]
    [InlineData("NaN")]
    public void A_contamination_out_of_range_is_the_command_lines_fault(string value)
    {
        Detect(_folder.WriteTable("t.csv"), "--contamination", value).MustRefuse(2, "--contamination", value, "0.5");
        AssertNothingWritten();
    }

    [Fact]
    public void An_unknown_detector_suggests_the_nearest_name() =>
        Anomaly.Run("detect", _folder.WriteTable("t.csv"), "--detector", "isolation-forrest")
            .MustRefuse(2, "isolation-forrest", "Did you mean 'isolation-forest'");

    [Fact]
    public void An_unknown_key_lists_the_keys() =>
        Detect(_folder.WriteTable("t.csv"), "--set", "neighbors=3").MustRefuse(2, "neighbors", "k, method");

    [Theory]
    [InlineData("k=0", "1 to")]
    [InlineData("k=many", "integer")]
    [InlineData("method=best", "median")]
    [InlineData("k", "key=value")]
    public void An_option_out_of_range_gives_the_range(string setting, string allowed)
    {
        Detect(_folder.WriteTable("t.csv"), "--set", setting).MustRefuse(2, allowed);
        AssertNothingWritten();
    }

    [Theory]
    [InlineData("--seed", "x")]
    [InlineData("--threads", "0")]
    [InlineData("--device", "tpu")]
    [InlineData("--threshold", "guess")]
    [InlineData("--scaling", "weird")]
    [InlineData("--image-size", "16")]
    [InlineData("--config", "/nowhere/c.json")]
    public void A_bad_value_of_a_common_option_is_named(string option, string value)
    {
        Detect(_folder.WriteTable("t.csv"), option, value).MustRefuse(2, value);
        AssertNothingWritten();
    }

    [Theory]
    [InlineData("""{ "epoch": 3 }""", "contamination, threshold")]
    [InlineData("""{ "contamination": 2 }""", "0.5")]
    [InlineData("""{ "options": { "q": 3 } }""", "k, method")]
    [InlineData("{ nonsense", "JSON")]
    [InlineData("""{ "seed": "x" }""", "seed")]
    [InlineData("""{ "threads": 0 }""", "1024")]
    [InlineData("""{ "device": "tpu" }""", "cuda")]
    [InlineData("""{ "threshold": "guess" }""", "guess")]
    [InlineData("""{ "scaling": "weird" }""", "robust")]
    [InlineData("""{ "encoding": "weird" }""", "one-hot")]
    [InlineData("""{ "options": { "k": 0 } }""", "'k'")]
    public void A_bad_configuration_file_is_the_command_lines_fault_and_is_named(string content, string word) =>
        Detect(_folder.WriteTable("t.csv"), "--config", _folder.Write("c.json", content)).MustRefuse(2, "c.json", word);

    [Fact]
    public void A_detector_that_the_configuration_names_wrongly_is_refused_with_the_file() =>
        Anomaly.Run("detect", _folder.WriteTable("t.csv"), "--config", _folder.Write("c.json", """{ "detector": "nearest" }"""))
            .MustRefuse(2, "c.json", "nearest");

    [Theory]
    [InlineData("--out")]
    [InlineData("--report")]
    [InlineData("--config")]
    public void An_empty_name_of_a_file_is_refused(string option)
    {
        string table = _folder.WriteTable("t.csv");
        Anomaly.Run("detect", table, "--detector", "knn", option, "").MustRefuse(2, "empty");
        if (option == "--out") Anomaly.Run("train", table, "--detector", "knn", option, "").MustRefuse(2, "empty");
        if (option == "--out") Anomaly.Run("generate", _folder["m"], option, "").MustRefuse(2, "empty");
    }

    [Fact]
    public void Data_that_an_option_swallowed_is_named() =>
        Anomaly.Run("detect", "--set", "epochs=2", "train.csv").MustRefuse(2, "Name the data", "'train.csv'", "key=value");

    [Fact]
    public void Scores_over_the_input_behind_a_link_are_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        string table = _folder.WriteTable("t.csv"), before = File.ReadAllText(table);
        File.CreateSymbolicLink(_folder["link.csv"], table);
        Directory.CreateSymbolicLink(_folder["folder"], _folder.Path);
        foreach (string data in (string[])["link.csv", "folder/t.csv", "folder/link.csv"])
        {
            Anomaly.Run("detect", _folder[data], "--detector", "knn", "--out", table).MustRefuse(2, "overwrite");
        }
        Assert.Equal(before, File.ReadAllText(table));
    }

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("detect", "--frobnicate")]
    [InlineData("detect")]
    [InlineData("train", "x.csv")]
    [InlineData("explain", "m", "x.csv")]
    [InlineData]
    public void A_command_line_that_makes_no_sense_points_to_the_help(params string[] arguments)
    {
        CliResult result = Anomaly.Run(arguments);
        result.MustRefuse(2);
        Assert.NotEmpty(result.Error);
    }

    [Theory]
    [InlineData("no/such/folder/out.csv")]
    [InlineData("t.csv/out.csv")]
    [InlineData("/proc/out.csv")]
    public void An_output_that_cannot_be_written_is_refused_before_training(string output)
    {
        string table = _folder.WriteTable("t.csv"), path = _folder[output];
        // Training would fail with another message: this data has one usable row.
        string bad = _folder.Write("bad.csv", "a,b\n1,2\n");
        Anomaly.Run("detect", bad, "--out", path).MustRefuse(1, path);
        Anomaly.Run("detect", bad, "--report", path + ".html").MustRefuse(1, path);
        Anomaly.Run("train", bad, "--out", path).MustRefuse(1, path);
        Assert.Equal(["bad.csv", "t.csv"], _folder.Files);
        Assert.StartsWith("a,b,y", File.ReadAllText(table), StringComparison.Ordinal);
    }

    [Fact]
    public void Scores_in_an_unknown_format_or_over_the_input_are_refused()
    {
        string table = _folder.WriteTable("t.csv");
        Anomaly.Run("detect", table, "--out", _folder["out.xlsx"]).MustRefuse(2, ".parquet");
        Anomaly.Run("detect", table, "--out", table).MustRefuse(2, "overwrite");
        Assert.Equal(["t.csv"], _folder.Files);
    }

    [Fact]
    public void A_model_of_another_schema_names_the_column()
    {
        string model = _folder["m"];
        Anomaly.Run("train", _folder.WriteTable("t.csv", labels: false), "--detector", "knn", "--out", model).MustSucceed();
        Anomaly.Run("score", model, _folder.Write("missing.csv", "a,c\n1,2\n"), "--out", _folder["out.csv"]).MustRefuse(1, "missing.csv", "'b'");
        Anomaly.Run("score", model, _folder.Write("more.csv", "a,b,c\n1,2,3\n"), "--out", _folder["out.csv"]).MustRefuse(1, "more.csv", "'c'");
        string array = _folder.Write("a.npz", Npz.Of(("X", Npz.Array([1, 2, 3, 4], 2, 2))));
        CliResult other = Anomaly.Run("score", model, array, "--out", _folder["out.csv"]);
        other.MustRefuse(1);
        AssertNothingWritten();
    }

    [Fact]
    public void A_model_corrupted_at_any_of_100_places_is_refused_or_scores_the_same()
    {
        string table = _folder.WriteTable("t.csv", rows: 60, labels: false), model = _folder["m"], damaged = _folder["damaged"];
        Anomaly.Run("train", table, "--detector", "knn", "--out", model).MustSucceed();
        Anomaly.Run("score", model, table, "--out", _folder["right.csv"]).MustSucceed();
        string right = File.ReadAllText(_folder["right.csv"]);
        byte[] whole = File.ReadAllBytes(model);
        Random random = new(11);
        int refused = 0;
        for (int i = 0; i < 100; i++)
        {
            byte[] bytes = [.. whole];
            bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256);
            File.WriteAllBytes(damaged, bytes);
            CliResult result = Anomaly.Run("score", damaged, table, "--out", _folder["out.csv"]);
            if (result.Code == 0)
            {
                // A bit that means nothing, such as a time stamp in the archive's directory.
                Assert.Equal(right, File.ReadAllText(_folder["out.csv"]));
                File.Delete(_folder["out.csv"]);
                continue;
            }
            refused++;
            result.MustRefuse(1, "damaged");
            AssertNothingWritten();
        }
        Assert.InRange(refused, 60, 100);
    }

    [Fact]
    public void A_model_cut_short_or_of_another_kind_is_refused()
    {
        string table = _folder.WriteTable("t.csv", labels: false), model = _folder["m"];
        Anomaly.Run("train", table, "--detector", "knn", "--out", model).MustSucceed();
        byte[] whole = File.ReadAllBytes(model);
        foreach (int length in (int[])[0, 1, 100, whole.Length / 2, whole.Length - 1])
        {
            Anomaly.Run("score", _folder.Write("cut", whole[..length]), table, "--out", _folder["out.csv"]).MustRefuse(1, "cut");
        }
        Anomaly.Run("score", table, table, "--out", _folder["out.csv"]).MustRefuse(1, "t.csv");
        Anomaly.Run("score", _folder["absent"], table, "--out", _folder["out.csv"]).MustRefuse(1, "absent");
        AssertNothingWritten();
    }

    [Fact]
    public void A_row_that_is_not_there_is_refused_with_the_number_of_rows()
    {
        string table = _folder.WriteTable("t.csv", labels: false), model = _folder["m"];
        Anomaly.Run("train", table, "--detector", "knn", "--out", model).MustSucceed();
        Anomaly.Run("explain", model, table, "--row", "200").MustRefuse(2, "200 rows");
        Anomaly.Run("explain", model, table, "--row", "-1").MustRefuse(2, "200 rows");
    }
}
