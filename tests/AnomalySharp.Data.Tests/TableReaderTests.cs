using AnomalySharp.Tables;
using AnomalySharp.Tests.Common;

namespace AnomalySharp.Data.Tests;

public class TableReaderTests : TemporaryFolder
{
    private static double[] Numbers(Dataset data, string column) => Assert.IsType<NumberColumn>(data.Table!.Columns.Single(c => c.Name == column)).Values;

    private static string?[] Texts(Dataset data, string column) => Assert.IsType<TextColumn>(data.Table!.Columns.Single(c => c.Name == column)).Values;

    [Theory]
    [InlineData("t.csv", "a,b,c\n1,x,2.5\n2,y,3\n")]
    [InlineData("t.csv.gz", "a,b,c\n1,x,2.5\n2,y,3\n")]
    [InlineData("t.csv", "\uFEFFa;b;c\r\n1;x;2.5\r\n2;y;3\r\n")]
    [InlineData("t.csv", "\"a\",\"b\",\"c\"\n1,\"x\",2.5\n2,\"y\",3")]
    [InlineData("t.tsv", "a\tb\tc\n1\tx\t2.5\n2\ty\t3\n")]
    [InlineData("t.txt", "a b c\n1 x 2.5\n2 y 3\n")]
    [InlineData("t.json", """[{"a":1,"b":"x","c":2.5},{"a":2,"b":"y","c":3}]""")]
    [InlineData("t.jsonl", """{"a":1,"b":"x","c":2.5}""" + "\n" + """{"a":2,"b":"y","c":3}""")]
    [InlineData("t.ndjson.gz", """{"a":1,"b":"x","c":2.5}""" + "\n" + """{"a":2,"b":"y","c":3}""")]
    public void The_same_table_is_read_from_every_text_format(string name, string text)
    {
        Dataset data = Read(Write(name, text));

        Assert.Equal(["a", "b", "c"], data.Table!.Columns.Select(column => column.Name));
        Assert.Equal([1, 2], Numbers(data, "a"));
        Assert.Equal(["x", "y"], Texts(data, "b"));
        Assert.Equal([2.5, 3], Numbers(data, "c"));
        Assert.Empty(data.Notes);
    }

    [Fact]
    public void Quoted_cells_keep_delimiters_quotes_and_line_breaks()
    {
        Dataset data = Read(Write("t.csv", "id,text\n1,\"a,b\"\n2,\"say \"\"hi\"\"\"\n3,\"two\nlines\"\n"));

        Assert.Equal(["a,b", "say \"hi\"", "two\nlines"], Texts(data, "text"));
    }

    [Fact]
    public void Missing_cells_are_NaN_and_null_and_infinite_ones_stay_for_the_encoder_to_name()
    {
        Dataset data = Read(Write("t.csv", "a,b,c\n1,NA,x\nNaN,inf,\n,2,null\nnull,-Infinity,y\n"));

        Assert.Equal([1, double.NaN, double.NaN, double.NaN], Numbers(data, "a"));
        Assert.Equal([double.NaN, double.PositiveInfinity, 2, double.NegativeInfinity], Numbers(data, "b"));
        Assert.Equal(["x", null, null, "y"], Texts(data, "c"));
    }

    [Fact]
    public void Dates_are_seconds_and_truth_values_0_and_1()
    {
        Dataset data = Read(Write("t.csv", "d,t,b\n1970-01-02,1970-01-01 00:00:01.5,true\n1970-01-03,1970-01-01 00:01:00,false\n"));

        Assert.Equal([86_400, 172_800], Numbers(data, "d"));
        Assert.Equal([1.5, 60], Numbers(data, "t"));
        Assert.Equal([1, 0], Numbers(data, "b"));
        Assert.Equal([true, true, false], data.Table!.Columns.Cast<NumberColumn>().Select(column => column.IsDate));
    }

    [Theory]
    [InlineData("t.csv", "a,when,n\ntrue,2020/01/02,1\nfalse,2020/01/03,2\n", "2020/01/02")]
    [InlineData("t.json", """[{"a":true,"when":"2020-01-02","n":1},{"a":false,"when":"2020-01-03","n":2}]""", "2020-01-02")]
    public void Columns_that_are_to_be_texts_stay_as_they_are_written(string name, string text, string date)
    {
        Dataset data = Read(Write(name, text), new ReadOptions { TextColumns = ["a", "when", "absent"] });

        Assert.Equal(["true", "false"], Texts(data, "a"));
        Assert.Equal(date, Texts(data, "when")[0]);
        Assert.Equal([1, 2], Numbers(data, "n"));
    }

