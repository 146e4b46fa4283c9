using System.Text.Json;
using AnomalySharp.Data;
using AnomalySharp.Preprocessing;
using AnomalySharp.Tests.Common;

namespace AnomalySharp.Tests.Detectors;

/// <summary>
/// One of ADBench's tables, where the public data are at hand, with the figures that <c>tests/golden/shared_sets.py</c> computed for it.
/// </summary>
internal sealed class SharedSet
{
    private static readonly Lazy<JsonElement> Golden = new(() =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(RealData.Repository(), "tests/golden/shared_sets.json"))).RootElement.GetProperty("sets"));

    private SharedSet(string name)
    {
        Raw = DatasetReader.Read(RealData.Require($"tabular/{name}.npz"), new ReadOptions { LabelColumn = "y" }).Samples!;
        Standardized = FeatureScaler.Fit(Raw, FeatureScaling.Standard).Apply(Raw);
        Figures = Golden.Value.GetProperty(name);
        Rows = [.. Figures.GetProperty("rows").EnumerateArray().Select(row => row.GetInt32())];
    }

    public static TheoryData<string> Names => ["wdbc", "thyroid", "pendigits"];

    public Samples Raw { get; }

    public Samples Standardized { get; }

    public JsonElement Figures { get; }

    /// <summary>The rows that most figures are of.</summary>
    public int[] Rows { get; }

    /// <summary>Skips the test where the data are not here.</summary>
    public static SharedSet Require(string name) => new(name);

    public double[] Numbers(params string[] path) =>
        [.. path.Aggregate(Figures, (element, key) => element.GetProperty(key)).EnumerateArray().Select(number => number.GetDouble())];

    /// <summary>Scores on all rows against figures of some, to a part of each or, near 0, of their mean size.</summary>
    public static void RequireEqual(double[] expected, float[] scores, int[] rows, double tolerance, double sign = 1)
    {
        Assert.Equal(rows.Length, expected.Length);
        double size = expected.Average(Math.Abs), worst = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            worst = Math.Max(worst, Math.Abs(sign * scores[rows[i]] - expected[i]) / Math.Max(Math.Abs(expected[i]), size));
        }
        Assert.InRange(worst, 0, tolerance);
    }
}
