using System.Diagnostics;
using AnomalySharp.Preprocessing;
using AnomalySharp.Tables;

namespace AnomalySharp.Tests.Preprocessing;

public class TableEncoderTests
{
    private static readonly double[] Amounts = [1, 2.5, 3, 4, 5, 6, 7, 8, 9, 11];
    private static readonly string[] Countries = ["DE", "FR", "DE", "DE", "US", "DE", "FR", "DE", "DE", "US"];

    private static NumberColumn Numbers(string name, params double[] values) => new(name, values);

    private static TextColumn Texts(string name, params string?[] values) => new(name, values);

    private static Table Training(params TableColumn[] more) => new([Numbers("amount", Amounts), Texts("country", Countries), .. more], "train.csv");

    private static TableEncoder Fit(Table table, CategoryEncoding encoding = CategoryEncoding.Auto) => TableEncoder.Fit(table, encoding, out _);

    private static string Refusal(TableEncoder encoder, params TableColumn[] columns) =>
        Assert.Throws<DataException>(() => encoder.Encode(new Table(columns, "new.csv"))).Message;

    [Fact]
    public void Numbers_stay_as_they_are_and_texts_become_one_feature_per_category()
    {
        TableEncoder encoder = Fit(Training());
        Assert.Equal(["amount", "country=DE", "country=FR", "country=US"], encoder.Features.Select(feature => feature.Name));
        Assert.Equal(["amount", "country", "country", "country"], encoder.Features.Select(feature => feature.Column));
        Samples samples = encoder.Encode(Training()).Samples;
        Assert.Equal([2.5f, 0, 1, 0], samples[1].ToArray());
        Assert.Equal([11f, 0, 0, 1], samples[9].ToArray());
    }

    [Fact]
    public void Columns_are_found_by_name_whatever_their_order()
    {
        TableEncoder encoder = Fit(Training());
        Table reordered = new([Texts("country", "FR"), Numbers("amount", 7)]);
        Assert.Equal([7f, 0, 1, 0], encoder.Encode(reordered).Samples[0].ToArray());
    }

    [Fact]
    public void Many_categories_become_their_share()
    {
        string[] cities = [.. Enumerable.Range(0, 100).Select(i => $"city {(i < 40 ? 0 : i % 30)}")];
        TableEncoder encoder = Fit(new Table([Texts("city", cities)]));
        EncodedTable encoded = encoder.Encode(new Table([Texts("city", "city 0", "city 7", "elsewhere", null)]));
        Assert.Equal([0.42f, 0.02f, 0, 0], encoded.Samples.Values.ToArray());
        Assert.Equal(1, encoded.UnseenCategories["city"]);
    }

    [Fact]
    public void The_encoding_asked_for_is_used()
    {
        Assert.Equal(["country"], Fit(new Table([Texts("country", Countries)]), CategoryEncoding.Frequency).Features.Select(feature => feature.Name));
        string[] letters = [.. Enumerable.Range(0, 90).Select(i => ((char)('A' + i % 30)).ToString())];
        Assert.Equal(30, Fit(new Table([Texts("letter", letters)]), CategoryEncoding.OneHot).Features.Count);
    }

    [Fact]
    public void Missing_cells_are_imputed_and_indicated_where_training_had_any()
    {
        Table table = new([Numbers("age", 1, double.NaN, 3, 5, 7), Texts("kind", "a", "b", null, "a", "b")]);
        TableEncoder encoder = TableEncoder.Fit(table, CategoryEncoding.Auto, out IReadOnlyList<string> notes);
        Assert.Equal(["age", "age is missing", "kind=a", "kind=b", "kind is missing"], encoder.Features.Select(feature => feature.Name));
        Samples samples = encoder.Encode(table).Samples;
        Assert.Equal([4f, 1, 0, 1, 0], samples[1].ToArray());
        Assert.Equal([3f, 0, 0, 0, 1], samples[2].ToArray());
        Assert.Contains(notes, note => note.Contains("'age'", StringComparison.Ordinal) && note.Contains("median 4", StringComparison.Ordinal));
    }

    [Fact]
    public void Cells_missing_only_later_are_imputed_too()
    {
        Samples samples = Fit(Training()).Encode(new Table([Numbers("amount", double.NaN), Texts("country", [null])])).Samples;
        Assert.Equal([5.5f, 0, 0, 0], samples[0].ToArray());
    }

    [Fact]
    public void Constant_and_identifying_columns_are_left_out_with_a_note()
    {
        Table table = Training(
            Numbers("version", [.. Enumerable.Repeat(3.0, 10)]),
            Texts("unit", [.. Enumerable.Repeat("kg", 10)]),
            Texts("uuid", [.. Enumerable.Range(0, 10).Select(i => $"u{i * 7919}")]),
            Numbers("customer_id", [.. Enumerable.Range(0, 10).Select(i => i * 37.0 % 11)]),
            Numbers("n", [.. Enumerable.Range(1, 10).Select(i => (double)i)]),
            Numbers("empty", [.. Enumerable.Repeat(double.NaN, 10)]));
        TableEncoder encoder = TableEncoder.Fit(table, CategoryEncoding.Auto, out IReadOnlyList<string> notes);
        Assert.Equal(["amount", "country", "country", "country"], encoder.Features.Select(feature => feature.Column));
        foreach (string column in new[] { "version", "unit", "uuid", "customer_id", "n", "empty" })
        {
            Assert.Single(notes, note => note.StartsWith($"Column '{column}' is left out: ", StringComparison.Ordinal));
        }
        Assert.Null(encoder.Encode(table).Samples.RowNames);
    }

