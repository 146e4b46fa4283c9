// Scoring a few rows is over before a test run could be cancelled.
#pragma warning disable xUnit1051

using AnomalySharp.Detectors.Classical;
using AnomalySharp.Explanation;
using AnomalySharp.Tables;
using AnomalySharp.Tests.Models;

namespace AnomalySharp.Tests.Explanation;

public class ExplainTests
{
    private static readonly string[] UsedColumns = ["amount", "hour", "time", "country"];

    private static AnomalyModel Train(Dataset data, DetectorOptions? options = null) => AnomalyModel.Train(data, options ?? new KnnOptions(), 0.03);

    [Fact]
    public void The_columns_that_make_a_row_odd_come_first_with_value_and_usual_range()
    {
        Table table = Payments.Table();
        double[] amount = [.. ((NumberColumn)table.Columns[0]).Values];
        amount[100] = 50000.5;
        Table changed = new([new NumberColumn("amount", amount), .. table.Columns.Skip(1)], "payments.csv");
        using AnomalyModel model = Train(table);
        SampleExplanation explanation = Assert.Single(model.Explain(changed, [100]));
        Assert.Equal((100, "order-700", true), (explanation.Index, explanation.Row, explanation.IsAnomaly));
        Assert.Equal(model.Score(changed).Scores.Span[100], explanation.Score);
        ColumnContribution first = explanation.Columns[0];
        Assert.Equal(("amount", "50000.5"), (first.Column, first.Value));
        Assert.InRange(first.Share, 0.8, 1);
        Assert.Matches(@"^2\d(\.\d+)? to [23]\d(\.\d+)?$", first.Usual);
    }

    [Fact]
    public void One_hot_features_and_indicators_count_for_their_column()
    {
        using AnomalyModel model = Train(Payments.Table());
        foreach (SampleExplanation explanation in model.Explain(Payments.Table(), [0, 5, 16, 10, 399], top: 100))
        {
            Assert.Equal(explanation.Columns.Count, explanation.Columns.Select(column => column.Column).Distinct().Count());
            Assert.All(explanation.Columns, column => Assert.Contains(column.Column, UsedColumns));
            Assert.Equal(1, explanation.Columns.Sum(column => column.Share), 1e-9);
            Assert.Equal(explanation.Columns.OrderByDescending(column => column.Share), explanation.Columns);
        }
    }

    [Fact]
    public void Categories_dates_and_missing_cells_are_told_in_words()
    {
        using AnomalyModel model = Train(Payments.Table(), new IsolationForestOptions());
        IReadOnlyList<SampleExplanation> explanations = model.Explain(Payments.Table(), [16, 33, 50, 0, 1], top: 9);
        ColumnContribution[] columns = [.. explanations.SelectMany(explanation => explanation.Columns)];
        ColumnContribution country = columns.First(column => column.Column == "country");
        Assert.Matches(@"^DE \d\d(\.\d)? %, FR \d\d(\.\d)? %, XX 3 %$", country.Usual);
        Assert.Equal("", columns.First(column => column.Column == "hour").Value);
        Assert.Contains("hour = missing (usually ", columns.First(column => column.Column == "hour").ToString(), StringComparison.Ordinal);
        Assert.Matches(@"^2023-11-\d\d .* to 2023-", columns.First(column => column.Column == "time").Usual);
    }

    [Fact]
    public void No_more_columns_than_asked_for()
    {
        using AnomalyModel model = Train(Payments.Table());
        Assert.Single(model.Explain(Payments.Table(), [3], top: 1)[0].Columns);
        Assert.Empty(model.Explain(Payments.Table(), [3], top: 0)[0].Columns);
        Assert.Empty(model.Explain(Payments.Table(), []));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(Payments.Rows)]
    public void A_row_that_is_not_there_is_refused(int row)
    {
        using AnomalyModel model = Train(Payments.Table());
        Assert.Contains("payments.csv", Assert.Throws<DataException>(() => model.Explain(Payments.Table(), [row])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pixels_are_called_by_channel_row_and_column()
    {
        Random random = new(3);
        float[] values = [.. Enumerable.Range(0, 60 * 18).Select(_ => random.NextSingle())];
        values[5 * 18 + 9 + 2 * 3 + 1] = 40;
        using AnomalyModel model = Train(new Samples(values, new SampleShape(2, 3, 3)));
        SampleExplanation explanation = model.Explain(new Samples(values, new SampleShape(2, 3, 3)), [5], top: 3)[0];
        Assert.Equal("5", explanation.Row);
        Assert.Equal(("1/2/1", "40"), (explanation.Columns[0].Column, explanation.Columns[0].Value));
        Assert.InRange(explanation.Columns.Count, 1, 3);
    }

    [Fact]
    public void Attributions_have_the_shape_and_names_of_the_encoded_samples()
    {
        using AnomalyModel model = Train(Payments.Table());
        Samples attributions = model.Attribute(Payments.Table());
        Assert.Equal((Payments.Rows, model.Shape), (attributions.Count, attributions.Shape));
        Assert.Equal(model.Encoder!.Features.Select(feature => feature.Name), attributions.FeatureNames);
    }
}
