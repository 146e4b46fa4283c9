using System.Globalization;
using System.IO.Compression;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>
/// The tenth of the KDD Cup 1999 data: 494,021 connections with 41 features, of which seven are symbolic and become one feature per symbol. Attacks
/// are the many, so <c>normal.</c> is the anomaly, as in the literature.
/// </summary>
internal static class KddCup
{
    /// <summary>The file, relative to the data folder.</summary>
    public const string File = "kddcup99/kddcup.data_10_percent.gz";

    /// <summary>Name of the feature that is 1 where a connection was refused.</summary>
    public const string Refused = "3=REJ";

    // The reversed set draws the same attacks for every seed and method.
    private const int ReverseSeed = 0;

    private const string Usual = "normal.";

    private static readonly int[] Symbolic = [1, 2, 3, 6, 11, 20, 21];

    /// <summary>All rows, <c>normal.</c> = 1.</summary>
    public static Samples Read(DataStore data, CancellationToken cancellation) => data.Get(File, () => Parse(data.Require(File), cancellation));

    /// <summary>KDDCUP-Rev: all connections that are <c>normal.</c>, which are normal here, and a quarter as many attacks.</summary>
    public static Samples ReadReversed(DataStore data, CancellationToken cancellation) => data.Get(File + " reversed", () =>
    {
        Samples all = Read(data, cancellation);
        int[] normal = [.. Rows(1)], attacks = [.. Rows(0)];
        new FitContext { Seed = ReverseSeed }.CreateRandom(0).Shuffle(attacks);
        int[] rows = [.. normal.Concat(attacks[..(normal.Length / 4)]).Order()];
        return all.Select(rows).WithLabels([.. rows.Select(row => (byte)(1 - all.Labels![row]))]);

        IEnumerable<int> Rows(byte label) => Enumerable.Range(0, all.Count).Where(row => all.Labels![row] == label);
    });

    private static Samples Parse(string path, CancellationToken cancellation)
    {
        List<string[]> rows = [];
        Dictionary<string, string> texts = [];
        using (StreamReader reader = new(new GZipStream(System.IO.File.OpenRead(path), CompressionMode.Decompress)))
        {
            while (reader.ReadLine() is { } line)
            {
                if (rows.Count % 10_000 == 0) cancellation.ThrowIfCancellationRequested();
                string[] cells = line.Split(',');
                if (cells.Length != 42)
                {
                    throw new DataException($"'{path}' has {cells.Length} cells in line {rows.Count + 1}, not 42: it is not the KDD Cup 1999 data.");
                }
                for (int j = 0; j < cells.Length; j++)
                {
                    // Half a million lines share a few thousand texts.
                    if (!texts.TryGetValue(cells[j], out string? text)) texts.Add(cells[j], text = cells[j]);
                    cells[j] = text;
                }
                rows.Add(cells);
            }
        }
        List<(int Column, string? Symbol)> features = [];
        for (int column = 0; column < 41; column++)
        {
            if (!Symbolic.Contains(column)) features.Add((column, null));
            else features.AddRange(rows.Select(row => row[column]).Distinct().Order(StringComparer.Ordinal).Select(text => (column, (string?)text)));
        }
        float[] values = new float[checked(rows.Count * features.Count)];
        byte[] labels = new byte[rows.Count];
        for (int i = 0; i < rows.Count; i++)
        {
            labels[i] = rows[i][41] == Usual ? (byte)1 : (byte)0;
            for (int j = 0; j < features.Count; j++)
            {
                (int column, string? symbol) = features[j];
                string cell = rows[i][column];
                values[i * features.Count + j] = symbol is null ? float.Parse(cell, CultureInfo.InvariantCulture) : cell == symbol ? 1 : 0;
            }
        }
        string[] names = [.. features.Select(feature => feature.Symbol is null ? $"{feature.Column}" : $"{feature.Column}={feature.Symbol}")];
        return new Samples(values, new SampleShape(features.Count), labels, names);
    }
}
