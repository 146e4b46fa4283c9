namespace AnomalySharp.Data.Tests;

public class BadTableTests : TemporaryFolder
{
    [Theory]
    [InlineData("a,b,c\n1,2,3\n4,5\n6,7,8\n", "line 3", "2 cells", "3")]
    [InlineData("a,b,c\n1,2,3\n4,5,6,7\n", "line 3", "4 cells", "3")]
    [InlineData("a,b\n1,2,3\n4,5,6\n", "line 2", "3 cells", "2")]
    [InlineData("a,b\n1,\"x\n2,y\n", "line 2", "quote")]
    [InlineData("a,b,c\n", "no rows", "a, b, c")]
    [InlineData("a\n", "no rows")]
    [InlineData("", "empty")]
    [InlineData("\n\n \n", "white space")]
    [InlineData("a,b,a\n1,2,3\n", "two columns are called 'a'", "Rename")]
    [InlineData("a,b,A\n1,2,3\n", "'a' and 'A' differ only in upper and lower case", "Rename")]
    [InlineData("PK\u0005\u0006abc", "not a text table", "0x05")]
    public void A_malformed_text_table_is_refused_with_place_and_reason(string text, params string[] parts)
    {
        string path = Write("t.csv", text);

        AssertRefused(path, null, [path, .. parts]);
    }

    [Fact]
    public void A_line_that_is_ragged_far_below_is_named_by_its_number()
    {
        string path = Write("t.csv", "a,b\n" + string.Concat(Enumerable.Range(0, 60_000).Select(i => $"{i},{i}\n")) + "7\n");

        AssertRefused(path, null, path, "line 60002", "1 cell ");
    }

    [Fact]
    public void Random_bytes_are_not_a_table()
    {
        byte[] junk = new byte[100_000];
        new Random(1).NextBytes(junk);
        string path = Write("t.csv", junk);

        AssertRefused(path, null, path, "not a text table");
    }

    [Theory]
    [InlineData("t.parquet", "a,b\n1,2\n", "not a Parquet file")]
    [InlineData("t.npz", "a,b\n1,2\n", "not a NumPy file")]
    [InlineData("t.xlsx", "hello", ".xlsx")]
    [InlineData("t.json", "[{\"a\":1},{\"a\":", "JSON")]
    [InlineData("t.json", "[]", "holds no rows")]
    [InlineData("t.json", "", "holds no rows")]
    [InlineData("t.parquet", "PAR1 and nothing more", "end of file")]
    public void A_file_that_is_not_what_its_ending_says_is_refused(string name, string text, string part)
    {
        string path = Write(name, text);

        AssertRefused(path, null, path, part);
    }

    [Fact]
    public void A_missing_file_is_named() => AssertRefused(PathOf("none.csv"), null, PathOf("none.csv"), "no file");

    [Fact]
    public void No_path_at_all_is_explained() => AssertRefused(null, null, "--sql");

    [Fact]
    public void A_cut_gzip_file_is_refused()
    {
        byte[] whole = File.ReadAllBytes(Write("t.csv.gz", string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i},{i * 7919 % 10_007}\n"))));
        string path = PathOf("cut.csv.gz");
        File.WriteAllBytes(path, whole[..(whole.Length / 2)]);

        AssertRefused(path, null, path, "damaged");
    }

    [Theory]
    [InlineData("select x from (select 1 as a)", "\"x\"")]
    [InlineData("select * from 'none.parquet'", "none.parquet")]
    [InlineData("selct 1", "syntax error")]
    [InlineData("select 1 as a, 2 as a", "two columns are called 'a'")]
    [InlineData("select 1 as a where false", "no rows")]
    [InlineData("select [1] as a", "no column that can be used")]
    [InlineData("copy (select 1) to 'x.csv'", "query")]
    [InlineData("select * from 'https://example.org/t.csv'", "httpfs")]
    public void A_query_that_fails_says_what_is_wrong_in_one_sentence(string sql, string part) => AssertRefused(null, new ReadOptions { Sql = sql }, part);

    [Fact]
    public void An_empty_query_is_an_option_error() =>
        Assert.Throws<OptionException>(() => Read(null, new ReadOptions { Sql = " ; " }));
}
