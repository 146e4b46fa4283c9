namespace AnomalySharp.Data.Tests;

public class LabelTests : TemporaryFolder
{
    private static ReadOptions Labelled(string? anomaly = null) => new() { LabelColumn = "y", AnomalyValue = anomaly };

    private string Table(params string[] labels) => Write("t.csv", "a,y\n" + string.Concat(labels.Select((label, i) => $"{i}.5,{label}\n")));

    [Theory]
    [InlineData("0,1,0", null)]
    [InlineData("false,true,false", null)]
    [InlineData("normal,attack,normal", null)]
    [InlineData("inlier,outlier,inlier", null)]
    [InlineData("No,Yes,No", null)]
    [InlineData("benign,dos,benign", null)]
    [InlineData("red,blue,red", "blue")]
    [InlineData("red,blue,green", "blue")]
    [InlineData("1,-1,1", "-1")]
    [InlineData("1,2,1", "2.0")]
    public void The_label_column_becomes_labels_and_is_no_feature(string labels, string? anomaly)
    {
        Dataset data = Read(Table(labels.Split(',')), Labelled(anomaly));

        Assert.Equal([0, 1, 0], data.Labels!);
        Assert.Equal("a", Assert.Single(data.Table!.Columns).Name);
    }

    [Fact]
    public void One_class_only_is_for_the_metrics_to_refuse() => Assert.Equal([0, 0], Read(Table("0", "0"), Labelled()).Labels!);

    [Theory]
    [InlineData("0,,1", "row 1 ", "missing")]
    [InlineData("a,b,c", "'a', 'b', 'c'", "--anomaly")]
    [InlineData("0,1,2", "'0', '1', '2'", "--anomaly")]
    [InlineData("red,blue,red", "'red', 'blue'", "--anomaly")]
    [InlineData("1,-1,1", "'1', '-1'", "--anomaly")]
    public void Labels_that_are_not_two_clear_values_are_refused(string labels, params string[] parts) =>
        AssertRefused(Table(labels.Split(',')), Labelled(), ["'y'", .. parts]);

    [Fact]
    public void A_missing_label_column_lists_the_columns_unless_it_is_optional()
    {
        string path = Table("0", "1");

        AssertRefused(path, new ReadOptions { LabelColumn = "z" }, path, "'z'", "a, y");
        Assert.Null(Read(path, new ReadOptions { LabelColumn = "z", LabelOptional = true }).Labels);
    }

    [Fact]
    public void A_value_that_does_not_occur_is_noted()
    {
        Dataset data = Read(Table("red", "blue"), Labelled("bleu"));

        Assert.Equal([0, 0], data.Labels!);
        Assert.Contains("'bleu'", Assert.Single(data.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_label_in_a_later_block_is_named_by_its_row_in_the_file()
    {
        string path = Table("0", "1", "0", "1", "", "0");

        Assert.Contains("row 4 ", Assert.Throws<DataException>(() => ReadBlocks(path, Labelled("1"), 3).Count()).Message, StringComparison.Ordinal);
        Assert.Equal([0, 3], ReadBlocks(path, blockRows: 3).Select(block => block.FirstRow));
    }

    [Fact]
    public void Blocks_agree_on_what_the_second_text_means()
    {
        string path = Table([.. Enumerable.Repeat("normal", 5), .. Enumerable.Repeat("weird", 5)]);

        Assert.Equal([0, 0, 0, 0, 0, 1, 1, 1, 1, 1], ReadBlocks(path, Labelled(), 3).SelectMany(block => block.Labels!));
    }
}