    [Fact]
    public void A_query_gives_numbers_of_every_type_and_leaves_out_nested_columns_with_a_note()
    {
        const string Sql = """
            select 1::TINYINT a, 2::UBIGINT b, 3::HUGEINT c, 4.25::DECIMAL(9, 2) d, 5.5::FLOAT e, true f, 'x' g, [1, 2] h, 'u'::ENUM('u', 'v') i,
            null j, DATE '1970-01-02' k, {'p': 1} l, 6::UTINYINT m, TIME '00:01:00' n, '00000000-0000-0000-0000-000000000001'::UUID o; -- a comment
            """;
        Dataset data = Read(null, new ReadOptions { Sql = Sql[..Sql.IndexOf(';', StringComparison.Ordinal)] + " -- a comment" });

        Assert.Equal([1, 2, 3, 4.25, 5.5, 1], "abcdef".Select(name => Numbers(data, name.ToString())[0]));
        Assert.Equal("x", Texts(data, "g")[0]);
        Assert.Equal("u", Texts(data, "i")[0]);
        Assert.Equal([86_400, 6, 60], "kmn".Select(name => Numbers(data, name.ToString())[0]));
        Assert.EndsWith("1", Texts(data, "o")[0], StringComparison.Ordinal);
        Assert.Equal(2, data.Notes.Count(note => note.Contains("left out", StringComparison.Ordinal)));
    }

    [Fact]
    public void Parquet_is_read_back_whole_and_in_blocks_in_the_order_of_its_rows()
    {
        string path = PathOf("t.parquet");
        using (Tables.DuckDb database = new())
        {
            database.Execute($"COPY (SELECT range AS id, 'c' || (range % 7) AS kind, if(range % 10 = 0, NULL, range / 2) AS half FROM range(300000)) TO '{path}'");
        }
        Dataset whole = Read(path);
        Dataset[] blocks = [.. ReadBlocks(path, blockRows: 70_001)];

        Assert.Equal([70_001, 70_001, 70_001, 70_001, 19_996], blocks.Select(block => block.Count));
        foreach ((double[] ids, string?[] kinds, double[] halves) in new[] { (Numbers(whole, "id"), Texts(whole, "kind"), Numbers(whole, "half")) }
            .Append(([.. blocks.SelectMany(b => Numbers(b, "id"))], [.. blocks.SelectMany(b => Texts(b, "kind"))], [.. blocks.SelectMany(b => Numbers(b, "half"))])))
        {
            Assert.Equal(300_000, ids.Length);
            for (int i = 0; i < ids.Length; i++)
            {
                if (ids[i] != i || kinds[i] != $"c{i % 7}" || !halves[i].Equals(i % 10 == 0 ? double.NaN : i / 2.0)) Assert.Fail($"Row {i}: {ids[i]}, {kinds[i]}, {halves[i]}.");
            }
        }
    }

    [Fact]
    public void A_word_in_the_last_of_many_rows_makes_the_column_text()
    {
        string rows = string.Concat(Enumerable.Range(0, 50_000).Select(i => $"{i},{i}.5\n"));
        Dataset data = Read(Write("t.csv", $"id,v\n{rows}50000,oops\n"));

        Assert.Equal("oops", Texts(data, "v")[^1]);
        Assert.Equal(50_000, Numbers(data, "id")[^1]);
    }

    [Fact]
    public void A_file_without_header_says_so() =>
        Assert.Contains("no header", Assert.Single(Read(Write("t.csv", "1,2\n3,4\n")).Notes), StringComparison.Ordinal);

    [Fact]
    public void Names_with_quotes_and_brackets_are_names()
    {
        Dataset data = Read(Write("it's [1]*.csv", "it's,\"a \"\"b\"\"\"\n1,2\n"));

        Assert.Equal(["it's", "a \"b\""], data.Table!.Columns.Select(column => column.Name));
    }

    [Fact]
    public void A_Latin_1_file_is_read_with_a_note()
    {
        Dataset data = Read(Write("t.csv", [.. "name\nM"u8, 0xFC, .. "ller\nb\n"u8]));

        Assert.Equal("Müller", Texts(data, "name")[0]);
        Assert.Contains("Latin-1", Assert.Single(data.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Reading_stops_when_cancelled()
    {
        using CancellationTokenSource source = new();
        using IEnumerator<Dataset> blocks = DatasetReader
            .ReadBlocks(null, new ReadOptions { Sql = "select range from range(10000000000)" }, 1_000, source.Token).GetEnumerator();
        Assert.True(blocks.MoveNext());
        source.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => blocks.MoveNext());
    }

    [Fact]
    public void A_query_that_computes_for_long_is_interrupted()
    {
        using CancellationTokenSource source = new(100);

        Assert.ThrowsAny<OperationCanceledException>(() =>
            DatasetReader.Read(null, new ReadOptions { Sql = "select sum(a.range * b.range) from range(10000000) a, range(10000000) b" }, source.Token));
    }

    [Fact]
    public void The_KDD_table_has_its_published_counts()
    {
        string path = RealData.Require("kddcup99/kddcup.data_10_percent.gz");
        Dataset data = Read(path, new ReadOptions { LabelColumn = "column41", AnomalyValue = "normal." });

        Assert.Equal(494_021, data.Count);
        Assert.Equal(41, data.Table!.Columns.Count);
        Assert.Equal(97_278, data.Labels!.Count(label => label == 1));
    }
}
