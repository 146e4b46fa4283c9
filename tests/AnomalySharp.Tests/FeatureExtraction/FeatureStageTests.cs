using AnomalySharp.Detectors.Classical;
using AnomalySharp.FeatureExtraction;
using AnomalySharp.Tests.Contract;

namespace AnomalySharp.Tests.FeatureExtraction;

/// <summary>Models whose detectors see features.</summary>
public sealed class FeatureStageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("anomalysharp-features-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static TrainingSettings Settings(string features, FitContext? context = null) => new()
    {
        Contamination = 0.03,
        Features = FeatureCatalog.Parse(features),
        Context = context ?? new FitContext { Seed = 1, Threads = 2 },
    };

    private static float[] Scores(AnomalyModel model, Samples samples, int threads = 2) => model.Score(samples, threads).Scores.ToArray();

    [Fact]
    public void Features_of_a_table_are_learnt_stored_scored_and_explained()
    {
        Samples training = EasyData.Create(DataKinds.Table, 400, 0, seed: 1), test = EasyData.Create(DataKinds.Table, 60, 12, seed: 2);
        // The code of a bounded function would saturate on what is far off.
        using AnomalyModel model = AnomalyModel.Train(training, new KnnOptions(), Settings("autoencoder:3[epochs=30;patience=0;activation=relu]"));
        Assert.Equal((6, 3), (model.Shape.Length, model.Summary.Features));
        Assert.Equal(new SampleShape(3), model.Detector.Shape);
        float[] scores = Scores(model, test);
        Assert.InRange(EasyData.RocAuc(scores, test.Labels!), 0.95, 1);

        string path = Path.Combine(_folder, "m.anomaly");
        model.Save(path);
        using AnomalyModel loaded = AnomalyModel.Load(path);
        Assert.Equal(scores, Scores(loaded, test, threads: 1));
        Assert.Equal(model.Features, loaded.Features);
        Assert.Equivalent(model.Explain(test, [0, 70]), loaded.Explain(test, [0, 70]), strict: true);

        // One value that is far off, in every column in turn, is what the score is explained by.
        int found = 0;
        for (int j = 0; j < 6; j++)
        {
            float[] values = test[0].ToArray();
            values[j] += 5;
            found += model.Explain(new Samples(values, test.Shape), [0])[0].Columns[0].Column == $"feature {j}" ? 1 : 0;
        }
        Assert.InRange(found, 5, 6);
    }

    [Fact]
    public void Each_part_of_an_ensemble_is_standardised_on_the_training_samples()
    {
        Samples training = EasyData.Create(DataKinds.Table, 200, 0, seed: 1);
        using FeatureExtractor extractor = FeatureCatalog.Parse("autoencoder:2[epochs=5]+denoising-autoencoder:3[epochs=5]").CreateExtractor(FeatureForm.Vectors);
        extractor.Fit(training, new FitContext { Threads = 2 });
        Samples features = extractor.Extract(training);
        Assert.Equal(new SampleShape(5), features.Shape);
        for (int j = 0; j < 5; j++)
        {
            double[] column = [.. Enumerable.Range(0, 200).Select(i => (double)features[i][j])];
            double mean = column.Average();
            Assert.Equal(0, mean, 1e-4);
            Assert.Equal(1, column.Average(value => (value - mean) * (value - mean)), 1e-3);
        }
        using FeatureExtractor restored = FeatureCatalog.Parse("autoencoder:2[epochs=5]+denoising-autoencoder:3[epochs=5]").CreateExtractor(FeatureForm.Vectors);
        restored.SetState(extractor.GetState(), training.Shape);
        Assert.Equal(features.Values.ToArray(), restored.Extract(training).Values.ToArray());
    }

    [Fact]
    public void Extracting_is_reported_and_can_be_cancelled()
    {
        Samples training = EasyData.Create(DataKinds.Table, 400, 0, seed: 1);
        List<FitProgress> reports = [];
        using CancellationTokenSource source = new();
        Reporter reporter = new(report =>
        {
            reports.Add(report);
            if (report.Phase == "extracting features") source.Cancel();
        });
        FitContext context = new() { Threads = 2, Progress = reporter, Cancellation = source.Token };
        Assert.ThrowsAny<OperationCanceledException>(
            () => AnomalyModel.Train(training, new KnnOptions(), Settings("autoencoder[epochs=2]", context)).Dispose());
        Assert.Equal(("extracting features", 2, 13), (reports[^1].Phase, reports[^1].Done, reports[^1].Total));
    }

    [Fact]
    public void A_detector_that_looks_at_maps_does_not_take_a_code()
    {
        Samples pictures = EasyData.Create(DataKinds.Image, 20, 0, seed: 1);
        DetectorOptions options = DetectorCatalog.Find("patch-core").CreateOptions();
        string refused = Assert.Throws<OptionException>(() => AnomalyModel.Train(pictures, options, Settings("autoencoder"))).Message;
        Assert.Contains("is a vector, and the detector looks at feature maps", refused, StringComparison.Ordinal);
    }

    private sealed class Reporter(Action<FitProgress> report) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => report(value);
    }
}
