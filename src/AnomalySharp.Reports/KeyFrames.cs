namespace AnomalySharp.Reports;

/// <summary>Frames of a video that stand for its most abnormal moments.</summary>
public static class KeyFrames
{
    private const int Apart = 10;

    /// <summary>What a report shows of scored data: key frames of videos, of which one says enough of an event; otherwise the highest scores.</summary>
    /// <param name="model">What scored the data.</param>
    /// <param name="data">The data.</param>
    /// <param name="scored">Its scores.</param>
    /// <param name="count">Most positions.</param>
    public static int[] OrMostAnomalous(AnomalyModel model, Dataset data, ScoredSamples scored, int count) =>
        model.Shape.Kind == DataKinds.Video ? Of(scored.Scores, model.SeriesOf(data), count) : scored.MostAnomalous(count);

    /// <summary>
    /// Positions of at most <paramref name="count"/> frames in falling order of score, none within ten frames of a higher one of its series: the frames of an
    /// event are alike, and one of them is enough.
    /// </summary>
    /// <param name="scores">A score for each frame.</param>
    /// <param name="series">Positions of frames, series by series, as <see cref="AnomalyModel.SeriesOf"/> gives them.</param>
    /// <param name="count">Most frames.</param>
    public static int[] Of(ReadOnlyMemory<float> scores, IReadOnlyList<IReadOnlyList<int>> series, int count)
    {
        (int Series, int Place)[] places = new (int, int)[scores.Length];
        for (int s = 0; s < series.Count; s++)
        {
            for (int i = 0; i < series[s].Count; i++) places[series[s][i]] = (s, i);
        }
        List<int> chosen = [];
        foreach (int row in scores.ToArray().Index().OrderByDescending(one => one.Item).Select(one => one.Index))
        {
            if (chosen.Count == count) break;
            (int own, int place) = places[row];
            if (!chosen.Any(other => places[other].Series == own && Math.Abs(places[other].Place - place) < Apart)) chosen.Add(row);
        }
        return [.. chosen];
    }
}
