using AnomalySharp.Data.Protocols;
using AnomalySharp.Tests.Common;

namespace AnomalySharp.Data.Tests;

public sealed class ProtocolTests
{
    // 900 samples of class 3, 100 of each of the others.
    private static readonly byte[] Classes =
        [.. Enumerable.Range(0, 1800).Select(i => i % 2 == 0 ? (byte)3 : (byte)(i / 2 % 9 is var k && k >= 3 ? k + 1 : k))];

    [Theory]
    [InlineData(0.1, 100)]
    [InlineData(0.2, 225)]
    [InlineData(0.05, 47)]
    public void Outliers_of_other_classes_make_up_the_given_share(double ratio, int outliers)
    {
        LabelledRows chosen = ContaminatedClass.Select(Classes, 3, ratio, 7);
        Assert.Equal(900 + outliers, chosen.Rows.Length);
        Assert.Equal(outliers, chosen.Labels.Count(label => label == 1));
        for (int i = 0; i < chosen.Rows.Length; i++) Assert.Equal(Classes[chosen.Rows[i]] == 3 ? 0 : 1, chosen.Labels[i]);
        Assert.Equal(chosen.Rows.Distinct().Order(), chosen.Rows);
        // Drawn from all other classes, not from the first of them.
        Assert.Equal([0, 1, 2, 4, 5, 6, 7, 8, 9], chosen.Rows.Select(row => (int)Classes[row]).Where(one => one != 3).Distinct().Order());
    }

