using System.Text.Json;
using AnomalySharp.Cli.Tests.Support;
using AnomalySharp.Tests.Common;

namespace AnomalySharp.Cli.Tests;

/// <summary><c>--features</c> through the command line.</summary>
public sealed class FeatureCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _network;

    public FeatureCommandTests()
    {
        _network = _folder["tiny.onnx"];
        File.WriteAllBytes(_network, TinyNetwork.OfPictures(3, 16));
        Pictures.Write(_folder["pictures"], 24, _ => (20, 20));
    }

    public void Dispose() => _folder.Dispose();

    private string Features(string outputs) => $"onnx:{_network}:{outputs}[mean=0;deviation=255;cacheMegabytes=0]";

    [Theory]
    [InlineData("knn", "pool")]
    [InlineData("patch-core", "same,half")]
    [InlineData("padim", "half")]
    public void Pictures_are_learnt_scored_and_explained_by_features(string detector, string outputs)
    {
        string model = _folder["m.anomaly"];
        Anomaly.Run("train", _folder["pictures"], "--detector", detector, "--features", Features(outputs), "--out", model).MustSucceed();
        File.Delete(_network);
        JsonElement scored = Anomaly.Run("score", model, _folder["pictures"], "--json", "--out", _folder["s.csv"]).MustSucceed().Json;
        Assert.Equal(24, scored.GetProperty("rows").GetInt32());
        Assert.Contains("p0003.png", Anomaly.Run("explain", model, _folder["pictures"], "--row", "p0003.png").MustSucceed().Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_is_seen_through_a_code()
    {
        JsonElement found = Anomaly.Run(["detect", .. Anomaly.DemoLabels, "--detector", "knn", "--features", "autoencoder:3", "--json"]).MustSucceed().Json;
        Assert.Equal(3, found.GetProperty("features").GetInt32());
        Assert.InRange(found.GetProperty("rocAuc").GetDouble(), 0.9, 1);
    }

    [Fact]
    public void Features_may_stand_in_the_configuration_and_serve_a_comparison()
    {
        File.WriteAllText(_folder["c.json"], """{ "features": "autoencoder:4[epochs=3]" }""");
        CliResult compared = Anomaly.Run(
            ["compare", .. Anomaly.DemoLabels, "--detectors", "knn,hbos", "--seeds", "1", "--config", _folder["c.json"], "--json"]).MustSucceed();
        Assert.All(compared.Json.GetProperty("results").EnumerateArray(), run => Assert.Equal(4, run.GetProperty("features").GetInt32()));
        File.WriteAllText(_folder["c.json"], """{ "features": "oak" }""");
        Anomaly.Run(["detect", .. Anomaly.DemoLabels, "--config", _folder["c.json"]]).MustRefuse(2, "c.json", "no features 'oak'");
    }

    [Fact]
    public void What_is_wrong_with_features_is_said()
    {
        Anomaly.Run(["detect", .. Anomaly.DemoLabels, "--features", "oak:3"]).MustRefuse(2, "no features 'oak'", "onnx", "autoencoder");
        string pictures = _folder["pictures"];
        Anomaly.Run("detect", pictures, "--detector", "knn", "--features", $"onnx:{_folder["absent.onnx"]}").MustRefuse(2, "absent.onnx", "There is no network");
        Anomaly.Run("detect", pictures, "--detector", "knn", "--features", Features("pole")).MustRefuse(2, "no output 'pole'", "same, half, pool");
        Anomaly.Run(["detect", .. Anomaly.DemoLabels, "--detector", "knn", "--features", Features("pool")]).MustRefuse(1, "?×3×16×16", "shape 30");
        Anomaly.Run("detect", pictures, "--detector", "patch-core", "--features", "autoencoder").MustRefuse(2, "feature maps");
    }
}
