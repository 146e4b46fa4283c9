using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AnomalySharp.Evaluation;

/// <summary>What one training and scoring gave, before it is held against the labels.</summary>
internal sealed record TrainedScores(
    ReadOnlyMemory<float> Scores, float Threshold, double Contamination, int Features, double TrainSeconds, double ScoreSeconds);

/// <summary>Trains on one dataset and scores another; neither carries labels.</summary>
internal delegate TrainedScores TrainAndScore(Dataset train, Dataset test, DetectorOptions options, TrainingSettings settings);

/// <summary>One detector with one seed.</summary>
internal sealed record ComparisonRun(string Name, DetectorOptions Options, int Seed)
{
    public static TrainedScores OfModel(Dataset train, Dataset test, DetectorOptions options, TrainingSettings settings)
    {
        using AnomalyModel model = AnomalyModel.Train(train, options, settings);
        long start = Stopwatch.GetTimestamp();
        ScoredSamples scored = model.Score(test, settings.Context.Threads, settings.Context.Cancellation);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new(scored.Scores, scored.Threshold, model.Contamination, model.Summary.Features, model.Summary.Seconds, seconds);
    }

    public RunResult Measure(Dataset data, Protocol protocol, TrainingSettings settings, TrainAndScore train, CancellationToken cancellation)
    {
        RunResult result = new() { Detector = Name, Seed = Seed };
        try
        {
            (int[] learn, int[] test) = Comparison.Split(protocol, data.Labels!, Seed);
            bool same = protocol == Protocol.Transductive;
            Dataset blind = data.WithoutLabels();
            Dataset scored = same ? blind : blind.Select(test);
            TrainedScores run = train(same ? blind : blind.Select(learn), scored, Options, settings with
            {
                NormalOnly = false,
                Context = settings.Context with
                {
                    Seed = Seed,
                    Threads = 1,
                    Cancellation = cancellation,
                    Progress = null,
                    CheckpointPath = null,
                    Resume = false,
                },
            });
            byte[] labels = [.. test.Select(row => data.Labels![row])];
            return result with
            {
                Metrics = DetectionMetrics.Compute(run.Scores.Span, labels, run.Threshold),
                Threshold = run.Threshold,
                Contamination = run.Contamination,
                Rows = test.Length,
                Features = run.Features,
                TrainSeconds = run.TrainSeconds,
                ScoreSeconds = run.ScoreSeconds,
                PeakMemoryMb = RunResult.PeakMemoryOfProcess(),
            };
        }
        catch (AnomalySharpException e)
        {
            return Failed(e.Message);
        }
        catch (Exception e) when (e is OutOfMemoryException or ExternalException)
        {
            // Too little memory for this detector, or an error of libtorch's (which arrives as an external one), says nothing about the others.
            return Failed($"{e.GetType().Name}: {e.Message.Split('\n')[0].Trim()}");
        }

        RunResult Failed(string error) => result with { Rows = data.Count, Error = error, PeakMemoryMb = RunResult.PeakMemoryOfProcess() };
    }
}