    [Fact]
    public void Distinct_numbers_under_an_ordinary_name_are_kept() =>
        Assert.Equal("pressure", Assert.Single(Fit(new Table([Numbers("pressure", 5, 3, 9, 1, 12, 44, 2, 8, 7, 10, 11)])).Features).Name);

    [Fact]
    public void One_identifier_names_the_rows_and_may_be_absent_later()
    {
        Table table = Training(Texts("order", [.. Enumerable.Range(0, 10).Select(i => $"o-{i}")]));
        TableEncoder encoder = Fit(table);
        Assert.Equal("o-3", encoder.Encode(table).Samples.RowName(3));
        Assert.Null(encoder.Encode(Training()).Samples.RowNames);
    }

    [Fact]
    public void Rows_a_minute_apart_differ_although_their_dates_are_far_from_zero()
    {
        double[] times = [.. Enumerable.Range(0, 50).Select(i => 1.7e9 + 60 * i)];
        Table table = new([new NumberColumn("time", times, IsDate: true)]);
        ReadOnlySpan<float> encoded = Fit(table).Encode(table).Samples.Values.Span;
        for (int i = 1; i < encoded.Length; i++) Assert.Equal(60, encoded[i] - encoded[i - 1]);
    }

    [Fact]
    public void A_missing_or_new_column_is_named_with_the_file_and_what_is_expected()
    {
        string message = Refusal(Fit(Training()), Numbers("amount", 1), Texts("land", "DE"));
        Assert.Contains("new.csv lacks the column 'country'", message, StringComparison.Ordinal);
        Assert.Contains("has the column 'land'", message, StringComparison.Ordinal);
        Assert.Contains("expects 'amount', 'country'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_where_numbers_are_expected_is_named_with_its_row()
    {
        string message = Refusal(Fit(Training()), Texts("amount", "1.5", null, "twelve"), Texts("country", "DE", "DE", "DE"));
        Assert.Contains("new.csv, column 'amount'", message, StringComparison.Ordinal);
        Assert.Contains("row 2 (counted from 0) is 'twelve'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_that_are_numbers_are_taken_as_numbers_and_numbers_as_categories()
    {
        TableEncoder encoder = Fit(new Table([Numbers("amount", Amounts), Texts("code", "1", "x", "1", "2", "x", "1", "2", "1", "1", "2")]));
        Samples samples = encoder.Encode(new Table([Texts("amount", "-1.5e1"), Numbers("code", 2)])).Samples;
        Assert.Equal([-15f, 0, 1, 0], samples[0].ToArray());
    }

    [Fact]
    public void Dates_are_not_mistaken_for_numbers()
    {
        TableEncoder encoder = Fit(new Table([new NumberColumn("when", Amounts, IsDate: true)]));
        Assert.Contains("'when' holds numbers, and in the training data dates", Refusal(encoder, Numbers("when", 5)), StringComparison.Ordinal);
        float encoded = encoder.Encode(new Table([Texts("when", "1970-01-01 00:01:00")])).Samples[0][0];
        Assert.Equal(60 - 5.5f, encoded);
    }

    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void An_infinite_cell_is_named_with_file_row_and_column(double cell)
    {
        string message = Refusal(Fit(Training()), Numbers("amount", 1, cell), Texts("country", "DE", "DE"));
        Assert.Contains("new.csv, row 1 (counted from 0), column 'amount'", message, StringComparison.Ordinal);
        Assert.Throws<DataException>(() => Fit(new Table([Numbers("x", 1, 2, cell)])));
    }

    [Fact]
    public void Numbers_beyond_float_stay_finite() =>
        Fit(Training()).Encode(new Table([Numbers("amount", 1e300, -1e300), Texts("country", "DE", "DE")])).Samples.RequireFinite();

    [Fact]
    public void A_table_without_a_usable_column_is_refused_with_the_reasons()
    {
        string message = Assert.Throws<DataException>(() => Fit(new Table([Numbers("x", 1, 1, 1)], "flat.csv"))).Message;
        Assert.Contains("flat.csv", message, StringComparison.Ordinal);
        Assert.Contains("'x'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_million_cells_of_numbers_are_encoded_without_a_byte_per_cell_and_quickly()
    {
        Random random = new(1);
        double[] Column() => [.. Enumerable.Range(0, 100_000).Select(_ => random.NextDouble())];
        TableColumn[] columns = [.. Enumerable.Range(0, 10).Select(j => new NumberColumn($"c{j}", Column()))];
        Table table = new(columns);
        TableEncoder encoder = Fit(table);
        encoder.Encode(table);
        long before = GC.GetAllocatedBytesForCurrentThread();
        encoder.Encode(table);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 4_000_000, 4_100_000);
        double best = double.MaxValue;
        for (int run = 0; run < 5; run++)
        {
            long started = Stopwatch.GetTimestamp();
            encoder.Encode(table);
            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
        // Alone it takes a few milliseconds; other work on the machine needs a wide margin.
        Assert.InRange(best, 0, 0.5);
    }
}
