namespace AnomalySharp.Sequences;

/// <summary>Scores and contributions of rows by a model whose detector sees windows of them.</summary>
/// <param name="parts">The model, with windows.</param>
/// <param name="detector">Its detector.</param>
/// <param name="data">Rows, in the kind of the training data.</param>
/// <param name="rows">The same as features.</param>
internal sealed class WindowedModel(ModelParts parts, Detector detector, Dataset data, Samples rows)
{
    /// <summary>The rows as series.</summary>
    public SeriesRuns Series { get; } = SeriesRuns.Of(data, parts.Windows!);

    /// <summary>A score for every row, and what was odd.</summary>
    /// <exception cref="DataException">No series is as long as a window.</exception>
    public (float[] Scores, IReadOnlyList<string> Notes) Score(int threads, CancellationToken cancellation)
    {
        WindowIndex windows = WindowIndex.Every(Series, parts.Windows!.Length, stride: 1);
        Series.RequireWindows(windows, data.Source);
        float[] scores = Normalized(Judged(threads, cancellation).Of(windows));
        int unjudged = Fill(scores);
        string[] notes = unjudged == 0 ? [] :
        [
            $"{(unjudged == 1 ? "1 row is" : $"{unjudged} rows are")} judged by no window of {windows.Length} rows (too few rows before it, or a "
            + "short series): the score is the median of training.",
        ];
        return (scores, [.. Series.Notes, .. notes]);
    }

    /// <summary>Scores of single rows.</summary>
    public float[] Score(IReadOnlyList<int> wanted, int threads, CancellationToken cancellation)
    {
        // Normalised scores depend on others of their series.
        WindowIndex windows = parts.IsNormalized ? WindowIndex.Every(Series, parts.Windows!.Length, stride: 1) : Covering(wanted);
        float[] all = Normalized(Judged(threads, cancellation).Of(windows));
        float[] scores = [.. wanted.Select(row => all[row])];
        Fill(scores);
        return scores;
    }

    /// <summary>Contributions of features to the scores of single rows, before these are normalised.</summary>
    public Samples Attribute(IReadOnlyList<int> wanted, int threads, CancellationToken cancellation)
    {
        float[] contributions = Judged(threads, cancellation).Attribute(Covering(wanted), wanted);
        return Rows(wanted).WithValues(contributions, rows.Shape, rows.FeatureNames);
    }

    /// <summary>The rows at the given positions, as features.</summary>
    public Samples Rows(IReadOnlyList<int> wanted) => rows.Select([.. wanted]);

    private WindowIndex Covering(IReadOnlyList<int> wanted) => WindowIndex.Covering(Series, parts.Windows!.Length, wanted);

    private float[] Normalized(float[] scores) => parts.ScoreRange?.Normalize(scores, Series.Runs) ?? scores;

    private RowScores Judged(int threads, CancellationToken cancellation) => new(detector, parts.Features, parts.Scaler, rows, threads, cancellation);

    private int Fill(float[] scores)
    {
        int filled = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            if (!float.IsNaN(scores[i])) continue;
            scores[i] = parts.UnjudgedScore;
            filled++;
        }
        return filled;
    }
}
