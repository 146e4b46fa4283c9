using AnomalySharp.Tables;

namespace AnomalySharp.Data.Protocols;

/// <summary>
/// A made table of anomalies that only context shows: temperature and demand follow month, weekday and site, with more noise where it is cold, and
/// abnormal rows have readings of another month, weekday and site, so that their values are as frequent as any. A third value, wind, follows nothing.
/// </summary>
public static class SeasonalReadings
{
    private static readonly string[] Months =
        ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

    private static readonly string[] Weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    private static readonly string[] Sites = ["A", "B", "C", "D"];

    /// <summary>The columns that the others follow.</summary>
    public static IReadOnlyList<string> Context { get; } = ["month", "weekday", "site"];

    /// <summary>Makes it, labelled; the abnormal rows are the first.</summary>
    /// <param name="count">Rows.</param>
    /// <param name="anomalies">How many are abnormal.</param>
    /// <param name="seed">Decides the readings.</param>
    public static Dataset Make(int count, int anomalies, int seed)
    {
        Random random = new(seed);
        int[] month = new int[count], weekday = new int[count], site = new int[count];
        double[] temperature = new double[count], demand = new double[count], wind = new double[count];
        for (int i = 0; i < count; i++)
        {
            (month[i], weekday[i], site[i]) = Moment(random);
            (int m, int day, int s) = i < anomalies ? Moment(random) : (month[i], weekday[i], site[i]);
            // Each site has its summer at another time.
            double season = (2 * Math.PI * (m - 6.5) / Months.Length) + (2 * Math.PI * s / Sites.Length), summer = Math.Cos(season);
            bool weekend = day >= 5;
            temperature[i] = 12 + (12 * summer) + (weekend ? 8 : 0) + ((summer < 0 ? 0.6 : 0.3) * Normal(random));
            demand[i] = 50 + (20 * Math.Sin(season)) - (weekend ? 12 : 0) + (0.8 * Normal(random));
            wind[i] = 6 + (2 * Normal(random));
        }
        TableColumn[] columns =
        [
            new TextColumn("month", [.. month.Select(m => Months[m])]),
            new TextColumn("weekday", [.. weekday.Select(day => Weekdays[day])]),
            new TextColumn("site", [.. site.Select(s => Sites[s])]),
            new NumberColumn("temperature", temperature),
            new NumberColumn("demand", demand),
            new NumberColumn("wind", wind),
        ];
        return new Dataset(new Table(columns, "seasonal readings"), [.. Enumerable.Range(0, count).Select(i => (byte)(i < anomalies ? 1 : 0))]);
    }

    private static (int Month, int Weekday, int Site) Moment(Random random) =>
        (random.Next(Months.Length), random.Next(Weekdays.Length), random.Next(Sites.Length));

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