    [Fact]
    public void A_limit_of_inliers_limits_the_outliers_with_them_and_the_seed_decides_which()
    {
        LabelledRows chosen = ContaminatedClass.Select(Classes, 3, 0.1, 7, limit: 90);
        Assert.Equal((100, 10), (chosen.Rows.Length, chosen.Labels.Count(label => label == 1)));
        Assert.Equal(chosen.Rows, ContaminatedClass.Select(Classes, 3, 0.1, 7, limit: 90).Rows);
        Assert.NotEqual(chosen.Rows, ContaminatedClass.Select(Classes, 3, 0.1, 8, limit: 90).Rows);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Swapped_rows_keep_their_context_and_take_over_all_values_of_one_other_row(bool farthest)
    {
        Samples normal = new(Enumerable.Range(0, 1000).Select(i => (float)i).ToArray(), new SampleShape(5));
        (Samples rows, IReadOnlyList<int> context) = SwappedValues.Make(normal, 0.05, farthest, seed: 3);
        Assert.Equal(2, context.Count);
        int[] changed = [.. Enumerable.Range(0, 200).Where(i => rows.Labels![i] == 1)];
        Assert.Equal(10, changed.Length);
        double distance = 0;
        for (int i = 0; i < 200; i++)
        {
            Assert.All(context, j => Assert.Equal(normal[i][j], rows[i][j]));
            int[] from = [.. Enumerable.Range(0, 5).Except(context).Select(j => (int)rows[i][j] / 5).Distinct()];
            int other = Assert.Single(from);
            if (rows.Labels![i] == 0) Assert.Equal(i, other);
            distance += Math.Abs(other - i) / 10.0;
        }
        // Of two random rows among 200 a third of them lies between on average; of the farthest of 50 nearly as many as there can.
        Assert.InRange(distance, farthest ? 110 : 20, farthest ? 200 : 110);
        Assert.Equal(rows.Values, SwappedValues.Make(normal, 0.05, farthest, seed: 3).Rows.Values);
    }

    [Fact]
    public void Seasonal_readings_have_the_asked_for_anomalies_and_values_that_do_not_show_them()
    {
        Dataset data = SeasonalReadings.Make(2000, 400, seed: 1);
        Assert.Equal(400, data.Labels!.Count(label => label == 1));
        Assert.All(data.Labels!.Take(400), label => Assert.Equal(1, label));
        foreach (string name in new[] { "temperature", "demand", "wind" })
        {
            double[] values = ((AnomalySharp.Tables.NumberColumn)data.Table!.Columns.First(column => column.Name == name)).Values;
            Assert.Equal(values[..400].Average(), values[400..].Average(), 0.15 * values.Max());
        }
    }

    [Fact]
    public void What_cannot_be_drawn_is_refused()
    {
        foreach ((int inliers, int outliers) in new[] { (901, 1), (1, 901) })
        {
            DataException refused = Assert.Throws<DataException>(() => ContaminatedClass.SelectCounts(Classes, 3, inliers, outliers, 0));
            Assert.Contains("there are 900", refused.Message, StringComparison.Ordinal);
        }
        Assert.Throws<DataException>(() => ContaminatedClass.Select(Classes, 11, 0.1, 0));
        Assert.Throws<OptionException>(() => ContaminatedClass.Select(Classes, 3, 1, 0));
    }

    [Fact]
    public void One_versus_rest_trains_on_one_class_and_calls_every_other_abnormal()
    {
        Assert.Equal(Enumerable.Range(0, 900).Select(i => 2 * i), OneVersusRest.Train(Classes, 3, 0));
        int[] drawn = OneVersusRest.Train(Classes, 3, 0, limit: 50);
        Assert.Equal(50, drawn.Distinct().Count());
        Assert.All(drawn, row => Assert.Equal(3, Classes[row]));
        Assert.Equal(new byte[] { 1, 0, 1, 1 }, OneVersusRest.Labels([0, 3, 2, 9], 3));
        Assert.Throws<DataException>(() => OneVersusRest.Train(Classes, 12, 0));
    }

    [Fact]
    public void A_random_half_trains_without_its_anomalies_and_the_other_half_has_the_share_of_them_that_was_asked_for()
    {
        byte[] labels = [.. Enumerable.Range(0, 2000).Select(i => i % 3 == 0 ? (byte)1 : (byte)0)];
        (int[] train, LabelledRows test) = RandomHalf.SplitAtShare(labels, 0.2, seed: 1);
        Assert.All(train, row => Assert.Equal(0, labels[row]));
        Assert.InRange(train.Length, 600, 733);
        Assert.Empty(train.Intersect(test.Rows));
        Assert.Equal(test.Rows.Select(row => labels[row]), test.Labels);
        // All normal rows of the other half are scored.
        Assert.Equal(1333, train.Length + test.Labels.Count(label => label == 0));
        Assert.Equal(0.2, test.Labels.Average(label => label), 1e-3);
        Assert.NotEqual(train, RandomHalf.SplitAtShare(labels, 0.2, seed: 2).Train);

        (int[] few, LabelledRows small) = RandomHalf.SplitAtShare(labels, 0.2, seed: 1, trainLimit: 50, testLimit: 100);
        Assert.Equal((50, 80, 20), (few.Length, small.Labels.Count(label => label == 0), small.Labels.Count(label => label == 1)));
        Assert.All(few, row => Assert.Contains(row, train));
        Assert.Throws<DataException>(() => RandomHalf.SplitAtShare(new byte[10], 0.2, seed: 1));
    }

    [Fact]
    public void Of_a_random_half_the_normal_rows_train_and_the_other_half_tests_whole()
    {
        byte[] labels = [.. Enumerable.Range(0, 100).Select(i => (byte)(i % 5 == 0 ? 1 : 0))];
        (int[] train, int[] test) = RandomHalf.Split(labels, 3);
        Assert.Equal(50, test.Length);
        Assert.All(train, row => Assert.Equal(0, labels[row]));
        Assert.Equal(50 - (20 - test.Count(row => labels[row] == 1)), train.Length);
        Assert.Empty(train.Intersect(test));
        Assert.NotEqual(test, RandomHalf.Split(labels, 4).Test);
        Assert.Throws<DataException>(() => RandomHalf.Split(new byte[10], 0));
    }

    [Fact]
    public void Flags_at_a_known_ratio_are_the_highest_scores_as_many_as_that()
    {
        float[] scores = [5, 4, 3, 2, 1, 0, 0, 0, 0, 0];
        byte[] labels = [1, 0, 1, 1, 0, 0, 0, 0, 0, 0];
        Assert.Equal((2.0 / 3, 2.0 / 3, 2.0 / 3), RandomHalf.AtRatio(scores, labels, 0.3));
        Assert.Equal((1, 1.0 / 3, 0.5), RandomHalf.AtRatio(scores, labels, 0.1));
        Assert.Equal((0, 0, 0), RandomHalf.AtRatio(scores, [0, 0, 0, 0, 1, 0, 0, 0, 0, 0], 0.2));
        Assert.Throws<OptionException>(() => RandomHalf.AtRatio(scores, labels, 0));
    }

    [Fact]
    public void A_subsample_keeps_the_share_of_anomalies()
    {
        byte[] labels = [.. Enumerable.Range(0, 1000).Select(i => i % 50 == 0 ? (byte)1 : (byte)0)];
        int[] rows = Subsample.Rows(labels, 200, 1);
        Assert.Equal((200, 4), (rows.Distinct().Count(), rows.Count(row => labels[row] == 1)));
        Assert.Equal(rows.Order(), rows);
        Assert.Equal(Enumerable.Range(0, 1000), Subsample.Rows(labels, 1000, 1));
        // Rare as they are, one is left.
        Assert.Single(Subsample.Rows(labels, 10, 1), row => labels[row] == 1);
    }

    [Fact]
    public void Pictures_of_several_files_come_with_the_classes_of_each()
    {
        string folder = RealData.Require("mnist");
        string file = Path.Combine(folder, "t10k-images-idx3-ubyte.gz");
        ClassifiedPictures all = ClassifiedPictures.Read([file, file], TestContext.Current.CancellationToken);
        Assert.Equal((20_000, 20_000, 10), (all.Pictures.Count, all.Classes.Count, all.Names.Count));
        // The first test pictures of MNIST are 7, 2, 1, 0, 4.
        Assert.Equal(new byte[] { 7, 2, 1, 0, 4 }, all.Classes.Take(5));
        Assert.Equal(all.Pictures[3].ToArray(), all.Pictures[10_003].ToArray());
        Assert.Equal(980 * 2, all.Classes.Count(one => one == 0));
    }

    [Fact]
    public void The_classes_of_cifar_10_have_their_names()
    {
        ClassifiedPictures all = ClassifiedPictures.Read([RealData.Require("cifar10/test_batch.bin.gz")], TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Repeat(1000, 10), Enumerable.Range(0, 10).Select(k => all.Classes.Count(one => one == k)));
        // The first test picture is a cat.
        Assert.Equal("cat", all.Names[all.Classes[0]]);
    }

    [Fact]
    public void A_file_without_classes_is_refused()
    {
        string table = Path.Combine(RealData.Repository(), "data", "breast-cancer.csv");
        DataException refused = Assert.Throws<DataException>(() => ClassifiedPictures.Read([table], TestContext.Current.CancellationToken));
        Assert.Contains("IDX or CIFAR-10", refused.Message, StringComparison.Ordinal);
    }
}
