using AnomalySharp.Tables;

namespace AnomalySharp.Tests.Models;

/// <summary>A small table with a number, a date, texts, missing cells, an identifier, and a few planted anomalies.</summary>
internal static class Payments
{
    public const int Rows = 400;

    public const int Anomalies = 12;

    public static Table Table(int seed = 1, bool shuffledColumns = false)
    {
        Random random = new(seed);
        double[] amount = new double[Rows], hour = new double[Rows], time = new double[Rows];
        string?[] country = new string?[Rows], order = new string?[Rows];
        for (int i = 0; i < Rows; i++)
        {
            bool odd = i < Anomalies;
            amount[i] = odd ? 500 * (i + 1) + random.NextDouble() : 20 + 10 * random.NextDouble();
            hour[i] = i % 17 == 16 ? double.NaN : odd ? 2 + i % 3 : 9 + 8 * random.NextDouble();
            time[i] = 1.7e9 + 3600 * i;
            country[i] = odd ? "XX" : i % 17 == 8 ? null : i % 3 == 0 ? "FR" : "DE";
            order[i] = $"order-{i * 7}";
        }
        TableColumn[] columns =
        [
            new NumberColumn("amount", amount), new NumberColumn("hour", hour), new NumberColumn("time", time, IsDate: true),
            new TextColumn("country", country), new TextColumn("order", order),
        ];
        if (shuffledColumns) Array.Reverse(columns);
        return new Table(columns, "payments.csv");
    }

    public static byte[] Labels() => [.. Enumerable.Range(0, Rows).Select(i => (byte)(i < Anomalies ? 1 : 0))];

    public static Dataset Labelled() => new(Table(), Labels());
}
