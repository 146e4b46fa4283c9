using AnomalySharp.Data;
using AnomalySharp.Detectors.Classical;
using AnomalySharp.Explanation;

namespace AnomalySharp.Cli.Tests;

/// <summary>The example of README.md, so that it compiles and runs.</summary>
internal static class ReadmeExample
{
    public static void Run()
    {
        // <example>
        Dataset data = DatasetReader.Read("data/breast-cancer.csv", new ReadOptions { LabelColumn = "diagnosis", AnomalyValue = "malignant" });
        using AnomalyModel model = AnomalyModel.Train(data, new IsolationForestOptions { Trees = 200 }, new TrainingSettings { Contamination = 0.05 });
        ScoredSamples scored = model.Score(data);
        foreach (SampleExplanation row in model.Explain(data, scored.MostAnomalous(3))) Console.WriteLine($"{row.Row}: {string.Join("; ", row.Columns)}");
        model.Save("cancer.anomaly");
        // </example>
    }
}
