using AnomalySharp.Data;
using AnomalySharp.FeatureExtraction;
using AnomalySharp.Persistence;
using AnomalySharp.Tests.Common;

namespace AnomalySharp.Onnx.Tests;

public sealed class OnnxFeaturesTests : IDisposable
{
    private readonly NetworkFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static Samples Random(SampleShape shape, int count, int seed = 1)
    {
        Random random = new(seed);
        return new Samples(Enumerable.Range(0, count * shape.Length).Select(_ => random.NextSingle()).ToArray(), shape);
    }

    private static FeatureExtractor Fitted(string text, Samples samples, FeatureForm form = FeatureForm.Vectors)
    {
        FeatureExtractor extractor = FeatureCatalog.Parse(text).CreateExtractor(form);
        extractor.Fit(samples, new FitContext());
        return extractor;
    }

    private static float[] Scores(AnomalyModel model, Samples samples) => model.Score(samples).Scores.ToArray();

    private static float[] Map(AnomalyModel model, Samples picture) => model.Attribute(picture).Values.ToArray();

    private static Samples Picture(string name) => DatasetReader.Read(RealData.Require(name), new ReadOptions()).Samples!;

    [Fact]
    public void Vectors_go_through_the_network_as_they_are()
    {
        string path = _folder.Add("rows.onnx", TinyNetwork.OfVectors(new float[,] { { 1, 0 }, { 2, -1 }, { 0, 3 } }));
        Samples rows = Random(new SampleShape(3), 150);
        using FeatureExtractor extractor = Fitted($"onnx:{path}[cacheMegabytes=0]", rows);
        Samples features = extractor.Extract(rows);
        Assert.Equal(new SampleShape(2), features.Shape);
        for (int i = 0; i < rows.Count; i++)
        {
            Assert.Equal(rows[i][0] + (2 * rows[i][1]), features[i][0], 1e-5f);
            Assert.Equal((3 * rows[i][2]) - rows[i][1], features[i][1], 1e-5f);
        }
        int[] order = [.. Enumerable.Range(0, 150).Reverse()];
        Assert.Equal(features.Select(order).Values.ToArray(), extractor.Extract(rows.Select(order)).Values.ToArray());
        Assert.Equal(features[77].ToArray(), extractor.Extract(rows.Slice(77, 1)).Values.ToArray());
    }

    [Fact]
    public void Layers_are_pooled_for_vectors_and_stacked_at_the_size_of_the_largest_for_maps()
    {
        string path = _folder.Add("p.onnx", TinyNetwork.OfPictures(3, 4)), text = $"onnx:{path}:same,half[mean=0;deviation=255;cacheMegabytes=0]";
        Samples pictures = Random(new SampleShape(3, 4, 4), 5);
        using FeatureExtractor vectors = Fitted(text, pictures), maps = Fitted(text, pictures, FeatureForm.Maps);
        Samples pooled = vectors.Extract(pictures), stacked = maps.Extract(pictures);
        Assert.Equal(new SampleShape(6), pooled.Shape);
        float mean = pictures[2][16..32].ToArray().Average();
        Assert.Equal(mean, pooled[2][1], 1e-5f);
        Assert.Equal(mean, pooled[2][4], 1e-5f);
        Assert.Equal(new SampleShape(6, 4, 4), stacked.Shape);
        Assert.Equal(pictures[2].ToArray(), stacked[2][..48].ToArray(), (a, b) => Math.Abs(a - b) < 1e-5);
        // A corner of the up-sampled layer is the corner of the layer.
        Assert.Equal((pictures[2][0] + pictures[2][1] + pictures[2][4] + pictures[2][5]) / 4, stacked[2][48], 1e-5f);
        using FeatureExtractor greatest = Fitted(text.Replace("[", "[pool=maximum;", StringComparison.Ordinal), pictures);
        Assert.Equal(pictures[2][16..32].ToArray().Max(), greatest.Extract(pictures)[2][1], 1e-5f);
    }

