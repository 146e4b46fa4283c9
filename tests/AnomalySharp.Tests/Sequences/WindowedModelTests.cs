using AnomalySharp.Detectors.Classical;
using AnomalySharp.Detectors.Prediction;
using AnomalySharp.Explanation;
using AnomalySharp.FeatureExtraction;
using AnomalySharp.Preprocessing;
using AnomalySharp.Sequences;
using AnomalySharp.Tables;
using AnomalySharp.Tests.Contract;

namespace AnomalySharp.Tests.Sequences;

public sealed class WindowedModelTests : IDisposable
{
    private const int Wrong = 150;

    private static readonly TrainingSettings Settings = new()
    {
        Windows = new WindowSettings { TimeColumn = "time", EntityColumn = "machine", Length = 8 },
        Contamination = 0.01,
        Context = new FitContext { Seed = 1, Threads = 1 },
    };

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"windowed-{Guid.NewGuid():N}.anomaly");

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("autoregression")]
    [InlineData("persistence")]
    [InlineData("knn")]
    public void A_spike_in_one_channel_of_one_machine_is_the_most_abnormal_row_and_the_channel_is_why(string detector)
    {
        Dataset data = Machines(spike: true);
        using AnomalyModel model = AnomalyModel.Train(data, DetectorCatalog.Find(detector).CreateOptions(), Settings);
        ScoredSamples scored = model.Score(data, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(data.Count, scored.Count);
        int top = scored.MostAnomalous(1)[0];
        // Persistence finds the way back from the spike as surprising as the way there; rows of the machines alternate.
        int[] expected = detector == "persistence" ? [Wrong, Wrong + 2] : [Wrong];
        Assert.Contains(top, expected);
        SampleExplanation why = model.Explain(data, [top])[0];
        Assert.Equal(scored.Scores.Span[top], why.Score);
        Assert.Equal("pressure", why.Columns[0].Column);
        Assert.True(why.Columns[0].Share > 0.8, $"{why.Columns[0]}: {why.Columns[0].Share}");
    }

    [Fact]
    public void A_saved_model_knows_its_windows_and_scores_rows_in_any_order_alike()
    {
        Dataset data = Machines(spike: true);
        using AnomalyModel model = AnomalyModel.Train(data, new AutoregressionOptions(), Settings);
        model.Save(_file);
        using AnomalyModel loaded = AnomalyModel.Load(_file);
        Assert.Equal(model.Windows, loaded.Windows);
        Assert.Equal(60, loaded.Windows!.UsualStep);
        float[] scores = model.Score(data, cancellation: TestContext.Current.CancellationToken).Scores.ToArray();
        Assert.Equal(scores, loaded.Score(data, cancellation: TestContext.Current.CancellationToken).Scores.ToArray());
        int[] order = [.. Enumerable.Range(0, data.Count)];
        new Random(4).Shuffle(order);
        ScoredSamples shuffled = loaded.Score(data.Select(order), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(order.Select(row => scores[row]), shuffled.Scores.ToArray());
        Assert.Contains(shuffled.Notes, note => note.Contains("put in order", StringComparison.Ordinal));
    }

    [Fact]
    public void Rows_that_no_window_judges_get_the_median_of_training_and_a_note()
    {
        Dataset data = Machines(spike: false);
        using AnomalyModel model = AnomalyModel.Train(data, new AutoregressionOptions(), Settings);
        ScoredSamples scored = model.Score(data, cancellation: TestContext.Current.CancellationToken);
        // The order is 7: the first seven rows of each machine have no forecast.
        float[] first = scored.Scores[..14].ToArray();
        Assert.Single(first.Distinct());
        float[] judged = [.. scored.Scores[14..].ToArray().Order()];
        Assert.Equal((judged[judged.Length / 2] + judged[(judged.Length / 2) - 1]) / 2, first[0], 1e-5);
        Assert.Contains(scored.Notes, note => note.StartsWith("14 rows are judged by no window of 8 rows", StringComparison.Ordinal));
        Assert.Empty(model.Explain(data, [3])[0].Columns);
    }

    [Fact]
    public void The_score_of_a_row_is_the_mean_of_the_windows_that_cover_it_where_a_detector_judges_whole_windows()
    {
        Samples rows = new(Enumerable.Range(0, 12).Select(i => (float)(i == 6 ? 9 : i % 2)).ToArray(), new SampleShape(1));
        TrainingSettings settings = Settings with { Windows = new WindowSettings { Length = 3 }, Scaling = FeatureScaling.None };
        using AnomalyModel model = AnomalyModel.Train(rows, new KnnOptions { K = 1 }, settings);
        float[] scores = model.Score(rows, cancellation: TestContext.Current.CancellationToken).Scores.ToArray();
        float[] values = [.. Enumerable.Range(0, 10).SelectMany(i => Enumerable.Range(i, 3).Select(j => rows[j][0]))];
        Samples windows = new(values, new SampleShape(3, 1));
        float[] ofWindows = model.Detector.Score(windows);
        for (int i = 0; i < 12; i++)
        {
            float[] covering = ofWindows[Math.Max(0, i - 2)..Math.Min(10, i + 1)];
            Assert.Equal(covering.Average(), scores[i], 1e-5);
        }
    }

    [Fact]
    public void Training_on_normal_rows_only_lets_no_window_touch_an_anomaly()
    {
        Dataset data = Machines(spike: true);
        Dataset labelled = new(data.Table!, [.. Enumerable.Range(0, data.Count).Select(i => i == Wrong ? (byte)1 : (byte)0)]);
        using AnomalyModel all = AnomalyModel.Train(labelled, new AutoregressionOptions(), Settings);
        using AnomalyModel normal = AnomalyModel.Train(labelled, new AutoregressionOptions(), Settings with { NormalOnly = true });
        // One machine loses the eight windows over its anomaly.
        Assert.Equal(all.Summary.Rows - 8, normal.Summary.Rows);
        float learnt = all.Score(labelled, cancellation: TestContext.Current.CancellationToken).Scores.Span[Wrong];
        Assert.True(normal.Score(labelled, cancellation: TestContext.Current.CancellationToken).Scores.Span[Wrong] > 5 * learnt);
    }

    [Fact]
    public void Features_of_windows_judge_rows_and_the_channel_is_why()
    {
        Dataset data = Machines(spike: true);
        TrainingSettings settings = Settings with { Features = FeatureCatalog.Parse("autoencoder:3[epochs=60;patience=0;activation=relu]") };
        using AnomalyModel model = AnomalyModel.Train(data, new KnnOptions(), settings);
        Assert.Equal(3, model.Summary.Features);
        ScoredSamples scored = model.Score(data, cancellation: TestContext.Current.CancellationToken);
        int top = scored.MostAnomalous(1)[0];
        // Eight rows of a machine share windows with the spike.
        Assert.InRange(Math.Abs(top - Wrong), 0, 14);
        SampleExplanation why = model.Explain(data, [top])[0];
        Assert.Equal(scored.Scores.Span[top], why.Score, 1e-4f * why.Score);
        Assert.Equal("pressure", why.Columns[0].Column);
        model.Save(_file);
        using AnomalyModel loaded = AnomalyModel.Load(_file);
        Assert.Equal(scored.Scores, loaded.Score(data, cancellation: TestContext.Current.CancellationToken).Scores);
    }

    [Fact]
    public void Explaining_rows_one_by_one_or_all_at_once_says_the_same()
    {
        Dataset data = Machines(spike: true);
        using AnomalyModel model = AnomalyModel.Train(data, new KnnOptions(), Settings);
        Samples all = model.Attribute(data, cancellation: TestContext.Current.CancellationToken);
        int[] some = [Wrong, 3, Wrong + 2, 3];
        IReadOnlyList<SampleExplanation> together = model.Explain(data, some);
        for (int i = 0; i < some.Length; i++) Assert.Equivalent(model.Explain(data, [some[i]])[0], together[i], strict: true);
        double highest = all[Wrong].ToArray().Max();
        Assert.Equal("pressure", together[0].Columns[0].Column);
        Assert.Equal(highest / all[Wrong].ToArray().Where(part => part > 0).Sum(), together[0].Columns[0].Share, 1e-5);
    }

    [Fact]
    public void What_is_no_row_or_too_short_or_on_tables_is_refused()
    {
        Dataset data = Machines(spike: false);
        DataException tooLong = Assert.Throws<DataException>(
            () => AnomalyModel.Train(data, new KnnOptions(), Settings with { Windows = Settings.Windows! with { Length = 500 } }));
        Assert.Contains("a window has 500 rows", tooLong.Message, StringComparison.Ordinal);
        DataException table = Assert.Throws<DataException>(
            () => AnomalyModel.Train(data, new PersistenceOptions(), Settings with { Windows = null }));
        Assert.Contains("--time or --window", table.Message, StringComparison.Ordinal);
        Samples windows = EasyData.Create(DataKinds.Sequence, 20, 2, 1);
        Assert.Throws<DataException>(() => AnomalyModel.Train(windows, new KnnOptions(), Settings));
        OptionException window = Assert.Throws<OptionException>(
            () => AnomalyModel.Train(data, new KnnOptions(), Settings with { Windows = new WindowSettings { Length = 1 } }));
        Assert.Contains("2 to 10000", window.Message, StringComparison.Ordinal);
    }

    /// <summary>Two machines whose rows alternate, a reading a minute: two slow waves each, with a little noise.</summary>
    private static Dataset Machines(bool spike)
    {
        const int Count = 300;
        Random random = new(7);
        double[] time = new double[Count], pressure = new double[Count], heat = new double[Count];
        string?[] machine = new string?[Count];
        for (int i = 0; i < Count; i++)
        {
            (time[i], machine[i]) = (60 * (i / 2), i % 2 == 0 ? "a" : "b");
            pressure[i] = Math.Sin(i / 12.0) + (0.02 * random.NextDouble()) + (spike && i == Wrong ? 2.5 : 0);
            heat[i] = 20 + Math.Cos(i / 20.0) + (0.02 * random.NextDouble());
        }
        NumberColumn[] numbers = [new("pressure", pressure), new("heat", heat)];
        return new Table([new NumberColumn("time", time), new TextColumn("machine", machine), .. numbers]);
    }
}
