using System.Text.Json;
using AnomalySharp.Evaluation;
using AnomalySharp.Thresholding;

namespace AnomalySharp.Tests.Evaluation;

public sealed class ComparisonTests
{
    private static readonly byte[] Labels = [0, 0, 1, 0, 0, 0, 1, 0, 0, 0];

    // Anomalies have the greatest values, so that the value is a perfect score.
    private static readonly Dataset Data = new Samples(new float[] { 0, 1, 20, 3, 4, 5, 26, 7, 8, 9 }, new SampleShape(1), Labels);

    private static readonly (string, DetectorOptions) Toy = ("toy", new ToyOptions());

    private static TrainedScores ValueAsScore(Dataset train, Dataset test, DetectorOptions options, TrainingSettings settings) =>
        new(test.Samples!.Values, 10, 0.2, 1, 0.5, 0.25);

    [Fact]
    public void The_transductive_protocol_trains_and_tests_on_every_row()
    {
        (int[] train, int[] test) = Comparison.Split(Protocol.Transductive, Labels, 1);
        Assert.Equal(Enumerable.Range(0, 10), train);
        Assert.Equal(train, test);
    }

    [Fact]
    public void The_normal_only_protocol_trains_on_half_of_the_normal_rows_and_tests_on_the_rest()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            (int[] train, int[] test) = Comparison.Split(Protocol.NormalOnly, Labels, seed);
            Assert.Equal(4, train.Length);
            Assert.All(train, row => Assert.Equal(0, Labels[row]));
            Assert.Equal(Enumerable.Range(0, 10), train.Concat(test).Order());
        }
    }

    [Fact]
    public void The_split_follows_the_seed()
    {
        Assert.Equal(Comparison.Split(Protocol.NormalOnly, Labels, 4), Comparison.Split(Protocol.NormalOnly, Labels, 4), new SameRows());
        Assert.True(Enumerable.Range(0, 10).Select(seed => string.Join(',', Comparison.Split(Protocol.NormalOnly, Labels, seed).Train)).Distinct().Count() > 3);
    }

    [Theory]
    [InlineData(Protocol.Transductive)]
    [InlineData(Protocol.NormalOnly)]
    public void Labels_reach_neither_training_nor_scoring(Protocol protocol)
    {
        List<Dataset> seen = [];
        TrainingSettings settings = new() { NormalOnly = true, Context = new() { Threads = 1, CheckpointPath = "x", Resume = true } };
        RunResult result = Assert.Single(Comparison.Run(Data, [Toy], protocol, [3], settings, (train, test, options, inner) =>
        {
            seen.AddRange([train, test]);
            Assert.False(inner.NormalOnly);
            Assert.Equal((3, 1, null, false), (inner.Context.Seed, inner.Context.Threads, inner.Context.CheckpointPath, inner.Context.Resume));
            return ValueAsScore(train, test, options, inner);
        }));
        Assert.Equal(2, seen.Count);
        Assert.All(seen, data => Assert.Null(data.Labels));
        Assert.Equal(1, result.Metrics!.RocAuc);
        Assert.Equal(protocol == Protocol.Transductive ? 10 : 6, result.Rows);
    }

    [Fact]
    public void Every_detector_runs_with_every_seed_and_a_failure_is_a_result()
    {
        TrainAndScore train = (learn, test, options, settings) => options is OtherToyOptions && settings.Context.Seed == 2
            ? throw new TrainingException("It diverged.")
            : ValueAsScore(learn, test, options, settings);
        List<RunResult> results = [.. Comparison.Run(Data, [Toy, ("other-toy", new OtherToyOptions())], Protocol.NormalOnly, [1, 2, 3], new(), train)];
        Assert.Equal(
            ["other-toy 1", "other-toy 2", "other-toy 3", "toy 1", "toy 2", "toy 3"],
            results.Select(result => $"{result.Detector} {result.Seed}").Order());
        RunResult failed = Assert.Single(results, result => result.Error is not null);
        Assert.Equal(("other-toy", 2, "It diverged.", null), (failed.Detector, failed.Seed, failed.Error, failed.Metrics));

        IReadOnlyList<ComparisonSummary> summary = ComparisonSummary.Of(results);
        Assert.Equal([("other-toy", 2, 1), ("toy", 3, 0)], summary.Select(entry => (entry.Detector, entry.Runs, entry.Failed)));
        Assert.Equal(new MeanAndDeviation(0.5, 0), summary[1].TrainSeconds);
    }

    [Fact]
    public void Too_little_memory_and_errors_of_native_libraries_end_one_run_only()
    {
        TrainAndScore train = (learn, test, options, settings) => settings.Context.Seed switch
        {
            1 => throw new InsufficientMemoryException("No room."),
            2 => throw new System.ComponentModel.Win32Exception("A tensor does not fit.\nAt frame 0"),
            _ => ValueAsScore(learn, test, options, settings),
        };
        IEnumerable<RunResult> results = Comparison.Run(Data, [Toy], Protocol.Transductive, [1, 2, 3], new(), train).OrderBy(result => result.Seed);
        Assert.Equal(["InsufficientMemoryException: No room.", "Win32Exception: A tensor does not fit.", null], results.Select(result => result.Error));
    }

    [Fact]
    public void Errors_that_nobody_can_mend_are_not_swallowed() => Assert.Equal("A bug.", Assert.Throws<InvalidOperationException>(() => Comparison
        .Run(Data, [Toy], Protocol.Transductive, [1], new(), (_, _, _, _) => throw new InvalidOperationException("A bug.")).ToList()).Message);

    [Fact]
    public void Cancellation_ends_the_comparison()
    {
        using CancellationTokenSource source = new();
        TrainingSettings settings = new() { Context = new() { Threads = 1, Cancellation = source.Token } };
        List<RunResult> results = [];
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (RunResult result in Comparison.Run(Data, [Toy], Protocol.Transductive, [.. Enumerable.Range(0, 1000)], settings, (train, test, options, inner) =>
            {
                inner.Context.Cancellation.WaitHandle.WaitOne(2);
                inner.Context.Cancellation.ThrowIfCancellationRequested();
                return ValueAsScore(train, test, options, inner);
            }))
            {
                results.Add(result);
                source.Cancel();
            }
        });
        Assert.InRange(results.Count, 1, 500);
    }

    [Fact]
    public void A_caller_that_stops_reading_stops_the_runs()
    {
        int started = 0;
        _ = Comparison.Run(Data, [Toy], Protocol.Transductive, [.. Enumerable.Range(0, 1000)], new(), (train, test, options, settings) =>
        {
            Interlocked.Increment(ref started);
            Thread.Sleep(2);
            return ValueAsScore(train, test, options, settings);
        }).First();
        int afterwards = started;
        Assert.InRange(afterwards, 1, 500);
        Thread.Sleep(20);
        Assert.Equal(afterwards, started);
    }

    [Fact]
    public void Data_without_both_kinds_of_labels_is_refused_before_anything_runs()
    {
        Assert.Contains("no labels", Assert.Throws<DataException>(() => Run(Data.Samples!.WithLabels(null))).Message, StringComparison.Ordinal);
        Assert.Contains("All 10 labels are 0", Assert.Throws<DataException>(() => Run(Data.Samples!.WithLabels(new byte[10]))).Message, StringComparison.Ordinal);
        Assert.Contains("looks at labels", Assert.Throws<OptionException>(() => Run(Data, new() { Threshold = new(ThresholdKind.Youden) })).Message, StringComparison.Ordinal);
        static void Run(Dataset data, TrainingSettings? settings = null) => Comparison.Run(data, [Toy], Protocol.Transductive, [1], settings ?? new(), ValueAsScore);
    }

    [Fact]
    public void The_json_has_the_keys_that_scripts_rely_on()
    {
        List<RunResult> results = [.. Comparison.Run(Data, [Toy], Protocol.Transductive, [1, 2], new(), ValueAsScore)];
        string[] keys = ["detector", "seed", "rocAuc", "averagePrecision", "auprIn", "precision", "recall", "specificity", "f1", "bestF1", "threshold",
            "contamination", "rows", "features", "trainSeconds", "scoreSeconds", "peakMemoryMb"];
        using JsonDocument one = JsonDocument.Parse(RunResultJson.Serialize(results[0] with { Threshold = 0.1f }));
        Assert.Equal(keys, one.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal("0.1", one.RootElement.GetProperty("threshold").GetRawText());
        Assert.InRange(one.RootElement.GetProperty("peakMemoryMb").GetDouble(), 10, 100_000);

        RunResult failed = new() { Detector = "toy", Seed = 9, Error = "No." };
        using JsonDocument all = JsonDocument.Parse(RunResultJson.Serialize([.. results, failed]));
        Assert.Equal(3, all.RootElement.GetProperty("results").GetArrayLength());
        Assert.Equal([.. keys, "error"], all.RootElement.GetProperty("results")[2].EnumerateObject().Select(property => property.Name));
        JsonElement summary = Assert.Single(all.RootElement.GetProperty("summary").EnumerateArray());
        Assert.Equal(1, summary.GetProperty("rocAuc").GetProperty("mean").GetDouble());
        Assert.Equal(1, summary.GetProperty("failed").GetInt32());
    }

    private sealed class SameRows : IEqualityComparer<(int[] Train, int[] Test)>
    {
        public bool Equals((int[] Train, int[] Test) x, (int[] Train, int[] Test) y) => x.Train.SequenceEqual(y.Train) && x.Test.SequenceEqual(y.Test);

        public int GetHashCode((int[] Train, int[] Test) obj) => obj.Train.Length;
    }

    private sealed record ToyOptions : DetectorOptions
    {
        protected override Detector Create() => throw new NotSupportedException("Only its name is needed.");
    }

    private sealed record OtherToyOptions : DetectorOptions
    {
        protected override Detector Create() => throw new NotSupportedException("Only its name is needed.");
    }
}
