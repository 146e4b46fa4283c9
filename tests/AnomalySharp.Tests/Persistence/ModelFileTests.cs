// Scoring a few rows is over before a test run could be cancelled.
#pragma warning disable xUnit1051

using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using AnomalySharp.Detectors.Classical;
using AnomalySharp.Persistence;
using AnomalySharp.Tests.Models;

namespace AnomalySharp.Tests.Persistence;

public sealed class ModelFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("anomaly-model-").FullName;

    private string PathOf(string name) => Path.Combine(_folder, name);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Saved(DetectorOptions? options = null)
    {
        using AnomalyModel model = AnomalyModel.Train(Payments.Labelled(), options ?? new IsolationForestOptions { Trees = 10 }, new TrainingSettings
        {
            Contamination = 0.03,
            LabelColumn = "fraud",
        });
        model.Save(PathOf("m.anomaly"));
        return PathOf("m.anomaly");
    }

    /// <summary>The file with its manifest or weights rewritten and its outer hash put right again: what a forger would make.</summary>
    private string Forged(string path, Func<string, string>? manifest = null, Func<byte[], byte[]>? weights = null, string? drop = null)
    {
        string forged = PathOf("forged.anomaly");
        using FileStream file = new(forged, FileMode.Create, FileAccess.ReadWrite);
        using (ZipArchive source = ZipFile.OpenRead(path))
        using (ZipArchive target = new(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            target.Comment = "sha256:" + new string('0', 64);
            foreach (ZipArchiveEntry entry in source.Entries.Where(entry => entry.FullName != drop))
            {
                using MemoryStream bytes = new();
                using (Stream stream = entry.Open()) stream.CopyTo(bytes);
                byte[] content = bytes.ToArray();
                if (entry.FullName == "manifest.json" && manifest is not null)
                {
                    content = Encoding.UTF8.GetBytes(manifest(Encoding.UTF8.GetString(content)));
                }
                if (entry.FullName == "weights.safetensors" && weights is not null) content = weights(content);
                using Stream copy = target.CreateEntry(entry.FullName, CompressionLevel.NoCompression).Open();
                copy.Write(content);
            }
        }
        file.Position = 0;
        byte[] all = new byte[file.Length];
        file.ReadExactly(all);
        file.Position = all.Length - 64;
        file.Write(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(all.AsSpan(0, all.Length - 64)))));
        return forged;
    }

    private static string Refusal(string path)
    {
        string message = Assert.Throws<ModelFileException>(() => AnomalyModel.Load(path)).Message;
        Assert.Contains(path, message, StringComparison.Ordinal);
        return message;
    }

    [Fact]
    public void A_loaded_model_is_the_saved_one_to_the_bit()
    {
        foreach (DetectorOptions options in new DetectorOptions[] { new IsolationForestOptions(), new KnnOptions { K = 3 } })
        {
            TrainingSettings settings = new() { Contamination = 0.03, LabelColumn = "fraud" };
            using AnomalyModel model = AnomalyModel.Train(Payments.Labelled(), options, settings);
            model.Save(PathOf("m.anomaly"));
            using AnomalyModel loaded = AnomalyModel.Load(PathOf("m.anomaly"));
            ScoredSamples expected = model.Score(Payments.Table(9)), actual = loaded.Score(Payments.Table(9));
            Assert.Equal(expected.Scores.ToArray(), actual.Scores.ToArray());
            Assert.Equal(expected.Probabilities.ToArray(), actual.Probabilities.ToArray());
            Assert.Equal(expected.Threshold, actual.Threshold);
            Assert.Equal(expected.RowNames, actual.RowNames);
            Assert.Equivalent(model.Explain(Payments.Table(), [0, 16]), loaded.Explain(Payments.Table(), [0, 16]), strict: true);
            Assert.Equal(model.Options, loaded.Options);
            Assert.Equal(model.Encoder!.Features, loaded.Encoder!.Features);
            Assert.Equal((model.Scaling, model.ThresholdRule, model.Contamination), (loaded.Scaling, loaded.ThresholdRule, loaded.Contamination));
            Assert.Equal("fraud", loaded.LabelColumn);
            Assert.Equivalent(model.Summary, loaded.Summary, strict: true);
        }
    }

    [Fact]
    public void A_model_of_samples_keeps_its_shape_names_and_usual_ranges()
    {
        float[] values = [.. Enumerable.Range(0, 300).Select(i => (float)(i % 13))];
        Samples samples = new(values, new SampleShape(3), featureNames: ["a", "b", "c"]);
        using AnomalyModel model = AnomalyModel.Train(samples, new KnnOptions(), 0.1);
        model.Save(PathOf("s.anomaly"));
        using AnomalyModel loaded = AnomalyModel.Load(PathOf("s.anomaly"));
        Assert.Null(loaded.Encoder);
        Samples nameless = new(new float[] { 50, 1, 1 }, new SampleShape(3));
        Assert.Equal("a = 50 (usually 0 to 12)", loaded.Explain(nameless, [0])[0].Columns[0].ToString());
    }

    [Fact]
    public void A_hundred_random_changes_of_one_byte_are_all_refused()
    {
        byte[] bytes = File.ReadAllBytes(Saved());
        Random random = new(20);
        for (int run = 0; run < 100; run++)
        {
            byte[] changed = [.. bytes];
            changed[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256);
            File.WriteAllBytes(PathOf("changed.anomaly"), changed);
            Refusal(PathOf("changed.anomaly"));
        }
    }

    [Fact]
    public void Truncated_and_extended_files_are_refused()
    {
        byte[] bytes = File.ReadAllBytes(Saved());
        foreach (int length in new[] { 0, 1, 4, 60, bytes.Length / 2, bytes.Length - 64, bytes.Length - 1 })
        {
            File.WriteAllBytes(PathOf("cut.anomaly"), bytes[..length]);
            Refusal(PathOf("cut.anomaly"));
        }
        File.WriteAllBytes(PathOf("long.anomaly"), [.. bytes, 0]);
        Refusal(PathOf("long.anomaly"));
    }

    [Fact]
    public void What_is_no_model_is_told_apart()
    {
        File.WriteAllText(PathOf("x.csv"), "a,b\n1,2\n");
        Assert.Contains("no AnomalySharp model", Refusal(PathOf("x.csv")), StringComparison.Ordinal);
        Assert.Contains("There is no model file", Refusal(PathOf("absent.anomaly")), StringComparison.Ordinal);
        Assert.Contains("cannot be read", Refusal(_folder), StringComparison.Ordinal);
    }

    [Fact]
    public void Forged_parts_are_refused_with_their_reason()
    {
        string path = Saved();
        string Forge(string pattern, string replacement) => Refusal(Forged(path, text =>
        {
            Assert.Matches(pattern, text);
            return Regex.Replace(text, pattern, replacement);
        }));
        const int Newer = ModelManifest.CurrentFormat + 1;
        Assert.Contains($"in format {Newer}; this version", Forge("\"format\": 1", $"\"format\": {Newer}"), StringComparison.Ordinal);
        Assert.Contains("the detector 'oak'", Forge("\"detector\": \"isolation-forest\"", "\"detector\": \"oak\""), StringComparison.Ordinal);
        Assert.Contains("options of its detector", Forge("\"trees\": 10", "\"trees\": 10, \"bark\": 1"), StringComparison.Ordinal);
        Assert.Contains("options of its detector", Forge("\"trees\": 10", "\"trees\": 0"), StringComparison.Ordinal);
        Assert.Contains("malformed", Forge("\"labelColumn\"", "\"labelColumns\""), StringComparison.Ordinal);
        Assert.Contains("columns do not fit", Forge("\"shape\": \\[\\s*\\d+", "\"shape\": [ 1000000000"), StringComparison.Ordinal);
        Assert.Contains("weights are not of the stated size", Forge("\"weightsLength\": \\d+", "\"weightsLength\": 12"), StringComparison.Ordinal);
        Assert.Contains("weights are not those", Forge("\"weightsSha256\": \"..", "\"weightsSha256\": \"zz"), StringComparison.Ordinal);
        string altered = Forged(path, weights: bytes => [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]);
        Assert.Contains("weights are not those", Refusal(altered), StringComparison.Ordinal);
        Assert.Contains("lacks the part 'weights.safetensors'", Refusal(Forged(path, drop: "weights.safetensors")), StringComparison.Ordinal);
    }

    [Fact]
    public void Any_mutilation_of_the_manifest_is_refused_or_gives_a_model_but_never_another_exception()
    {
        string path = Saved();
        Random random = new(6);
        for (int run = 0; run < 150; run++)
        {
            string forged = Forged(path, text =>
            {
                int at = random.Next(text.Length - 8), length = random.Next(1, 8);
                return random.Next(2) == 0 ? text.Remove(at, length) : text.Remove(at, 1).Insert(at, ((char)random.Next(32, 127)).ToString());
            });
            try
            {
                using AnomalyModel model = AnomalyModel.Load(forged);
            }
            catch (ModelFileException)
            {
            }
        }
    }

    [Fact]
    public void A_model_that_cannot_be_written_leaves_the_old_file()
    {
        using AnomalyModel model = AnomalyModel.Train(Payments.Table(), new IsolationForestOptions { Trees = 2 }, 0.03);
        Assert.Throws<AnomalySharpException>(() => model.Save(PathOf("no/such/folder/m.anomaly")));
        model.Save(PathOf("m.anomaly"));
        model.Save(PathOf("m.anomaly"));
        Assert.Equal(["m.anomaly"], Directory.GetFiles(_folder).Select(Path.GetFileName));
    }
}
