namespace AnomalySharp.Reproduction.Tests;

/// <summary>Methods whose detectors see features.</summary>
public class MethodFeaturesTests
{
    private static string Fingerprint(string? features) =>
        new ToyExperiment(ToyExperiment.Knn with { Features = features }).Cells(true, 1)[0].Fingerprint();

    [Fact]
    public void Other_features_are_another_cell()
    {
        string[] all = [Fingerprint(null), Fingerprint("autoencoder:1"), Fingerprint("autoencoder:2"), Fingerprint("autoencoder:1[epochs=3]")];
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Equal(Fingerprint("autoencoder:1"), all[1]);
    }

    [Fact]
    public void Cells_are_trained_on_their_features_and_the_results_name_them()
    {
        using TemporaryFolder folder = new();
        Method method = ToyExperiment.Knn with { Features = "autoencoder:1[epochs=2]" };
        RunOptions options = new() { Data = new DataStore(folder.Path), OutFolder = folder.Path, Quick = true, Threads = 1 };
        RunSummary summary = ExperimentRunner.Run(new ToyExperiment(method), options, TestContext.Current.CancellationToken);
        CellResult cell = Assert.Single(ExperimentResults.Read(summary.Json).Cells);
        Assert.Null(cell.Error);
        Assert.Equal(["k=2", "features=autoencoder:1[epochs=2]"], cell.Settings);
    }

    [Fact]
    public void A_file_in_braces_is_one_of_the_data_folder()
    {
        using TemporaryFolder folder = new();
        Method method = ToyExperiment.Knn with { Features = "onnx:{models/absent.onnx}" };
        DataException refused = Assert.Throws<DataException>(() => method.CreateFeatures(new DataStore(folder.Path)));
        Assert.Contains("models/absent.onnx", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cells_are_skipped_where_the_package_of_their_features_is_not_referenced() =>
        Assert.Contains("no features 'onnx'", Assert.Throws<OptionException>(() => Fingerprint("onnx:{models/absent.onnx}")).Message, StringComparison.Ordinal);
}
