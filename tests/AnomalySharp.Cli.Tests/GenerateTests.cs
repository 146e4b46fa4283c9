using System.Globalization;
using System.Text.Json;
using AnomalySharp.Cli.Tests.Support;
using SkiaSharp;

namespace AnomalySharp.Cli.Tests;

public sealed class GenerateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Samples_of_a_table_are_in_its_units_under_its_names()
    {
        string model = TrainOnTable(), output = _folder["made"];
        JsonElement json = Anomaly.Run("generate", model, "--n", "200", "--out", output, "--seed", "3", "--json").MustSucceed().Json;
        Assert.Equal(200, json.GetProperty("samples").GetInt32());
        Assert.Equal("variational-autoencoder", json.GetProperty("detector").GetString());
        float[][] rows = Read(Path.Combine(output, "samples.csv"), "year,\"a,b\"");
        Assert.Equal(200, rows.Length);
        // Years around 5000, far from 0 for their spread, were learnt as distances; a,b is a tenth of the year's distance from 5000.
        Assert.InRange(rows.Average(row => row[0]), 4999, 5001);
        Assert.InRange(rows.Max(row => row[0]) - rows.Min(row => row[0]), 1, 8);
        Assert.All(rows, row => Assert.InRange(row[1] - 10 * (row[0] - 5000), -8, 8));
    }

    [Fact]
    public void The_same_seed_draws_the_same_samples_and_another_seed_others()
    {
        string model = TrainOnTable();
        foreach ((string name, string seed) in ((string, string)[])[("a", "1"), ("b", "1"), ("c", "2")])
        {
            Anomaly.Run("generate", model, "--n", "5", "--out", _folder[name], "--seed", seed).MustSucceed();
        }
        string[] texts = [.. "abc".Select(name => File.ReadAllText(Path.Combine(_folder[name.ToString()], "samples.csv")))];
        Assert.Equal(texts[0], texts[1]);
        Assert.NotEqual(texts[0], texts[2]);
    }

    [Fact]
    public void A_walk_goes_from_the_one_row_to_the_other()
    {
        string model = TrainOnTable(), table = _folder["t.csv"];
        float[][] data = Read(table, "year,\"a,b\"");
        int low = Array.FindIndex(data, row => row[0] < 4999), high = Array.FindIndex(data, row => row[0] > 5001);
        Anomaly.Run("generate", model, "--interpolate", $"{low},{high}", "--data", table, "--steps", "5", "--out", _folder["walk"]).MustSucceed();
        float[][] rows = Read(Path.Combine(_folder["walk"], "steps.csv"), "year,\"a,b\"");
        Assert.Equal(5, rows.Length);
        Assert.Equal(data[low][1], rows[0][1], 6f);
        Assert.Equal(data[high][1], rows[4][1], 6f);
        for (int i = 1; i < 5; i++) Assert.True(rows[i][1] > rows[i - 1][1], $"Step {i}: {rows[i][1]} after {rows[i - 1][1]}.");
    }

    [Fact]
    public void Walks_between_drawn_codes_are_as_many_as_asked_for_and_their_evenness_is_said()
    {
        string model = TrainOnTable(), output = _folder["random"];
        string[] arguments = ["generate", model, "--interpolate", "random", "--n", "3", "--steps", "13", "--seed", "4", "--out", output];
        JsonElement json = Anomaly.Run([.. arguments, "--json"]).MustSucceed().Json;
        Assert.Equal(39, json.GetProperty("samples").GetInt32());
        double[] smoothness = [.. json.GetProperty("smoothness").EnumerateArray().Select(one => one.GetDouble())];
        Assert.Equal(3, smoothness.Length);
        float[][] rows = Read(Path.Combine(output, "steps.csv"), "year,\"a,b\"");
        for (int walk = 0; walk < 3; walk++)
        {
            float[][] way = rows[(13 * walk)..(13 * (walk + 1))];
            double[] steps = [.. way.Skip(1).Zip(way, (to, from) => Math.Sqrt(to.Zip(from, (a, b) => (a - b) * (a - b)).Sum()))];
            // Years around 5000 have some four digits behind the point.
            Assert.Equal(steps.Max() / steps.Average(), smoothness[walk], 0.02);
            Assert.True(steps.All(step => step > 0));
        }
        Assert.Contains("The longest step is", Anomaly.Run(arguments).MustSucceed().Out, StringComparison.Ordinal);
        // The second walk of seed 4 is the first one of seed 5.
        Anomaly.Run("generate", model, "--interpolate", "random", "--steps", "13", "--seed", "5", "--out", _folder["next"]).MustSucceed();
        Assert.Equal(rows[13..26], Read(Path.Combine(_folder["next"], "steps.csv"), "year,\"a,b\""));
    }

    [Fact]
    public void Pictures_are_written_one_by_one_and_on_a_sheet()
    {
        Pictures.Write(_folder["p"], 20, _ => (10, 8));
        string model = _folder["m.anomaly"];
        Anomaly.Run("train", _folder["p"], "--detector", "variational-autoencoder", "--set", "epochs=2", "hidden=8", "latent=4", "--out", model).MustSucceed();
        Anomaly.Run("generate", model, "--n", "11", "--out", _folder["made"]).MustSucceed();
        string[] files = [.. Directory.GetFiles(_folder["made"]).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
        Assert.Equal([.. Enumerable.Range(0, 11).Select(i => $"sample{i:00}.png"), "samples-sheet.png"], files);
        using SKBitmap one = SKBitmap.Decode(Path.Combine(_folder["made"], "sample00.png")), sheet = SKBitmap.Decode(Path.Combine(_folder["made"], "samples-sheet.png"));
        Assert.Equal((10, 8), (one.Width, one.Height));
        // Eight in a row with gaps of two, and a second row.
        Assert.Equal((8 * 12 - 2, 2 * 10 - 2), (sheet.Width, sheet.Height));
        for (int y = 0; y < 8; y++) for (int x = 0; x < 10; x++) Assert.Equal(one.GetPixel(x, y), sheet.GetPixel(x, y));
        Assert.Equal(SKColors.White, sheet.GetPixel(10, 0));

        Anomaly.Run("generate", model, "--interpolate", "p0000.png,3", "--data", _folder["p"], "--steps", "3", "--out", _folder["walk"]).MustSucceed();
        Assert.Equal(4, Directory.GetFiles(_folder["walk"]).Length);
    }

    [Fact]
    public void What_cannot_be_done_is_refused_with_a_remedy()
    {
        string table = _folder.WriteTable("k.csv"), knn = _folder["knn.anomaly"], model = TrainOnTable(), output = _folder["made"];
        Anomaly.Run("train", table, "--label", "y", "--detector", "knn", "--out", knn).MustSucceed();
        Anomaly.Run("generate", knn, "--out", output).MustRefuse(2, "'knn' cannot generate", "variational-autoencoder");
        Anomaly.Run("generate", model, "--out", output, "--n", "0").MustRefuse(2, "--n", "1 to");
        Anomaly.Run("generate", model, "--out", output, "--interpolate", "0,1").MustRefuse(2, "--data");
        Anomaly.Run("generate", model, "--out", output, "--data", table).MustRefuse(2, "--interpolate");
        Anomaly.Run("generate", model, "--out", output, "--interpolate", "0", "--data", _folder["t.csv"]).MustRefuse(2, "I,J");
        Anomaly.Run("generate", model, "--out", output, "--interpolate", "0,999", "--data", _folder["t.csv"]).MustRefuse(2, "no row '999'", "200 rows");
        Anomaly.Run("generate", model, "--out", output, "--interpolate", "0,1", "--data", _folder["t.csv"], "--seed", "1").MustRefuse(2, "--seed");
        Anomaly.Run("generate", model, "--out", output, "--interpolate", "0,1", "--data", table).MustRefuse(1, "year");
        Anomaly.Run("generate", model, "--out", output, "--interpolate", "random", "--data", table).MustRefuse(2, "--data");
        Anomaly.Run("generate", model, "--out", output, "--steps", "5").MustRefuse(2, "--interpolate");
        Anomaly.Run("generate", model, "--out", output, "--interpolate", "random", "--n", "1000", "--steps", "1000").MustRefuse(2, "Make fewer");
        Anomaly.Run("generate", knn, "--out", output, "--interpolate", "random").MustRefuse(2, "'knn' cannot generate");
        Anomaly.Run("generate", model, "--out", table).MustRefuse(2, "is a file");
        Assert.False(Directory.Exists(output));
    }

    private string TrainOnTable()
    {
        Random random = new(5);
        List<string> lines = ["year,\"a,b\""];
        for (int i = 0; i < 200; i++)
        {
            double distance = 2 * random.NextDouble() + 2 * random.NextDouble() - 2;
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{5000 + distance:F4},{10 * distance + random.NextDouble() - 0.5:F4}"));
        }
        string table = _folder.Write("t.csv", string.Join('\n', lines) + "\n"), model = _folder["t.anomaly"];
        Anomaly.Run("train", table, "--detector", "variational-autoencoder", "--set", "epochs=150", "latent=1", "batchSize=32", "learningRate=0.005", "--out", model)
            .MustSucceed();
        return model;
    }

    private static float[][] Read(string path, string header)
    {
        string[] lines = File.ReadAllLines(path);
        Assert.Equal(header, lines[0]);
        return [.. lines[1..].Select(line => line.Split(',').Select(cell => float.Parse(cell, CultureInfo.InvariantCulture)).ToArray())];
    }
}
