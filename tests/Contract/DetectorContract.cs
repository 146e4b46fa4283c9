using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using AnomalySharp.Persistence;
using AnomalySharp.Sequences;

namespace AnomalySharp.Tests.Contract;

/// <summary>The promises that every detector of the catalogue keeps. A new one is tested by being in the catalogue.</summary>
public class DetectorContract
{
    public static TheoryData<string> Cases => [.. ContractCase.All.Keys];

    public static TheoryData<string> StepCases => [.. ContractCase.All.Where(one => one.Value.ScoresSteps).Select(one => one.Key)];

    [Theory(SkipTestWithoutData = true), MemberData(nameof(Cases))]
    public void Scores_are_finite_and_as_many_as_samples(string name)
    {
        ContractCase tested = ContractCase.All[name];
        float[] scores = tested.Shared.Score(tested.Test);
        Assert.Equal(tested.Test.Count, scores.Length);
        Assert.All(scores, score => Assert.True(float.IsFinite(score)));
        Assert.Empty(tested.Shared.Score(tested.Test.Slice(0, 0)));
    }

    [Theory(SkipTestWithoutData = true), MemberData(nameof(Cases))]
    public void Samples_far_outside_the_training_range_get_finite_and_high_scores(string name)
    {
        ContractCase tested = ContractCase.All[name];
        float[] values = tested.Test.Slice(0, 3).Values.ToArray();
        // What is constant is no surprise to a forecast: there the far half follows a usual one.
        for (int j = tested.JudgesTheEnd ? tested.Shape.Length / 2 : 0; j < tested.Shape.Length; j++) values[tested.Shape.Length + j] = 1e6f;
        values.AsSpan(2 * tested.Shape.Length).Fill(-1e25f);
        float[] scores = tested.Shared.Score(new Samples(values, tested.Shape));
        Assert.All(scores, score => Assert.True(float.IsFinite(score)));
        Assert.True(scores[1] > scores[0], $"{scores[1]} for a sample of 1e6, {scores[0]} for a usual one.");
    }

    [Theory(SkipTestWithoutData = true), MemberData(nameof(StepCases))]
    public void The_score_of_a_window_is_the_mean_over_its_judged_steps_and_the_last_is_judged(string name)
    {
        ContractCase tested = ContractCase.All[name];
        int steps = tested.Shape[0];
        float[] whole = tested.Shared.Score(tested.Test), parts = ((IStepScores)tested.Shared).ScoreSteps(tested.Test);
        Assert.Equal(whole.Length * steps, parts.Length);
        for (int i = 0; i < whole.Length; i++)
        {
            float[] judged = [.. parts.Skip(i * steps).Take(steps).Where(score => !float.IsNaN(score))];
            Assert.False(float.IsNaN(parts[(i + 1) * steps - 1]));
            Assert.Equal(whole[i], judged.Average(), 1e-4 * Math.Abs(whole[i]));
        }
    }

    [Theory(SkipTestWithoutData = true), MemberData(nameof(Cases))]
    public void Neither_order_nor_batch_size_changes_scores(string name)
    {
        ContractCase tested = ContractCase.All[name];
        float[] scores = tested.Shared.Score(tested.Test);
        int[] order = [.. Enumerable.Range(0, scores.Length)];
        new Random(3).Shuffle(order);
        Assert.Equal(order.Select(i => scores[i]), tested.Shared.Score(tested.Test.Select(order)));
        foreach (int size in new[] { 1, 7, 33 })
        {
            List<float> parts = [];
            for (int start = 0; start < scores.Length; start += size)
            {
                parts.AddRange(tested.Shared.Score(tested.Test.Slice(start, Math.Min(size, scores.Length - start))));
            }
            Assert.Equal(scores, parts);
        }
    }

    [Theory(SkipTestWithoutData = true), MemberData(nameof(Cases))]
    public void The_easy_set_is_mastered_with_every_seed_and_the_same_seed_gives_the_same_scores(string name)
    {
        ContractCase tested = ContractCase.All[name];
        Samples training = tested.Training;
        float[] first = tested.Shared.Score(training);
        Assert.InRange(EasyData.RocAuc(first, training.Labels!), 0.95, 1);
        Assert.InRange(EasyData.RocAuc(tested.Shared.Score(tested.Test), tested.Test.Labels!), 0.95, 1);
        using Detector same = tested.Train(training);
        Assert.Equal(first, same.Score(training));
        using Detector other = tested.Train(training, new FitContext { Seed = 20, Threads = 2 });
        Assert.InRange(EasyData.RocAuc(other.Score(training), training.Labels!), 0.95, 1);
    }

