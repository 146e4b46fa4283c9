// Scoring a few rows is over before a test run could be cancelled.
#pragma warning disable xUnit1051

using AnomalySharp.Detectors.Classical;
using AnomalySharp.Preprocessing;
using AnomalySharp.Tables;
using AnomalySharp.Thresholding;

namespace AnomalySharp.Tests.Models;

public class AnomalyModelTests
{
    private static readonly IsolationForestOptions Forest = new();

    private static TrainingSettings With(double? contamination = 0.03, ThresholdRule? rule = null, bool normalOnly = false) =>
        new() { Contamination = contamination, Threshold = rule, NormalOnly = normalOnly, Context = new FitContext { Threads = 2, Seed = 3 } };

    [Fact]
    public void Training_on_nothing_names_the_argument()
    {
        Assert.Equal("data", Assert.Throws<ArgumentNullException>(() => AnomalyModel.Train(null!, new KnnOptions())).ParamName);
        Assert.Equal("options", Assert.Throws<ArgumentNullException>(() => AnomalyModel.Train(new Samples(new float[4], new SampleShape(2)), null!)).ParamName);
    }

    [Fact]
    public void Planted_anomalies_in_a_table_are_found_and_named()
    {
        using AnomalyModel model = AnomalyModel.Train(Payments.Labelled(), Forest, With());
        ScoredSamples scored = model.Score(Payments.Table());
        Assert.Equal(Payments.Anomalies, scored.AnomalyCount);
        // A row or two with empty cells may be odder than the least planted one.
        Assert.InRange(scored.MostAnomalous(Payments.Anomalies).Count(i => i < Payments.Anomalies), Payments.Anomalies - 2, Payments.Anomalies);
        Assert.Equal("order-21", scored.RowName(3));
        Assert.Equal(0.03, model.Contamination);
    }

    [Fact]
    public void Probabilities_agree_with_the_verdicts()
    {
        using AnomalyModel model = AnomalyModel.Train(Payments.Table(), Forest, With());
        ScoredSamples scored = model.Score(Payments.Table());
        for (int i = 0; i < scored.Count; i++) Assert.Equal(scored.IsAnomaly(i), scored.Probabilities.Span[i] > 0.5f);
    }

    [Fact]
    public void Blocks_and_threads_change_no_bit_of_a_score()
    {
        Random random = new(7);
        float[] values = [.. Enumerable.Range(0, 20_000 * 3).Select(_ => random.NextSingle())];
        Samples samples = new(values, new SampleShape(3));
        foreach (DetectorOptions options in new DetectorOptions[] { Forest, new KnnOptions() })
        {
            using AnomalyModel model = AnomalyModel.Train(samples.Slice(0, 500), options, With());
            float[] together = model.Score(samples, threads: 2).Scores.ToArray();
            Assert.Equal(together, model.Score(samples, threads: 1).Scores.ToArray());
            Assert.Equal(together[^1], model.Score(samples.Slice(19_999, 1)).Scores.Span[0]);
        }
    }

    [Fact]
    public void Columns_may_come_in_another_order_and_the_label_column_along()
    {
        using AnomalyModel model = AnomalyModel.Train(Payments.Labelled(), Forest, With() with { LabelColumn = "fraud" });
        Table reordered = Payments.Table(shuffledColumns: true);
        Table labelled = new([.. reordered.Columns, new NumberColumn("fraud", new double[Payments.Rows])]);
        Assert.Equal(model.Score(Payments.Table()).Scores.ToArray(), model.Score(labelled).Scores.ToArray());
    }

    [Fact]
    public void Labels_do_not_change_training()
    {
        using AnomalyModel with = AnomalyModel.Train(Payments.Labelled(), Forest, With());
        using AnomalyModel without = AnomalyModel.Train(Payments.Table(), Forest, With());
        Assert.Equal(without.Score(Payments.Table()).Scores.ToArray(), with.Score(Payments.Table()).Scores.ToArray());
        Assert.Equal(without.Threshold, with.Threshold);
    }

    [Fact]
    public void Normal_only_training_learns_from_rows_labelled_0()
    {
        using AnomalyModel model = AnomalyModel.Train(Payments.Labelled(), Forest, With(normalOnly: true));
        Assert.Equal(Payments.Rows - Payments.Anomalies, model.Summary.Rows);
        Assert.Equal(Payments.Anomalies, model.Score(Payments.Labelled()).UnseenCategories["country"]);
        Assert.Throws<DataException>(() => AnomalyModel.Train(Payments.Table(), Forest, With(normalOnly: true)));
        Dataset noNormal = new(Payments.Table(), [.. Enumerable.Repeat((byte)1, Payments.Rows)]);
        Assert.Throws<DataException>(() => AnomalyModel.Train(noNormal, Forest, With(normalOnly: true)));
    }

    [Theory]
    [InlineData(ThresholdKind.Youden, false)]
    [InlineData(ThresholdKind.BestF1, true)]
    public void Labelled_rules_separate_the_planted_anomalies(ThresholdKind kind, bool normalOnly)
    {
        using AnomalyModel model = AnomalyModel.Train(Payments.Labelled(), new KnnOptions(), With(null, new ThresholdRule(kind), normalOnly));
        ScoredSamples scored = model.Score(Payments.Labelled());
        Assert.Equal(Payments.Anomalies, scored.AnomalyCount);
        Assert.Equal(Payments.Labels(), scored.Labels);
    }

