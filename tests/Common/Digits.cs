using System.Globalization;

namespace AnomalySharp.Tests.Common;

/// <summary>181 handwritten fours and 10 other digits of 8 × 8 pixels in [0, 1]: <c>data/digits-fours.csv</c>.</summary>
internal static class Digits
{
    public static Samples Fours { get; } = Read();

    private static Samples Read()
    {
        int[][] rows =
        [
            .. File.ReadLines(Path.Combine(RealData.Repository(), "data/digits-fours.csv")).Skip(1)
                .Select(line => line.Split(',').Select(cell => int.Parse(cell, CultureInfo.InvariantCulture)).ToArray()),
        ];
        return new Samples(
            rows.SelectMany(row => row[..64]).Select(pixel => pixel / 16f).ToArray(),
            new SampleShape(64),
            [.. rows.Select(row => (byte)(row[64] == 4 ? 0 : 1))]);
    }
}
