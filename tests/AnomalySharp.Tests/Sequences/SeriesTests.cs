using AnomalySharp.Sequences;
using AnomalySharp.Tables;

namespace AnomalySharp.Tests.Sequences;

public class SeriesTests
{
    private static readonly WindowSettings ByTime = new() { TimeColumn = "t", Length = 3 };

    [Fact]
    public void Rows_out_of_order_are_put_in_order_with_a_note()
    {
        SeriesRuns series = SeriesRuns.Of(Rows([0, 2, 1, 3, 4]), ByTime);
        Assert.Equal([[0, 2, 1, 3, 4]], series.Runs);
        Assert.Equal(1, series.UsualStep);
        Assert.Contains("1 row was not in the order of column 't'", Assert.Single(series.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void No_run_goes_over_a_step_longer_than_three_times_the_usual_one()
    {
        SeriesRuns series = SeriesRuns.Of(Rows([0, 10, 20, 50, 60, 91, 100]), ByTime);
        Assert.Equal(10, series.UsualStep);
        Assert.Equal([[0, 1, 2, 3, 4], [5, 6]], series.Runs);
        Assert.Contains("1 gap in column 't': no window goes over a step of more than 30", Assert.Single(series.Notes), StringComparison.Ordinal);
        Assert.Equal([[0, 1, 2], [3, 4], [5, 6]], SeriesRuns.Of(Rows([0, 10, 20, 50, 60, 91, 100]), ByTime with { Gap = 2 }).Runs);
    }

    [Fact]
    public void A_model_judges_gaps_by_the_usual_step_of_its_training()
    {
        SeriesRuns series = SeriesRuns.Of(Rows([0, 10, 20, 30]), ByTime with { UsualStep = 1 });
        Assert.Equal([[0], [1], [2], [3]], series.Runs);
    }

    [Fact]
    public void Entities_are_series_of_their_own_also_where_their_rows_alternate()
    {
        Dataset data = new(new Table([new NumberColumn("t", [0, 0, 1, 1, 2, 2]), new TextColumn("who", ["a", "b", "a", "b", "b", "a"])]));
        SeriesRuns series = SeriesRuns.Of(data, ByTime with { EntityColumn = "who" });
        Assert.Equal([[0, 2, 5], [1, 3, 4]], series.Runs);
        DataException refused = Assert.Throws<DataException>(() => SeriesRuns.Of(data, ByTime));
        Assert.Contains("rows 0 and 1 have the same time, 0", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--entity", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_labelled_as_anomalies_end_a_run_where_only_normal_ones_are_learnt_from()
    {
        Dataset data = new(Rows([0, 1, 2, 3, 4, 5]).Table!, [0, 0, 1, 0, 0, 0]);
        Assert.Equal([[0, 1], [3, 4, 5]], SeriesRuns.Of(data, ByTime, normalOnly: true).Runs);
        Assert.Equal([[0, 1, 2, 3, 4, 5]], SeriesRuns.Of(data, ByTime).Runs);
    }

    [Fact]
    public void Times_that_are_missing_or_none_are_refused_with_their_place()
    {
        DataException missing = Assert.Throws<DataException>(() => SeriesRuns.Of(Rows([0, double.NaN, 2]), ByTime));
        Assert.Contains("the time in row 1, column 't', is missing", missing.Message, StringComparison.Ordinal);
        Dataset texts = new(new Table([new TextColumn("t", ["yesterday", "today"])]));
        DataException refused = Assert.Throws<DataException>(() => SeriesRuns.Of(texts, ByTime));
        Assert.Contains("holds texts that are no time", refused.Message, StringComparison.Ordinal);
        DataException absent = Assert.Throws<DataException>(() => SeriesRuns.Of(Rows([0, 1]), new WindowSettings { TimeColumn = "when" }));
        Assert.Contains("no column 'when' (--time). Its columns are: t, x", absent.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Windows_cover_what_their_stride_and_runs_allow()
    {
        SeriesRuns series = SeriesRuns.Of(Rows([0, 1, 2, 3, 4, 50, 51, 52, 90, 91]), ByTime);
        WindowIndex every = WindowIndex.Every(series, 3, 1), second = WindowIndex.Every(series, 3, 2);
        Assert.Equal([[0, 1, 2], [1, 2, 3], [2, 3, 4], [5, 6, 7]], Enumerable.Range(0, every.Count).Select(k => every.RowsOf(k).ToArray()));
        Assert.Equal([[0, 1, 2], [2, 3, 4], [5, 6, 7]], Enumerable.Range(0, second.Count).Select(k => second.RowsOf(k).ToArray()));
        WindowIndex covering = WindowIndex.Covering(series, 3, [4, 6, 9]);
        Assert.Equal([[2, 3, 4], [5, 6, 7]], Enumerable.Range(0, covering.Count).Select(k => covering.RowsOf(k).ToArray()));
        DataException none = Assert.Throws<DataException>(() => series.RequireWindows(WindowIndex.Every(series, 6, 1), "f.csv"));
        Assert.Contains("a window has 6 rows, and the most that follow one another without a gap are 5", none.Message, StringComparison.Ordinal);
    }

    private static Dataset Rows(double[] times) =>
        new(new Table([new NumberColumn("t", times), new NumberColumn("x", [.. times.Select((_, i) => (double)i)])]));
}
