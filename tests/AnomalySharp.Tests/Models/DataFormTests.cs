// Scoring a few rows is over before a test run could be cancelled.
#pragma warning disable xUnit1051

using AnomalySharp.Detectors.Classical;
using AnomalySharp.Tables;

namespace AnomalySharp.Tests.Models;

/// <summary>The form that a reader gives data depends on what is in the file; a model takes what means the same, and errors name rows of the file.</summary>
public class DataFormTests
{
    private static readonly KnnOptions Knn = new() { K = 2 };

    private static float[] Values(int count)
    {
        Random random = new(5);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle())];
    }

    private static Table TableOf(Samples samples, double firstCell) => new(
        [.. Enumerable.Range(0, samples.Shape.Length).Select(j => new NumberColumn(
            $"f{j}", [.. Enumerable.Range(0, samples.Count).Select(i => i == 0 && j == 0 ? firstCell : samples[i][j])]))], "later.npz");

    [Fact]
    public void A_model_of_arrays_with_missing_values_scores_and_explains_arrays_without()
    {
        Samples samples = new(Values(60), new SampleShape(3));
        using AnomalyModel model = AnomalyModel.Train(TableOf(samples, double.NaN), Knn);
        Assert.Equal(model.Score(TableOf(samples, samples[0][0])).Scores.ToArray(), model.Score(samples).Scores.ToArray());
        Assert.NotEmpty(model.Explain(samples, [4])[0].Columns);
        Assert.Throws<DataException>(() => model.Score(new Samples(Values(20), new SampleShape(2))));
    }

    [Fact]
    public void A_model_of_arrays_scores_them_as_a_table_and_names_the_cell_that_is_missing()
    {
        Samples samples = new(Values(60), new SampleShape(3));
        using AnomalyModel model = AnomalyModel.Train(samples, Knn);
        Assert.Equal(model.Score(samples).Scores.ToArray(), model.Score(TableOf(samples, samples[0][0])).Scores.ToArray());
        string message = Assert.Throws<DataException>(() => model.Score(TableOf(samples, double.NaN))).Message;
        Assert.Contains("later.npz", message, StringComparison.Ordinal);
        Assert.Contains("row 0, column 'f0'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_coloured_pictures_scores_grey_ones_and_the_other_way_round()
    {
        Samples grey = new(Values(20 * 4), new SampleShape(1, 2, 2));
        Samples thrice = new(Enumerable.Range(0, 60).SelectMany(k => grey[k / 3].ToArray()).ToArray(), new SampleShape(3, 2, 2));
        Samples coloured = new(Values(20 * 12), new SampleShape(3, 2, 2));
        using AnomalyModel ofColoured = AnomalyModel.Train(coloured, Knn);
        using AnomalyModel ofGrey = AnomalyModel.Train(grey, Knn);
        Assert.Equal(ofColoured.Score(thrice).Scores.ToArray(), ofColoured.Score(grey).Scores.ToArray());
        Assert.Equal(ofGrey.Score(grey).Scores.ToArray(), ofGrey.Score(thrice).Scores.ToArray());
        Assert.Contains("'0' of the data is coloured", Assert.Throws<DataException>(() => ofGrey.Score(coloured)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_of_another_size_are_refused_with_the_size_to_resize_to()
    {
        using AnomalyModel model = AnomalyModel.Train(new Samples(Values(20 * 6), new SampleShape(1, 2, 3)), Knn);
        Samples larger = new(Values(2 * 12), new SampleShape(1, 3, 4));
        Assert.Contains("--image-size 3x2", Assert.Throws<DataException>(() => model.Score(larger)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_of_a_later_block_are_called_by_their_number_in_the_whole()
    {
        Samples samples = new(Values(60), new SampleShape(3));
        using AnomalyModel model = AnomalyModel.Train(TableOf(samples, 0.5), Knn);
        Table infinite = new(TableOf(samples, double.PositiveInfinity).Columns, "later.csv") { FirstRow = 65_536 };
        Table word = new(
            [new TextColumn("f0", ["0.1", "oops"]), new NumberColumn("f1", new double[2]), new NumberColumn("f2", new double[2])], "later.csv")
        { FirstRow = 65_536 };
        Assert.Contains("row 65536 ", Assert.Throws<DataException>(() => model.Score(infinite)).Message, StringComparison.Ordinal);
        Assert.Contains("row 65537 ", Assert.Throws<DataException>(() => model.Score(word)).Message, StringComparison.Ordinal);

        using AnomalyModel ofSamples = AnomalyModel.Train(samples, Knn);
        float[] values = samples.Values.ToArray();
        values[3 * 12] = float.NaN;
        Samples slice = new Samples(values, samples.Shape).Slice(10, 5);
        Assert.Contains("row 12,", Assert.Throws<DataException>(() => ofSamples.Score(slice)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_of_a_later_block_whose_name_is_missing_is_called_by_its_number_in_the_whole()
    {
        string?[] names = [.. Enumerable.Range(0, 30).Select(i => $"key {i}")];
        Table Named() => new([new TextColumn("key", names), new NumberColumn("v", [.. Values(30).Select(value => (double)value)])]) { FirstRow = 1_000 };
        using AnomalyModel model = AnomalyModel.Train(Named(), Knn);
        names[7] = null;
        Assert.Equal(("key 6", "1007"), (model.Score(Named()).RowName(6), model.Score(Named()).RowName(7)));
        Assert.Equal("1007", model.Explain(Named(), [7])[0].Row);
    }

    [Fact]
    public void Too_few_rows_are_refused_with_the_file_and_a_remedy()
    {
        Dataset few = new Table([new NumberColumn("v", [1, 2, 3, 5])], "few.csv");
        string message = Assert.Throws<DataException>(() => AnomalyModel.Train(few, new KnnOptions())).Message;
        Assert.Equal("In few.csv: knn needs at least 6 samples to learn from, and there are 4. Add rows, lower k, or choose another detector.", message);
    }
}