    [Theory(SkipTestWithoutData = true), MemberData(nameof(Cases))]
    public void A_stored_state_gives_identical_scores_and_attributions(string name)
    {
        ContractCase tested = ContractCase.All[name];
        string json = JsonSerializer.Serialize(tested.Options, tested.Entry.OptionsType, DetectorCatalog.Json);
        DetectorOptions options = (DetectorOptions)JsonSerializer.Deserialize(json, tested.Entry.OptionsType, DetectorCatalog.Json)!;
        Assert.Equal(json, JsonSerializer.Serialize(options, tested.Entry.OptionsType, DetectorCatalog.Json));
        using Detector restored = options.CreateDetector();
        restored.SetState(tested.Shared.GetState(), tested.Shape);
        Assert.Equal(tested.Shared.Score(tested.Test), restored.Score(tested.Test));
        Assert.Equal(tested.Shared.Attribute(tested.Test).Values.ToArray(), restored.Attribute(tested.Test).Values.ToArray());
    }

    [Theory(SkipTestWithoutData = true), MemberData(nameof(Cases))]
    public void A_state_that_lacks_an_array_or_a_number_is_refused(string name)
    {
        ContractCase tested = ContractCase.All[name];
        TensorState state = tested.Shared.GetState();
        Assert.NotEmpty(state.Tensors);
        foreach ((string key, StoredTensor tensor) in state.Tensors)
        {
            TensorState missing = new(), shortened = new();
            foreach ((string other, StoredTensor kept) in state.Tensors)
            {
                if (other != key) missing.Add(other, kept);
                int size = tensor.Kind switch { TensorKind.U8 => 1, TensorKind.F64 or TensorKind.I64 => 8, _ => 4 };
                // One value less; one more where there is none.
                byte[] bytes = kept.Bytes.IsEmpty ? new byte[size] : kept.Bytes[..Math.Max(0, kept.Bytes.Length - size)].ToArray();
                shortened.Add(other, other != key ? kept : new StoredTensor(kept.Kind, [bytes.Length / size], bytes));
            }
            using Detector first = tested.Options.CreateDetector(), second = tested.Options.CreateDetector();
            Assert.Throws<ModelFileException>(() => first.SetState(missing, tested.Shape));
            Assert.Throws<ModelFileException>(() => second.SetState(shortened, tested.Shape));
        }
    }

    [Theory(SkipTestWithoutData = true), MemberData(nameof(Cases))]
    public void Training_reports_progress_up_to_its_total(string name)
    {
        ContractCase tested = ContractCase.All[name];
        List<FitProgress> reports = [];
        int thread = Environment.CurrentManagedThreadId;
        using Detector detector = tested.Train(tested.Training, new FitContext
        {
            Seed = 1,
            Threads = 2,
            Progress = new Reporter(report =>
        {
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
            reports.Add(report);
        })
        });
        Assert.NotEmpty(reports);
        Assert.All(reports, report => Assert.InRange(report.Done, 1, report.Total));
        Assert.All(reports.GroupBy(report => report.Phase), phase =>
        {
            Assert.Equal(phase.Select(report => report.Done).Distinct().Order(), phase.Select(report => report.Done));
        });
        // Early stopping may end a training before its last epoch; nothing else may.
        bool mayStop = tested.Entry.Options.Any(option => option.Name == "patience");
        if (!mayStop) Assert.Equal(reports[^1].Total, reports[^1].Done);
    }

    [Theory(SkipTestWithoutData = true), MemberData(nameof(Cases))]
    public void Cancelling_stops_the_training_at_once(string name)
    {
        ContractCase tested = ContractCase.All[name];
        Samples training = tested.Training;
        FitContext cancelled = new() { Cancellation = new CancellationToken(canceled: true) };
        Assert.ThrowsAny<OperationCanceledException>(() => tested.Train(training, cancelled));
        using CancellationTokenSource source = new();
        List<FitProgress> reports = [];
        FitContext context = new()
        {
            Seed = 1,
            Threads = 2,
            Cancellation = source.Token,
            Progress = new Reporter(report =>
        {
            reports.Add(report);
            source.Cancel();
        })
        };
        Exception? stopped = Record.Exception(() => tested.Train(training, context).Dispose());
        // Training in one unit has nothing left to stop once that is reported.
        if (reports[0].Done < reports[0].Total) Assert.IsAssignableFrom<OperationCanceledException>(stopped);
        Assert.Single(reports);
    }

