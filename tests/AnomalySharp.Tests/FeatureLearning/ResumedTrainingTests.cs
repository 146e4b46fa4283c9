using AnomalySharp.Detectors.FeatureLearning;
using AnomalySharp.Detectors.OneClass;
using AnomalySharp.Tests.Contract;

namespace AnomalySharp.Tests.FeatureLearning;

public class ResumedTrainingTests
{
    private static readonly DetectorOptions[] Remembering =
    [
        new DeepSvddOptions { Epochs = 12, BatchSize = 64, LearningRate = 1e-3, Objective = SvddObjective.SoftBoundary },
        new RepenOptions { Epochs = 12, BatchSize = 64 },
        new DecOptions { Epochs = 2, ClusteringEpochs = 12, BatchSize = 64, TargetSteps = 7 },
        new DcnOptions { Epochs = 2, ClusteringEpochs = 12, BatchSize = 64, Patience = 0 },
        new DagmmOptions { Epochs = 12, BatchSize = 64 },
    ];

    [Fact]
    public void A_killed_and_resumed_training_ends_as_an_uninterrupted_one_for_methods_that_remember_more_than_weights() =>
        Parallel.ForEach(Remembering, new ParallelOptions { MaxDegreeOfParallelism = Remembering.Length }, Check);

    private static void Check(DetectorOptions options)
    {
        string path = Path.Combine(Path.GetTempPath(), $"resumed-{Guid.NewGuid():N}");
        Samples samples = EasyData.Create(DataKinds.Table, 200, 6, seed: 4);
        FitContext context = new() { CheckpointPath = path, CheckpointInterval = TimeSpan.Zero, Threads = 1 };
        using Detector whole = options.CreateDetector(), killed = options.CreateDetector(), resumed = options.CreateDetector();
        whole.Fit(samples, context with { CheckpointPath = null });
        Epochs untilKilled = new(progress =>
        {
            if (progress.Total == 12 && progress.Done == 6) throw new TimeoutException();
        });
        Assert.Throws<TimeoutException>(() => killed.Fit(samples, context with { Progress = untilKilled }));
        List<int> epochs = [];
        resumed.Fit(samples, context with { Resume = true, Progress = new Epochs(progress => epochs.Add(progress.Done)) });
        Assert.Equal([7, 8, 9, 10, 11, 12], epochs);
        Assert.Equal(whole.Score(samples), resumed.Score(samples));
        Assert.False(File.Exists(path));
    }

    private sealed class Epochs(Action<FitProgress> report) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => report(value);
    }
}
