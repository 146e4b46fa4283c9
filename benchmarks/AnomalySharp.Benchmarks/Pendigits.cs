using AnomalySharp.Data;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Benchmarks;

/// <summary>The pendigits data (6,870 rows of 16 columns), standardised.</summary>
internal static class Pendigits
{
    public static Samples Read()
    {
        Samples samples = DatasetReader.Read(PublicData.File("tabular/pendigits.npz"), new ReadOptions { LabelColumn = "y" }).Samples!;
        return FeatureScaler.Fit(samples, FeatureScaling.Standard).Apply(samples);
    }
}
