using AnomalySharp.Data.Protocols;
using AnomalySharp.Tests.Common;

namespace AnomalySharp.Data.Tests;

public sealed class SeriesProtocolTests : TemporaryFolder
{
    [Fact]
    public void A_series_of_the_benchmark_trains_on_its_first_part_and_is_labelled_by_windows_of_time()
    {
        string csv = PathOf("s.csv"), labels = PathOf("l.json");
        File.WriteAllText(csv, "timestamp,value\n" + string.Concat(Enumerable.Range(0, 20).Select(i => $"2024-01-01 {i:00}:00:00,{i}\n")));
        File.WriteAllText(labels, """{ "x/s.csv": [["2024-01-01 05:00:00.000000", "2024-01-01 07:00:00.000000"]], "other.csv": [] }""");
        (Samples train, Samples test) = NabSeries.Read(csv, labels, "x/s.csv", TestContext.Current.CancellationToken);
        Assert.Equal([0f, 1f, 2f], train.Values.ToArray());
        Assert.Equal([5f, 6f, 7f], Enumerable.Range(0, 17).Where(i => test.Labels![i] == 1).Select(i => test[i][0]));
        Refused("no series 'y.csv'", () => NabSeries.Read(csv, labels, "y.csv"));
        File.WriteAllText(labels, """{ "x/s.csv": [["yesterday", "today"]] }""");
        Refused("no labelled windows of time", () => NabSeries.Read(csv, labels, "x/s.csv"));
        File.WriteAllText(csv, "time,value\n1,2\n2,3\n");
        Refused("no series of the benchmark", () => NabSeries.Read(csv, labels, "x/s.csv"));
    }

    [Fact]
    public void Nothing_is_labelled_in_the_first_part_of_a_real_series_of_the_benchmark()
    {
        string folder = RealData.Require("timeseries/nab");
        (Samples train, Samples test) = NabSeries.Read(
            Path.Combine(folder, "data/realKnownCause/machine_temperature_system_failure.csv"), Path.Combine(folder, "labels/combined_windows.json"),
            "realKnownCause/machine_temperature_system_failure.csv", TestContext.Current.CancellationToken);
        Assert.Equal((750, 21945), (train.Count, test.Count));
        Assert.DoesNotContain((byte)1, train.Labels!);
        // Four windows of 567 rows or so: the benchmark shares a tenth of a series among its anomalies.
        Assert.Equal(2268, test.Labels!.Count(label => label == 1));
    }

    [Fact]
    public void A_channel_of_telemetry_has_a_training_and_a_labelled_test_series()
    {
        (Samples train, Samples test) = TelemetryChannel.Read(RealData.Require("timeseries/msl.npz"), "C-1");
        Assert.Equal((2158, 2264), (train.Count, test.Count));
        Assert.Equal(new SampleShape(55), test.Shape);
        Assert.Null(train.Labels);
        // Anomalies of rows 550 to 750 and 2100 to 2210.
        Assert.Equal(201 + 111, test.Labels!.Count(label => label == 1));
        Refused("no array 'X-1_train'", () => TelemetryChannel.Read(RealData.Require("timeseries/msl.npz"), "X-1"));
    }

    private static void Refused(string part, Func<object> read) =>
        Assert.Contains(part, Assert.Throws<DataException>(read).Message, StringComparison.Ordinal);
}
