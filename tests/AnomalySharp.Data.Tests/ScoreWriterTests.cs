using AnomalySharp.Tables;

namespace AnomalySharp.Data.Tests;

public class ScoreWriterTests : TemporaryFolder
{
    private static ScoredSamples Scored(float[] scores, string[]? names = null) =>
        new() { Scores = scores, Probabilities = Array.ConvertAll(scores, score => score / 10), Threshold = 2, RowNames = names };

    [Fact]
    public void Rows_are_numbered_on_across_blocks()
    {
        string path = PathOf("s.csv");
        using (ScoreWriter writer = new(path))
        {
            writer.Write(Scored([1, 2]));
            writer.Write(Scored([2.5f]));
            writer.Complete();
        }
        Assert.Equal("row,score,probability,anomaly\n0,1,0.1,0\n1,2,0.2,0\n2,2.5,0.25,1\n", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(Folder));
    }

    [Theory]
    [InlineData(".csv")]
    [InlineData(".tsv")]
    [InlineData(".parquet")]
    public void Names_and_explanations_with_delimiters_quotes_and_line_breaks_come_back(string ending)
    {
        string path = PathOf("s" + ending);
        string[] names = ["a,b", "tab\there", "plain", "ü"], explanations = ["say \"hi\"", "two\nlines", "x, y", "v1 = 3\r\n"];
        float[] scores = [float.Epsilon, 1 / 3f, 3.4e38f, -7];
        using (ScoreWriter writer = new(path, explained: true))
        {
            writer.Write(Scored(scores, names), explanations);
            writer.Complete();
        }
        Table table = Read(path).Table!;

        Assert.Equal(["row", "score", "probability", "anomaly", "explanation"], table.Columns.Select(column => column.Name));
        Assert.Equal(names, ((TextColumn)table.Columns[0]).Values);
        Assert.Equal(scores, Array.ConvertAll(((NumberColumn)table.Columns[1]).Values, value => (float)value));
        Assert.Equal([0, 0, 1, 0], ((NumberColumn)table.Columns[3]).Values);
        Assert.Equal(explanations, ((TextColumn)table.Columns[4]).Values);
    }

    [Fact]
    public void Parquet_numbers_rows_as_numbers()
    {
        string path = PathOf("s.parquet");
        using (ScoreWriter writer = new(path))
        {
            for (int block = 0; block < 3; block++) writer.Write(Scored([1, 2, 3]));
            writer.Complete();
        }
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8], Assert.IsType<NumberColumn>(Read(path).Table!.Columns[0]).Values);
        Assert.Equal([path], Directory.GetFiles(Folder));
    }

    [Theory]
    [InlineData("s.csv")]
    [InlineData("s.parquet")]
    public void Without_completion_the_old_file_stays_and_nothing_else_is_left(string name)
    {
        string path = Write(name, "old");
        using (ScoreWriter writer = new(path)) writer.Write(Scored(new float[100_000]));

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(Folder));
    }

    [Fact]
    public void A_completed_file_replaces_the_old_one()
    {
        string path = Write("s.csv", "old");
        using (ScoreWriter writer = new(path)) writer.Complete();

        Assert.Equal("row,score,probability,anomaly\n", File.ReadAllText(path));
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_refused_at_once()
    {
        Assert.Contains(".csv, .tsv or .parquet", Assert.Throws<OptionException>(() => new ScoreWriter(PathOf("s.xlsx"))).Message, StringComparison.Ordinal);
        Assert.Contains("does not exist", Refusal(PathOf("none/s.csv")), StringComparison.Ordinal);
        Directory.CreateDirectory(PathOf("folder.csv"));
        Assert.Contains("is a folder", Refusal(PathOf("folder.csv")), StringComparison.Ordinal);
        if (OperatingSystem.IsLinux()) Assert.Contains("not writable", Refusal("/proc/s.csv"), StringComparison.Ordinal);

        static string Refusal(string path) => Assert.Throws<AnomalySharpException>(() => new ScoreWriter(path)).Message;
    }

    [Fact]
    public void A_full_disk_is_reported()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Needs a device that is always full.");
        string path = Write("s.csv", "old");
        using ScoreWriter writer = new(path, false, new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0));

        string message = Assert.Throws<AnomalySharpException>(() =>
        {
            for (int block = 0; block < 10; block++) writer.Write(Scored(new float[10_000]));
            writer.Complete();
        }).Message;
        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(path));
    }
}
