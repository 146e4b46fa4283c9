using AnomalySharp.Data.Protocols;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>Telemetry of the satellite SMAP and the rover MSL: a value and the commands of the time.</summary>
internal sealed class Telemetry : SequencesExperiment
{
    private const string Smap =
        """
        A-1 A-2 A-3 A-4 A-5 A-6 A-7 A-8 A-9 B-1 D-1 D-11 D-12 D-13 D-2 D-3 D-4 D-5 D-6 D-7 D-8 D-9 E-1 E-10 E-11 E-12 E-13 E-2 E-3 E-4 E-5 E-6 E-7
        E-8 E-9 F-1 F-2 F-3 G-1 G-2 G-3 G-4 G-6 G-7 P-1 P-2 P-3 P-4 P-7 R-1 S-1 T-1 T-2 T-3
        """;

    private const string Msl =
        """
        C-1 C-2 D-14 D-15 D-16 F-4 F-5 F-7 F-8 M-1 M-2 M-3 M-4 M-5 M-6 M-7 P-10 P-11 P-14 P-15 S-2 T-12 T-13 T-4 T-5 T-8 T-9
        """;

    private static readonly string[] Quick = ["A-7", "C-1"];

    public override string Name => "telemetry";

    public override string Title => "SMAP and MSL: forecasters on telemetry beside isolation forest, persistence and autoregression";

    protected override int Epochs => 10;

    protected override int Stride => 2;

    protected override string Split =>
        "Telemetry of two spacecraft (Hundman et al., KDD 2018): each channel has a training and a test series of its own, the first feature being "
        + "the value and the others the commands sent, one-hot. Rows are labelled.";

    protected override IEnumerable<(string Set, string Series)> Series(bool quick) =>
        from set in new[] { (Name: "smap", Channels: Smap), (Name: "msl", Channels: Msl) }
        from series in set.Channels.Split((char[])[], StringSplitOptions.RemoveEmptyEntries)
        where !quick || Quick.Contains(series)
        select (set.Name, series);

    protected override IReadOnlyList<string> Files(string set, string series) => [File(set)];

    protected override Trial Read(DataStore data, string set, string series, CancellationToken cancellation)
    {
        (Samples train, Samples test) = TelemetryChannel.Read(data.Require(File(set)), series);
        return new Trial(train, test);
    }

    private static string File(string set) => $"timeseries/{set}.npz";
}