    [Theory(SkipTestWithoutData = true), MemberData(nameof(Cases))]
    public void Values_that_are_not_finite_are_refused_with_their_row_and_column(string name)
    {
        ContractCase tested = ContractCase.All[name];
        Samples training = tested.Training;
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            float[] values = training.Values.ToArray();
            values[5 * tested.Shape.Length + 2] = bad;
            Samples broken = training.WithValues(values, training.Shape, training.FeatureNames);
            Action[] actions = [() => tested.Train(broken), () => tested.Shared.Score(broken), () => tested.Shared.Attribute(broken)];
            foreach (Action action in actions)
            {
                DataException refused = Assert.Throws<DataException>(action);
                Assert.Contains("row sample 5", refused.Message, StringComparison.Ordinal);
                Assert.Contains("'feature 2'", refused.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory(SkipTestWithoutData = true), MemberData(nameof(Cases))]
    public void No_sample_one_sample_and_another_shape_are_refused(string name)
    {
        ContractCase tested = ContractCase.All[name];
        Samples training = tested.Training;
        Assert.Throws<DataException>(() => tested.Train(training.Slice(0, 0)));
        Assert.Throws<DataException>(() => tested.Train(training.Slice(0, 1)));
        using Detector fresh = tested.Options.CreateDetector();
        Assert.Throws<DataException>(() => fresh.Fit(training.Slice(0, fresh.MinimumSamples - 1), new FitContext()));
        SampleShape wrong = tested.Kind == DataKinds.Table ? new SampleShape(tested.Shape.Length + 1) : new SampleShape(tested.Shape.Length);
        Samples other = new(new float[4 * wrong.Length], wrong);
        DataException refused = Assert.Throws<DataException>(() => tested.Shared.Score(other));
        Assert.Contains(tested.Shape.ToString(), refused.Message, StringComparison.Ordinal);
        Assert.Contains(wrong.ToString(), refused.Message, StringComparison.Ordinal);
        Assert.Throws<DataException>(() => tested.Shared.Attribute(other));
        Assert.Throws<InvalidOperationException>(() => fresh.Score(training));
    }

    [Theory(SkipTestWithoutData = true), MemberData(nameof(Cases))]
    public void Constant_columns_and_the_fewest_samples_can_be_learnt(string name)
    {
        ContractCase tested = ContractCase.All[name];
        float[] values = tested.Training.Values.ToArray();
        for (int i = 0; i < values.Length; i += tested.Shape.Length) values[i] = 0.25f;
        Samples constant = new(values, tested.Shape);
        using Detector detector = tested.Train(constant);
        Assert.InRange(EasyData.RocAuc(detector.Score(constant), tested.Training.Labels!), 0.95, 1);
        using Detector fresh = tested.Options.CreateDetector();
        fresh.Fit(constant.Slice(0, fresh.MinimumSamples), new FitContext());
        Assert.All(fresh.Score(constant.Slice(0, 3)), score => Assert.True(float.IsFinite(score)));
        using Detector equal = tested.Train(new Samples(new float[20 * tested.Shape.Length], tested.Shape));
        Assert.All(equal.Score(constant.Slice(0, 3)), score => Assert.True(float.IsFinite(score)));
    }

    [Theory(SkipTestWithoutData = true), MemberData(nameof(Cases))]
    public void Every_option_outside_its_range_is_refused_with_the_range(string name)
    {
        ContractCase tested = ContractCase.All[name];
        foreach (DetectorOption option in tested.Entry.Options)
        {
            Assert.NotEmpty(option.Description);
            if (option.Type == typeof(string)) continue;
            foreach (string text in RefusedValues(tested.Entry.OptionsType, option))
            {
                OptionException refused =
                    Assert.Throws<OptionException>(() => DetectorOption.Apply(tested.Entry.CreateOptions(), [new(option.Name, text)]));
                Assert.Contains($"'{option.Name}'", refused.Message, StringComparison.Ordinal);
                Assert.Contains(option.AllowedText, refused.Message, StringComparison.Ordinal);
            }
            DetectorOption.Apply(tested.Entry.CreateOptions(), [new(option.Name, option.DefaultText)]).CreateDetector().Dispose();
        }
    }

    [Theory(SkipTestWithoutData = true), MemberData(nameof(Cases))]
    public void Attributions_are_finite_and_point_at_what_was_corrupted(string name)
    {
        ContractCase tested = ContractCase.All[name];
        Samples normal = EasyData.Create(tested.Kind, tested.HasPixels ? 120 : 400, 0, seed: 5);
        using Detector detector = tested.Train(normal);
        const int Count = 12;
        int width = tested.Shape.Length, share = tested.Kind == DataKinds.Table ? 1 : width / 8;
        float[] values = EasyData.Create(tested.Kind, Count, 0, seed: 6).Values.ToArray();
        int First(int i) => tested.JudgesTheEnd ? width - share : i * share;
        for (int i = 0; i < Count; i++)
        {
            for (int j = 0; j < share; j++) values[i * width + (First(i) + j) % width] += 4;
        }
        Samples attributions = detector.Attribute(new Samples(values, tested.Shape));
        Assert.Equal(tested.Shape, attributions.Shape);
        Assert.Equal(Count, attributions.Count);
        int found = 0;
        for (int i = 0; i < Count; i++)
        {
            float[] row = attributions[i].ToArray();
            Assert.All(row, value => Assert.True(float.IsFinite(value)));
            // In a table the corrupted column comes first; in a picture the corrupted pixels weigh more than the others on average.
            double corrupted = Enumerable.Range(0, share).Average(j => row[(First(i) + j) % width]);
            int first = Array.IndexOf(row, row.Max());
            bool right = share == 1 ? first == i % width : corrupted > 2 * Math.Max(0, (row.Sum() - corrupted * share) / (width - share));
            found += right ? 1 : 0;
        }
        Assert.InRange(found, Count - 1, Count);
    }

    [Theory(SkipTestWithoutData = true), MemberData(nameof(Cases))]
    public void Scoring_on_several_threads_gives_what_scoring_on_one_gives(string name)
    {
        ContractCase tested = ContractCase.All[name];
        float[] scores = tested.Shared.Score(tested.Test), contributions = tested.Shared.Attribute(tested.Test).Values.ToArray();
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            Assert.Equal(scores, tested.Shared.Score(tested.Test));
            Assert.Equal(contributions, tested.Shared.Attribute(tested.Test).Values.ToArray());
        });
    }