    [Fact]
    public void Without_contamination_the_threshold_is_median_and_mad_and_contamination_is_what_it_flags()
    {
        using AnomalyModel model = AnomalyModel.Train(Payments.Table(), Forest, With(null));
        Assert.Equal(ThresholdKind.MedianMad, model.ThresholdRule.Kind);
        Assert.Equal(model.Score(Payments.Table()).AnomalyCount / (double)Payments.Rows, model.Contamination);
        Assert.InRange(model.Contamination, 0.01, 0.15);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-0.1)]
    [InlineData(0.51)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    public void Contamination_out_of_range_is_refused(double contamination) =>
        Assert.Throws<OptionException>(() => AnomalyModel.Train(Payments.Table(), Forest, contamination));

    [Fact]
    public void Settings_that_cannot_work_are_refused_before_training()
    {
        TrainingSettings noThreads = With() with { Context = new FitContext { Threads = 0 } };
        Assert.Throws<OptionException>(() => AnomalyModel.Train(Payments.Table(), Forest, noThreads));
        Assert.Throws<OptionException>(() => AnomalyModel.Train(Payments.Table(), Forest, With(rule: new ThresholdRule(ThresholdKind.Youden))));
        ThresholdRule unknownShare = new(ThresholdKind.Contamination);
        Assert.Throws<OptionException>(() => AnomalyModel.Train(Payments.Table(), Forest, With(null, unknownShare)));
        Assert.Throws<OptionException>(() => AnomalyModel.Train(Payments.Table(), Forest with { Trees = 0 }, With()));
    }

    [Fact]
    public void No_rows_and_one_row_are_refused()
    {
        Assert.Throws<DataException>(() => AnomalyModel.Train(new Table([new NumberColumn("x", [])], "empty.csv"), Forest));
        Assert.Throws<DataException>(() => AnomalyModel.Train(new Table([new NumberColumn("x", [1.5])], "one.csv"), Forest));
        Assert.Throws<DataException>(() => AnomalyModel.Train(new Samples(new float[] { 1, 2 }, new SampleShape(2)), Forest));
    }

    [Fact]
    public void Data_of_another_kind_or_shape_is_refused()
    {
        Samples samples = new(new float[40], new SampleShape(4));
        using AnomalyModel ofTable = AnomalyModel.Train(Payments.Table(), Forest, With());
        using AnomalyModel ofSamples = AnomalyModel.Train(samples, Forest, With());
        Assert.Throws<DataException>(() => ofTable.Score(samples));
        Assert.Throws<DataException>(() => ofSamples.Score(Payments.Table()));
        Assert.Throws<DataException>(() => ofSamples.Score(new Samples(new float[10], new SampleShape(5))));
    }

    [Fact]
    public void A_value_that_is_not_finite_is_named_with_its_row_in_the_whole_data()
    {
        float[] values = [.. Enumerable.Range(0, 60_000).Select(i => (float)(i % 7))];
        values[50_001] = float.NaN;
        using AnomalyModel model = AnomalyModel.Train(new Samples(values.AsMemory(0, 3_000), new SampleShape(3)), Forest, With());
        string message = Assert.Throws<DataException>(() => model.Score(new Samples(values, new SampleShape(3)))).Message;
        Assert.Contains("row 16667, column 'f0'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_summary_tells_how_the_model_came_about()
    {
        List<FitProgress> heard = [];
        Listener listener = new(heard);
        TrainingSettings settings = With() with { Context = new FitContext { Threads = 1, Seed = 42, Progress = listener } };
        using AnomalyModel model = AnomalyModel.Train(Payments.Table(), Forest, settings);
        Assert.Equal((Payments.Rows, 42, 1), (model.Summary.Rows, model.Summary.Seed, model.Summary.Threads));
        Assert.Equal(model.Encoder!.Features.Count, model.Summary.Features);
        Assert.NotEmpty(heard);
        Assert.Equal(heard, model.Summary.History);
        Assert.True(model.Summary.Seconds > 0);
        Assert.Matches(@"^\d+\.\d+\.\d+", model.Summary.Version);
        Assert.Contains(model.Summary.Notes, note => note.Contains("'order'", StringComparison.Ordinal));
    }

    [Fact]
    public void Cancelling_stops_training_and_scoring()
    {
        using CancellationTokenSource source = new();
        using AnomalyModel model = AnomalyModel.Train(Payments.Table(), Forest, With());
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => model.Score(Payments.Table(), cancellation: source.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => AnomalyModel.Train(Payments.Table(), Forest, 0.1, cancellation: source.Token));
    }

    [Fact]
    public void Scaling_asked_for_is_used()
    {
        using AnomalyModel preferred = AnomalyModel.Train(Payments.Table(), new KnnOptions(), With());
        using AnomalyModel asked = AnomalyModel.Train(Payments.Table(), new KnnOptions(), With() with { Scaling = FeatureScaling.MinMax });
        Assert.Equal(FeatureScaling.Standard, preferred.Scaling);
        Assert.Equal(FeatureScaling.MinMax, asked.Scaling);
        Assert.NotEqual(preferred.Threshold, asked.Threshold);
    }

    private sealed class Listener(List<FitProgress> heard) : IProgress<FitProgress>
    {
        public void Report(FitProgress value)
        {
            lock (heard) heard.Add(value);
        }
    }
}
