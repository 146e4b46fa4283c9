using AnomalySharp.Data.Protocols;
using AnomalySharp.Detectors.Classical;
using AnomalySharp.Evaluation;
using AnomalySharp.Explanation;
using AnomalySharp.FeatureExtraction;
using AnomalySharp.Preprocessing;
using AnomalySharp.Sequences;
using AnomalySharp.Tables;

namespace AnomalySharp.Tests.Conditioning;

public sealed class ContextTests : IDisposable
{
    private static readonly TrainingSettings Plain = new() { Contamination = 0.03, Context = new FitContext { Seed = 1, Threads = 2 } };

    private static readonly TrainingSettings Given = Plain with { ContextColumns = SeasonalReadings.Context };

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"context-{Guid.NewGuid():N}.anomaly");

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("nearest-neighbor-sample")]
    [InlineData("isolation-forest")]
    [InlineData("knn")]
    public void Values_that_are_normal_overall_are_abnormal_given_their_context(string detector)
    {
        Dataset data = SeasonalReadings.Make(1500, anomalies: 75, seed: 3);
        Assert.InRange(RocAuc(data, detector, Given), 0.95, 1);
        Assert.InRange(RocAuc(data, detector, Plain), 0, 0.6);
        Assert.InRange(RocAuc(Without(data, [.. SeasonalReadings.Context]), detector, Plain), 0, 0.6);
    }

    [Fact]
    public void The_reason_is_the_value_and_what_the_context_lets_expect()
    {
        Dataset data = SeasonalReadings.Make(1500, anomalies: 75, seed: 3);
        using AnomalyModel model = AnomalyModel.Train(data, new EcodOptions(), Given);
        Assert.Equal(SeasonalReadings.Context, model.ContextColumns);
        Assert.Equal(["temperature", "demand", "wind"], model.JudgedFeatures);
        Table asked = new([
            new TextColumn("month", ["January", "July"]), new TextColumn("weekday", ["Monday", "Monday"]), new TextColumn("site", ["A", "A"]),
            new NumberColumn("temperature", [24, 24]), new NumberColumn("demand", [55, 45]), new NumberColumn("wind", [6, 6]),
        ]);
        IReadOnlyList<SampleExplanation> why = model.Explain(asked, [0, 1]);
        Assert.True(why[0].Score > 2 * why[1].Score, $"{why[0].Score} against {why[1].Score}");
        ColumnContribution first = why[0].Columns[0];
        Assert.Equal(("temperature", "24"), (first.Column, first.Value));
        Assert.EndsWith(" where month = January, weekday = Monday, site = A", first.Usual, StringComparison.Ordinal);
        // 0.4 with a deviation of 0.6.
        string[] range = first.Usual.Split(" where ")[0].Split(" to ");
        Assert.InRange(double.Parse(range[0], System.Globalization.CultureInfo.InvariantCulture), -4, 0.3);
        Assert.InRange(double.Parse(range[1], System.Globalization.CultureInfo.InvariantCulture), 0.5, 5);
        Assert.All(why.SelectMany(row => row.Columns), column => Assert.DoesNotContain(column.Column, SeasonalReadings.Context));
        Assert.Equal(["temperature", "demand", "wind"], model.Attribute(asked, cancellation: TestContext.Current.CancellationToken).FeatureNames);
    }

    [Fact]
    public void New_rows_are_flagged_as_often_as_those_that_were_learnt_from()
    {
        Dataset data = SeasonalReadings.Make(400, anomalies: 0, seed: 3), later = SeasonalReadings.Make(2000, anomalies: 0, seed: 4);
        using AnomalyModel model = AnomalyModel.Train(data, new KnnOptions(), Given with { Contamination = 0.05 });
        double flagged = model.Score(later, cancellation: TestContext.Current.CancellationToken).AnomalyCount / 2000.0;
        Assert.InRange(flagged, 0.02, 0.1);
    }

    [Fact]
    public void A_saved_model_judges_by_context_as_before_and_any_grouping_of_rows_alike()
    {
        Dataset data = SeasonalReadings.Make(300, anomalies: 9, seed: 5);
        using AnomalyModel model = AnomalyModel.Train(data, new IsolationForestOptions(), Given);
        model.Save(_file);
        using AnomalyModel loaded = AnomalyModel.Load(_file);
        Assert.Equal(SeasonalReadings.Context, loaded.ContextColumns);
        float[] scores = Scores(model, data);
        Assert.Equal(scores, Scores(loaded, data));
        Assert.Equal(model.Explain(data, [0])[0].Columns, loaded.Explain(data, [0])[0].Columns);
        int[] order = [.. Enumerable.Range(0, data.Count)];
        new Random(4).Shuffle(order);
        Assert.Equal(order.Select(row => scores[row]), order.Chunk(7).SelectMany(part => Scores(loaded, data.Select(part))));
        using AnomalyModel again = AnomalyModel.Train(data, new IsolationForestOptions(), Given);
        Assert.Equal(scores, Scores(again, data));
    }

    [Fact]
    public void A_missing_value_is_no_deviation_from_what_the_context_lets_expect()
    {
        Dataset data = SeasonalReadings.Make(600, anomalies: 0, seed: 6);
        double[] temperature = ((NumberColumn)data.Table!.Columns[3]).Values;
        for (int i = 0; i < 600; i += 10) temperature[i] = double.NaN;
        using AnomalyModel model = AnomalyModel.Train(data, new KnnOptions(), Given);
        Samples judged = model.Attribute(data.Select([0, 1]), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(["temperature", "temperature is missing", "demand", "wind"], judged.FeatureNames);
        // The median of the year, which stands for missing values, would be far off in winter and in summer.
        float[] scores = Scores(model, data);
        double missing = Enumerable.Range(0, 60).Average(i => scores[10 * i]), present = Enumerable.Range(0, 60).Average(i => scores[10 * i + 1]);
        Assert.True(missing < 3 * present, $"{missing} against {present}");
    }

    [Fact]
    public void Categories_are_judged_by_how_likely_they_are_in_their_context()
    {
        Random random = new(2);
        string?[] shift = [.. Enumerable.Range(0, 600).Select(i => random.Next(2) == 0 ? "day" : "night")];
        string?[] state = [.. shift.Select((s, i) => i == 0 ? "idle" : s == "day" ? "busy" : random.Next(2) == 0 ? "idle" : "off")];
        shift[0] = "day";
        Dataset data = new Table([new TextColumn("shift", shift), new TextColumn("state", state)]);
        using AnomalyModel model = AnomalyModel.Train(data, new KnnOptions(), Plain with { ContextColumns = ["shift"] });
        Assert.Equal(0, model.Score(data, cancellation: TestContext.Current.CancellationToken).MostAnomalous(1)[0]);
        ColumnContribution why = model.Explain(data, [0])[0].Columns[0];
        Assert.Matches("^busy (9|100).*where shift = day$", why.Usual);
    }

    [Fact]
    public void Windows_and_features_are_of_what_the_context_leaves()
    {
        Dataset data = Series();
        WindowSettings windows = new() { EntityColumn = "machine", Length = 6 };
        TrainingSettings settings = Plain with { Windows = windows, ContextColumns = ["load", "machine"] };
        using AnomalyModel model = AnomalyModel.Train(data, new KnnOptions(), settings);
        Assert.Equal(6, model.Shape.Length);
        int top = model.Score(data, cancellation: TestContext.Current.CancellationToken).MostAnomalous(1)[0];
        Assert.InRange(top, 295, 305);
        Assert.Equal("heat", model.Explain(data, [top])[0].Columns[0].Column);
        model.Save(_file);
        using AnomalyModel loaded = AnomalyModel.Load(_file);
        Assert.Equal(Scores(model, data), Scores(loaded, data));

        IFeatureOptions code = FeatureCatalog.Parse("autoencoder:2[epochs=3]");
        using AnomalyModel coded = AnomalyModel.Train(SeasonalReadings.Make(200, 5, 1), new KnnOptions(), Given with { Features = code });
        Assert.Equal(2, coded.Summary.Features);
        coded.Save(_file);
        using AnomalyModel decoded = AnomalyModel.Load(_file);
        Assert.Equal(Scores(coded, SeasonalReadings.Make(50, 2, 2)), Scores(decoded, SeasonalReadings.Make(50, 2, 2)));
    }

    [Fact]
    public void Rows_of_an_array_are_judged_by_features_as_those_of_a_table()
    {
        Random random = new(1);
        float[] values = new float[900];
        for (int i = 0; i < 300; i++) (values[3 * i], values[3 * i + 1]) = (random.NextSingle(), 0);
        for (int i = 0; i < 300; i++) (values[3 * i + 1], values[3 * i + 2]) = (2 * values[3 * i] + 0.05f * random.NextSingle(), random.NextSingle());
        values[1] = 2 * (1 - values[0]) + (values[0] is > 0.4f and < 0.6f ? 1 : 0);
        Samples samples = new(values, new SampleShape(3));
        using AnomalyModel model = AnomalyModel.Train(samples, new KnnOptions(), Plain with { ContextColumns = ["f0"] });
        Assert.Equal(0, model.Score(samples, cancellation: TestContext.Current.CancellationToken).MostAnomalous(1)[0]);
    }

    [Fact]
    public void Training_stops_when_it_is_cancelled_and_says_how_far_it_is()
    {
        Dataset data = SeasonalReadings.Make(300, 0, 1);
        List<FitProgress> told = [];
        using CancellationTokenSource stop = new();
        FitContext context = new()
        {
            Cancellation = stop.Token,
            Progress = new Immediate(progress =>
            {
                told.Add(progress);
                stop.Cancel();
            }),
        };
        Assert.ThrowsAny<OperationCanceledException>(() => AnomalyModel.Train(data, new KnnOptions(), Given with { Context = context }));
        Assert.Equal("learning what the context lets expect", Assert.Single(told).Phase);
    }

    [Theory]
    [InlineData("sitte", typeof(DataException), "no column 'sitte' (--context). Did you mean 'site'? Its columns are: month, weekday, site, temperature")]
    [InlineData("month,weekday,site,temperature,demand,wind", typeof(DataException), "every usable column is --context")]
    [InlineData("y", typeof(OptionException), "cannot be 'y', the column of labels")]
    [InlineData("same", typeof(DataException), "column 'same' cannot be --context. Column 'same' is left out: all its cells are 1.")]
    [InlineData("", typeof(OptionException), "--context names no column")]
    public void Contexts_that_make_no_sense_are_refused_with_what_to_do(string columns, Type error, string message)
    {
        Dataset data = SeasonalReadings.Make(100, 0, 1);
        if (columns == "same") data = new Table([.. data.Table!.Columns, new NumberColumn("same", [.. Enumerable.Repeat(1.0, 100)])]);
        TrainingSettings settings = Plain with { ContextColumns = columns.Split(',', StringSplitOptions.RemoveEmptyEntries), LabelColumn = "y" };
        Exception refused = Assert.Throws(error, () => AnomalyModel.Train(data, new KnnOptions(), settings));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_and_times_are_no_context_and_nothing_is_generated_from_one()
    {
        Samples pictures = new(new float[40], new SampleShape(1, 2, 2));
        DataException picture = Assert.Throws<DataException>(() => AnomalyModel.Train(pictures, new KnnOptions(), Given));
        Assert.Contains("samples of shape 1×2×2. Leave --context away", picture.Message, StringComparison.Ordinal);
        TrainingSettings timed = Plain with { Windows = new WindowSettings { TimeColumn = "demand" }, ContextColumns = ["demand"] };
        OptionException time = Assert.Throws<OptionException>(() => AnomalyModel.Train(SeasonalReadings.Make(100, 0, 1), new KnnOptions(), timed));
        Assert.Contains("the column of time", time.Message, StringComparison.Ordinal);
        Dataset data = SeasonalReadings.Make(100, 0, 1);
        using AnomalyModel model = AnomalyModel.Train(data, DetectorCatalog.Find("variational-autoencoder").CreateOptions(), Given);
        Assert.Contains("--context", Assert.Throws<OptionException>(() => model.Generate(3)).Message, StringComparison.Ordinal);
        DataException missing = Assert.Throws<DataException>(() => Scores(model, Without(data, "month")));
        Assert.Contains("lacks the column 'month'", missing.Message, StringComparison.Ordinal);
    }

    private static double RocAuc(Dataset data, string detector, TrainingSettings settings)
    {
        using AnomalyModel model = AnomalyModel.Train(data, DetectorCatalog.Find(detector).CreateOptions(), settings);
        return DetectionMetrics.Compute(Scores(model, data), data.Labels!, model.Threshold).RocAuc;
    }

    private static float[] Scores(AnomalyModel model, Dataset data) =>
        model.Score(data, cancellation: TestContext.Current.CancellationToken).Scores.ToArray();

    private static Dataset Without(Dataset data, params string[] columns) =>
        new(new Table([.. data.Table!.Columns.Where(column => !columns.Contains(column.Name))]), data.Labels);

    /// <summary>Two machines whose rows alternate: heat follows the load, each machine in its way, but for a few rows.</summary>
    private static Dataset Series()
    {
        Random random = new(7);
        double[] load = new double[600], heat = new double[600];
        string?[] machine = new string?[600];
        for (int i = 0; i < 600; i++)
        {
            (load[i], machine[i]) = (Math.Sin(i / 9.0) + (0.3 * random.NextDouble()), i % 2 == 0 ? "a" : "b");
            double right = machine[i] == "a" ? 3 * load[i] : -2 * load[i];
            heat[i] = (i is >= 298 and <= 302 ? -right : right) + (0.1 * random.NextDouble());
        }
        return new Table([new NumberColumn("load", load), new NumberColumn("heat", heat), new TextColumn("machine", machine)]);
    }

    private sealed class Immediate(Action<FitProgress> report) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => report(value);
    }
}
