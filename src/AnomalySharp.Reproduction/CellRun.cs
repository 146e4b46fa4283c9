using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using AnomalySharp.Evaluation;

namespace AnomalySharp.Reproduction;

/// <summary>Trains, scores and measures one cell on one thread. No label reaches the training but to measure it, which changes no score.</summary>
internal static class CellRun
{
    private static readonly string Version =
        typeof(AnomalyModel).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";

    public static CellResult Run(Cell cell, DataStore data, int parallel, CancellationToken cancellation)
    {
        CellResult result = new()
        {
            Fingerprint = cell.Fingerprint(),
            Case = cell.Case,
            Method = cell.Method.Label,
            Detector = cell.Method.Detector,
            Settings = cell.Method.Features is { } features ? [.. cell.Method.Settings, $"features={features}"] : cell.Method.Settings,
            Seed = cell.Seed,
            Parallel = parallel,
            Cores = Environment.ProcessorCount,
            Version = Version,
            Runtime = Environment.Version.ToString(),
        };
        try
        {
            Trial trial = cell.Prepare(data, cancellation);
            IReadOnlyList<byte> labels = trial.Test.Labels ?? throw new DataException($"{trial.Test.Source} has no labels to measure with.");
            using AnomalyModel model = AnomalyModel.Train(trial.Train.WithoutLabels(), cell.Method.CreateOptions(), new TrainingSettings
            {
                Features = cell.Method.CreateFeatures(data),
                Scaling = cell.Method.Scaling,
                Windows = cell.Windows,
                Normalization = cell.Normalization,
                ContextColumns = trial.ContextColumns,
                Context = new FitContext { Seed = cell.Seed, Threads = 1, Cancellation = cancellation, KnownLabels = trial.Train.Labels },
            });
            long start = Stopwatch.GetTimestamp();
            float[] scores = model.Score(trial.Test.WithoutLabels(), 1, cancellation).Scores.ToArray();
            double scoreSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Inspection? inspection = cell.Inspect?.Invoke(model, trial, scores);
            return result with
            {
                TrainRows = trial.Train.Count,
                TestRows = trial.Test.Count,
                Anomalies = labels.Count(label => label == 1),
                Figures = Measure(cell, model, scores, labels, inspection),
                Exhibit = inspection?.Exhibit,
                TrainSeconds = Math.Round(model.Summary.Seconds, 3),
                ScoreSeconds = Math.Round(scoreSeconds, 3),
            };
        }
        catch (AnomalySharpException e)
        {
            return result with { Error = e.Message };
        }
        catch (Exception e) when (e is OutOfMemoryException or ExternalException)
        {
            // Too little memory for this cell, or an error of libtorch's (which arrives as an external one), says nothing about the others.
            return result with { Error = $"{e.GetType().Name}: {e.Message.Split('\n')[0].Trim()}" };
        }
    }

    private static Dictionary<string, double> Measure(
        Cell cell, AnomalyModel model, float[] scores, IReadOnlyList<byte> labels, Inspection? inspection)
    {
        DetectionMetrics metrics = DetectionMetrics.Compute(scores, labels, float.PositiveInfinity);
        Dictionary<string, double> figures = new()
        {
            ["rocAuc"] = metrics.RocAuc,
            ["averagePrecision"] = metrics.AveragePrecision,
            ["auprIn"] = metrics.AuprIn,
            ["bestF1"] = metrics.BestF1,
        };
        foreach ((string name, double value) in cell.Measure?.Invoke(model, scores, labels) ?? []) figures[name] = value;
        foreach ((string name, double value) in inspection?.Figures ?? new Dictionary<string, double>()) figures[name] = value;
        return figures.ToDictionary(figure => figure.Key, figure => Math.Round(figure.Value, 6));
    }
}
