using System.Runtime.CompilerServices;
using AnomalySharp.Data;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Benchmarks;

/// <summary>
/// The pendigits data (6,870 rows of 16 columns), standardised, from <c>ANOMALYSHARP_DATA</c> or <c>shared/data</c> beside the repository.
/// </summary>
internal static class Pendigits
{
    public static Samples Read()
    {
        Samples samples = DatasetReader.Read(Path.Combine(Folder(), "tabular/pendigits.npz"), new ReadOptions { LabelColumn = "y" }).Samples!;
        return FeatureScaler.Fit(samples, FeatureScaling.Standard).Apply(samples);
    }

    private static string Folder([CallerFilePath] string thisFile = "") =>
        Environment.GetEnvironmentVariable("ANOMALYSHARP_DATA") ?? Path.Combine(Path.GetDirectoryName(thisFile)!, "../../../shared/data");
}