    [Fact]
    public void What_is_wrong_with_a_network_is_said()
    {
        Samples rows = Random(new SampleShape(2), 4), pictures = Random(new SampleShape(3, 4, 4), 4);
        string Refusal(string text, Samples samples) => Assert.ThrowsAny<AnomalySharpException>(() => Fitted(text, samples)).Message;
        Assert.Contains("There is no network", Refusal($"onnx:{_folder["absent.onnx"]}", rows), StringComparison.Ordinal);
        File.WriteAllText(_folder["text.onnx"], "This is no network.");
        Assert.Contains("is no network that ONNX Runtime can open", Refusal($"onnx:{_folder["text.onnx"]}", rows), StringComparison.Ordinal);
        Assert.Contains("has 2 inputs (x, y)", Refusal($"onnx:{_folder.Add("two.onnx", TinyNetwork.OfTwoInputs())}", rows), StringComparison.Ordinal);
        string path = _folder.Add("p.onnx", TinyNetwork.OfPictures(3, 4));
        string unknown = Refusal($"onnx:{path}:sane", pictures);
        Assert.Contains("no output 'sane'. Its outputs are: same, half, pool", unknown, StringComparison.Ordinal);
        Assert.Contains("samples have shape 2", Refusal($"onnx:{path}", rows), StringComparison.Ordinal);
        Assert.Contains("need a network", Refusal("onnx", rows), StringComparison.Ordinal);
        string wide = _folder.Add("rows.onnx", TinyNetwork.OfVectors(new float[3, 1]));
        Assert.Contains("samples have shape 2", Refusal($"onnx:{wide}", rows), StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_in_files_beside_the_network_are_refused_also_where_the_files_are_there()
    {
        string here = Path.GetFileName(Path.GetTempFileName()), outside = Path.Combine(Environment.CurrentDirectory, here);
        try
        {
            byte[] weights = [.. BitConverter.GetBytes(2f), .. BitConverter.GetBytes(3f)];
            foreach (string file in (string[])[outside, _folder[here]]) File.WriteAllBytes(file, weights);
            string path = _folder.Add("split.onnx", TinyNetwork.OfVectorsWithWeightsIn(here));
            OptionException refused = Assert.Throws<OptionException>(() => Fitted($"onnx:{path}", Random(new SampleShape(2), 4)));
            Assert.Contains("weights in other files beside it", refused.Message, StringComparison.Ordinal);
            Assert.Contains("save_as_external_data=False", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(outside);
        }
    }

    [Fact]
    public void Features_that_are_not_finite_are_refused_with_their_row()
    {
        string path = _folder.Add("rows.onnx", TinyNetwork.OfVectors(new float[,] { { 1e30f }, { 1e30f } }));
        Samples rows = new(new float[] { 1, 1, 1e10f, 1e10f }, new SampleShape(2), rowNames: ["small", "large"]);
        using FeatureExtractor extractor = Fitted($"onnx:{path}", rows.Slice(0, 1));
        Assert.Contains("of row large", Assert.Throws<DataException>(() => extractor.Extract(rows)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Features_come_from_the_cache_where_it_has_them()
    {
        string path = _folder.Add("rows.onnx", TinyNetwork.OfVectors(new float[,] { { 1 }, { 7 } }));
        Samples rows = Random(new SampleShape(2), 40, seed: 9);
        HashSet<string> before = Directory.Exists(NetworkFolder.Cache) ? [.. Directory.GetFiles(NetworkFolder.Cache)] : [];
        using FeatureExtractor without = Fitted($"onnx:{path}[cacheMegabytes=0]", rows), with = Fitted($"onnx:{path}[cacheMegabytes=5]", rows);
        float[] expected = without.Extract(rows).Values.ToArray();
        Assert.Equal(expected, with.Extract(rows).Values.ToArray());
        // 40 samples are kept as 32 and 8; put others in their place, and they are what is found.
        string[] added = [.. Directory.GetFiles(NetworkFolder.Cache).Where(file => !before.Contains(file)).OrderBy(file => new FileInfo(file).Length)];
        string eight = Assert.Single(added, file => new FileInfo(file).Length == 32 + (8 * sizeof(float)));
        FeatureCache.OfUser(5)!.Write(Path.GetFileNameWithoutExtension(eight), [1, 2, 3, 4, 5, 6, 7, 8]);
        Assert.Equal([.. expected[..32], 1, 2, 3, 4, 5, 6, 7, 8], with.Extract(rows).Values.ToArray());
        File.WriteAllText(eight, "damaged");
        Assert.Equal(expected, with.Extract(rows).Values.ToArray());
        // Another network, the same samples.
        using FeatureExtractor other = Fitted($"onnx:{_folder.Add("other.onnx", TinyNetwork.OfVectors(new float[,] { { 1 }, { 8 } }))}[cacheMegabytes=5]", rows);
        Assert.NotEqual(expected, other.Extract(rows).Values.ToArray());
    }

    [Fact]
    public void A_model_keeps_its_network()
    {
        string path = _folder.Add("p.onnx", TinyNetwork.OfPictures(3, 4));
        Samples pictures = Random(new SampleShape(3, 4, 4), 60);
        TrainingSettings settings = new() { Features = FeatureCatalog.Parse($"onnx:{path}:half[pool=none;mean=0;deviation=255;cacheMegabytes=0]") };
        using AnomalyModel model = AnomalyModel.Train(pictures, DetectorCatalog.Find("knn").CreateOptions(), settings);
        Assert.Equal(12, model.Summary.Features);
        Assert.Equal(pictures.Shape, model.Shape);
        model.Save(_folder["m.anomaly"]);
        File.Delete(path);
        using AnomalyModel loaded = AnomalyModel.Load(_folder["m.anomaly"]);
        Samples fresh = Random(new SampleShape(3, 4, 4), 50, seed: 3);
        Assert.Equal(Scores(model, fresh), Scores(loaded, fresh));
        Assert.Equivalent(model.Features, loaded.Features, strict: true);
        Assert.Contains("shape 3×4×4", Assert.Throws<DataException>(() => Scores(loaded, Random(new SampleShape(3, 5, 5), 2))).Message, StringComparison.Ordinal);
        Assert.Contains("no way back", Assert.Throws<OptionException>(() => loaded.Generate(3)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_refers_to_its_network_wants_that_very_one()
    {
        string path = _folder.Add("p.onnx", TinyNetwork.OfPictures(3, 4));
        Samples pictures = Random(new SampleShape(3, 4, 4), 60);
        TrainingSettings settings = new() { Features = FeatureCatalog.Parse($"onnx:{path}:half[store=reference;mean=0;deviation=255;cacheMegabytes=0]") };
        using (AnomalyModel model = AnomalyModel.Train(pictures, DetectorCatalog.Find("knn").CreateOptions(), settings)) model.Save(_folder["m.anomaly"]);
        AnomalyModel.Load(_folder["m.anomaly"]).Dispose();
        _folder.Add("p.onnx", TinyNetwork.OfPictures(3, 4, ("changed", "yes")));
        Assert.Contains("is not the one", Assert.Throws<ModelFileException>(() => AnomalyModel.Load(_folder["m.anomaly"])).Message, StringComparison.Ordinal);
        File.Delete(path);
        Assert.Contains("Put it back", Assert.Throws<ModelFileException>(() => AnomalyModel.Load(_folder["m.anomaly"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_embedded_network_that_was_altered_is_refused_before_it_is_opened()
    {
        string path = _folder.Add("p.onnx", TinyNetwork.OfPictures(3, 4));
        Samples pictures = Random(new SampleShape(3, 4, 4), 2);
        using FeatureExtractor extractor = Fitted($"onnx:{path}", pictures), other = FeatureCatalog.Parse($"onnx:{path}").CreateExtractor(FeatureForm.Vectors);
        TensorState state = extractor.GetState();
        byte[] network = state.Get<byte>("network");
        network[^1] ^= 1;
        state.Set<byte>("network", network);
        Assert.Contains("is not the one", Assert.Throws<ModelFileException>(() => other.SetState(state, pictures.Shape)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Attributions_of_features_point_at_the_patch_that_was_changed()
    {
        string path = _folder.Add("p.onnx", TinyNetwork.OfPictures(1, 16)), features = $"onnx:{path}:half[pool=none;mean=0;deviation=255;cacheMegabytes=0]";
        Samples normal = Random(new SampleShape(1, 16, 16), 40);
        float[] values = normal[0].ToArray();
        for (int y = 4; y < 6; y++) values.AsSpan((y * 16) + 10, 2).Fill(4);
        Samples changed = new(values, normal.Shape);
        // The patches of patch-core reach one place of the map farther, two pixels.
        foreach ((string detector, int near) in new[] { ("knn", 0), ("patch-core", 2), ("padim", 0) })
        {
            TrainingSettings settings = new() { Features = FeatureCatalog.Parse(features) };
            using AnomalyModel model = AnomalyModel.Train(normal, DetectorCatalog.Find(detector).CreateOptions(), settings);
            float[] map = Map(model, changed);
            int greatest = Array.IndexOf(map, map.Max());
            (int row, int column) = (greatest / 16, greatest % 16);
            bool isThere = row >= 4 - near && row < 6 + near && column >= 10 - near && column < 12 + near;
            Assert.True(isThere, $"{detector}: the greatest is in row {row}, column {column}.");
        }
    }

    [Theory]
    [InlineData("mobilenet-v2-224.onnx", "[mean=128;deviation=128;cacheMegabytes=0]")]
    [InlineData("squeezenet-227.onnx", "[mean=104,117,123;deviation=1;colors=bgr;side=227;cacheMegabytes=0]")]
    public void A_real_network_sees_a_cat_and_a_bird(string network, string preprocessing)
    {
        string path = RealData.Require($"models/{network}");
        string[] labels = File.ReadAllLines(RealData.Require("models/imagenet_labels.txt"));
        foreach ((string file, string[] words) in new[] { ("cat.bmp", new[] { "cat", "tabby" }), ("bird.bmp", ["chickadee"]) })
        {
            Samples picture = Picture($"models/{file}");
            using FeatureExtractor extractor = Fitted($"onnx:{path}:logits{preprocessing}", picture);
            float[] logits = extractor.Extract(picture).Values.ToArray();
            // The first of 1,001 classes is that of nothing known.
            int offset = labels.Length - logits.Length;
            string label = labels[Array.IndexOf(logits, logits.Max()) + offset];
            Assert.True(words.Any(word => label.Contains(word, StringComparison.OrdinalIgnoreCase)), $"{network} takes {file} for '{label}'.");
        }
    }
}
