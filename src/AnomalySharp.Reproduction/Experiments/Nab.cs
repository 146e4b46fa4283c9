using AnomalySharp.Data.Protocols;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>The Numenta Anomaly Benchmark: one value over time, anomalies as windows of time.</summary>
internal sealed class Nab : SequencesExperiment
{
    private const string Folder = "timeseries/nab", Labels = $"{Folder}/labels/combined_windows.json";

    // Series with at least one anomaly, by the folder that they are in.
    private static readonly Dictionary<string, string> Names = new()
    {
        ["artificialWithAnomaly"] =
            """
            art_daily_flatmiddle art_daily_jumpsdown art_daily_jumpsup art_daily_nojump art_increase_spike_density art_load_balancer_spikes
            """,
        ["realAWSCloudwatch"] =
            """
            ec2_cpu_utilization_24ae8d ec2_cpu_utilization_53ea38 ec2_cpu_utilization_5f5533 ec2_cpu_utilization_77c1ca ec2_cpu_utilization_825cc2
            ec2_cpu_utilization_ac20cd ec2_cpu_utilization_fe7f93 ec2_disk_write_bytes_1ef3de ec2_disk_write_bytes_c0d644 ec2_network_in_257a54
            ec2_network_in_5abac7 elb_request_count_8c0756 grok_asg_anomaly iio_us-east-1_i-a2eb1cd9_NetworkIn rds_cpu_utilization_cc0c53
            rds_cpu_utilization_e47b3b
            """,
        ["realAdExchange"] =
            """
            exchange-2_cpc_results exchange-2_cpm_results exchange-3_cpc_results exchange-3_cpm_results exchange-4_cpc_results
            exchange-4_cpm_results
            """,
        ["realKnownCause"] =
            """
            ambient_temperature_system_failure cpu_utilization_asg_misconfiguration ec2_request_latency_system_failure
            machine_temperature_system_failure nyc_taxi rogue_agent_key_hold rogue_agent_key_updown
            """,
        ["realTraffic"] =
            """
            TravelTime_387 TravelTime_451 occupancy_6005 occupancy_t4013 speed_6005 speed_7578 speed_t4013
            """,
        ["realTweets"] =
            """
            Twitter_volume_AAPL Twitter_volume_AMZN Twitter_volume_CRM Twitter_volume_CVS Twitter_volume_FB Twitter_volume_GOOG Twitter_volume_IBM
            Twitter_volume_KO Twitter_volume_PFE Twitter_volume_UPS
            """,
    };

    private static readonly string[] Quick = ["ambient_temperature_system_failure", "art_daily_jumpsup", "Twitter_volume_KO"];

    public override string Name => "nab";

    public override string Title => "NAB: forecasters on single-valued series beside isolation forest, persistence and autoregression";

    protected override int Epochs => 50;

    protected override int Stride => 1;

    protected override string Split =>
        "The first 15 % of each series, at most 750 rows, train (the benchmark's probationary period, in which nothing is labelled), the rest is tested; "
        + "a row is an anomaly where it lies in a labelled window of time. Series without an anomaly are left out. The benchmark's own score rewards early "
        + "detection and is another figure.";

    protected override IEnumerable<(string Set, string Series)> Series(bool quick) =>
        from set in Names
        from series in set.Value.Split((char[])[], StringSplitOptions.RemoveEmptyEntries)
        where !quick || Quick.Contains(series)
        select (set.Key, series);

    protected override IReadOnlyList<string> Files(string set, string series) => [File(set, series), Labels];

    protected override Trial Read(DataStore data, string set, string series, CancellationToken cancellation)
    {
        (Samples train, Samples test) = NabSeries.Read(data.Require(File(set, series)), data.Require(Labels), $"{set}/{series}.csv", cancellation);
        return new Trial(train, test);
    }

    private static string File(string set, string series) => $"{Folder}/data/{set}/{series}.csv";
}