    [Theory(SkipTestWithoutData = true), MemberData(nameof(Cases))]
    public void A_detector_that_was_disposed_of_says_so(string name)
    {
        ContractCase tested = ContractCase.All[name];
        Detector gone = tested.Train(tested.Training);
        gone.Dispose();
        gone.Dispose();
        Assert.Throws<ObjectDisposedException>(() => gone.Score(tested.Test));
        Assert.Throws<ObjectDisposedException>(() => gone.Attribute(tested.Test));
        Assert.Throws<ObjectDisposedException>(gone.GetState);
        Assert.Throws<ObjectDisposedException>(() => gone.Fit(tested.Training, new FitContext()));
        Assert.Throws<ObjectDisposedException>(() => gone.SetState(tested.Shared.GetState(), tested.Shape));
    }

    [Theory(SkipTestWithoutData = true), MemberData(nameof(Cases))]
    public void Less_than_one_thread_is_refused(string name)
    {
        ContractCase tested = ContractCase.All[name];
        using Detector detector = tested.Options.CreateDetector();
        OptionException refused = Assert.Throws<OptionException>(() => detector.Fit(tested.Training, new FitContext { Threads = 0 }));
        Assert.Contains("threads is 0; allowed: 1 or more", refused.Message, StringComparison.Ordinal);
    }

    private static List<string> RefusedValues(Type options, DetectorOption option)
    {
        List<string> refused = ["nonsense"];
        bool whole = option.Type == typeof(int) || option.Type == typeof(IReadOnlyList<int>);
        PropertyInfo property = options.GetProperties().Single(candidate => JsonNamingPolicy.CamelCase.ConvertName(candidate.Name) == option.Name);
        if (property.GetCustomAttribute<RangeAttribute>() is not { } range)
        {
            Assert.False(whole || option.Type == typeof(double) || option.Type == typeof(float), $"Option '{option.Name}' has no range.");
            return refused;
        }
        double low = Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture);
        double high = Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture);
        if (!whole) refused.AddRange([Text(low - Math.Max(1e-9, Math.Abs(low) / 2)), Text(high * 2 + 1), "NaN", "Infinity"]);
        if (whole && low > int.MinValue) refused.Add(Text(low - 1));
        if (whole && high < int.MaxValue) refused.Add(Text(high + 1));
        return refused;

        static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);
    }

    private sealed class Reporter(Action<FitProgress> report) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => report(value);
    }
}
